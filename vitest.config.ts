import { defineConfig } from 'vitest/config'

// Where a machine wants the result; `.ci/run` counts from it.
const report = process.env['FRAMERING_TEST_REPORT']

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/plain-environment.ts'],
    // Rings, readers and counts of buffers are per process: tests of one must not see another's.
    pool: 'forks',
    testTimeout: 30_000,
    execArgv: ['--expose-gc'],
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report !== undefined && { outputFile: { json: report } }),
  },
})
