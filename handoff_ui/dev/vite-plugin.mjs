import { Companion } from './fixtures/companion.mjs';
import { ALL_CASES } from './fixtures/desk-cases.mjs';
import { createHandler } from './fixtures/handler.mjs';

/** `npm run dev`: the page with hot reload over the fixtures. Not part of the build. */
export function fixtures() {
  return {
    name: 'handoff-fixtures',
    apply: 'serve',
    async configureServer(server) {
      if (process.env.VITEST) return;
      server.middlewares.use(createHandler(await Companion.create({ definitions: ALL_CASES })));
    },
  };
}
