import { defineConfig } from 'vitest/config';
import { fixtures } from './dev/vite-plugin.mjs';

// `base: './'` keeps every asset path relative, so that the page works under any sub-path.
// No module-preload polyfill: it would be an extra script, and every browser that has our other needs has preload.
export default defineConfig({
  base: './',
  plugins: [fixtures()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // What every view needs is one file: in many small ones it weighs a seventh more once compressed.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'index', test: /\/src\/main\.tsx$/ }] } },
    },
  },
  test: {
    reporters: ['default', './tests/unsteady.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: ['src/**/*.test.ts'], environment: 'node' } },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          environment: 'node',
          testTimeout: 60_000,
          // As long as Playwright waits (tests/browser/world.ts): a busy machine needs more than vitest's one second.
          expect: { poll: { timeout: 10_000 } },
          // A race that shows once in many runs stops nobody else; whoever meets it is told (tests/unsteady.ts), and mends it.
          retry: 1,
          hookTimeout: 120_000,
          // Beside these run the tests of n8n: with a second file at a time both take longer than they do so.
          fileParallelism: false,
          globalSetup: 'tests/browser/own-page.ts',
        },
      },
    ],
  },
});
