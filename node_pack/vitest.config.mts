import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

const { resolve } = createRequire(import.meta.url);

export default defineConfig({
	resolve: {
		// The build that n8n itself loads; the other one is plain ESM in a package that does not say so.
		alias: { 'n8n-workflow': resolve('n8n-workflow') },
	},
	// Some wait out the node's own pauses between tries; on a busy machine the usual 5 s are not enough for them.
	test: { include: ['nodes/**/*.test.ts'], testTimeout: 30_000 },
});
