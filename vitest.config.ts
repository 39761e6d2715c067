import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Rings, readers and counts of buffers are per process: tests of one must not see another's.
    pool: 'forks',
    testTimeout: 30_000,
    execArgv: ['--expose-gc'],
  },
})
