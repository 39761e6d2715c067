import js from '@eslint/js'
import tseslint from 'typescript-eslint'

// Which folder of src/ may import which: each only those before it. The order is the architecture.
const layers = [
  ['errors'],
  ['options'],
  ['peers'],
  ['process'],
  ['child'],
  ['http'],
  ['native'],
  ['transport'],
  ['ndarray'],
  ['segment'],
  ['shared-array', 'sharedmem', 'shared-memory', 'semaphore', 'struct'],
  ['format'],
  ['ring'],
  ['frames'],
  ['inspect'],
  ['metrics'],
  ['convert'],
  ['sources', 'sinks', 'testing'],
  ['view'],
  ['cli'],
]

const order = layers.flatMap((folders, i) =>
  folders.map((folder) => ({
    files: [`src/${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [
                ...layers
                  .slice(i)
                  .flat()
                  .filter((other) => other !== folder)
                  .map((other) => `../${other}/*`),
                '../index.ts',
                'framering',
                'framering/*',
              ],
              message: `src/${folder} may only import the layers below it: see eslint.config.js`,
            },
          ],
        },
      ],
    },
  })),
)

export default tseslint.config(
  { ignores: ['dist/', 'native/build*/', 'build/', 'coverage/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // An index that the surrounding loop has checked is clearer with `!` than with a dead branch.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        setImmediate: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        WebAssembly: 'readonly',
        performance: 'readonly',
        structuredClone: 'readonly',
        gc: 'readonly',
      },
    },
  },
  ...order,
)
