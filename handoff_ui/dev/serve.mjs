// Serves the built page over the fixtures, with the headers of the companion: `node dev/serve.mjs [port]`.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Companion } from './fixtures/companion.mjs';
import { ALL_CASES } from './fixtures/desk-cases.mjs';
import { createHandler } from './fixtures/handler.mjs';

const DIST = process.env.HANDOFF_PAGE_DIR ?? fileURLToPath(new URL('../dist/', import.meta.url));
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

// As companion/web/headers.py has it.
const PAGE_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";

/**
 * Listens on `port` (0: any) under `prefix`, which stands for a reverse proxy's sub-path. Without `csp` the page stands
 * alone, as where something between strips the header.
 */
export async function serve({ port = 0, prefix = '', companion, csp = true }) {
  const handle = createHandler(companion);
  const server = createServer((request, response) => {
    if (!request.url.startsWith(`${prefix}/`)) return response.writeHead(404).end();
    request.url = request.url.slice(prefix.length);
    return handle(request, response, () => sendFile(request, response, csp));
  });
  // Node ends a connection after five idle seconds: a request that comes in that very moment would find it broken.
  server.keepAliveTimeout = 0;
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${server.address().port}${prefix}/` };
}

async function sendFile(request, response, csp) {
  const path = normalize(new URL(request.url, 'http://x').pathname);
  try {
    const name = path === '/' ? 'index.html' : path;
    const bytes = await readFile(join(DIST, name));
    response.writeHead(200, {
      'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
      ...(csp && { 'Content-Security-Policy': PAGE_CSP }),
      'Content-Encoding': 'gzip',
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    });
    response.end(gzipSync(bytes));
  } catch {
    response.writeHead(404).end();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serve({
    port: Number(process.argv[2] ?? 4180),
    companion: await Companion.create({ definitions: ALL_CASES }),
  });
  console.log(`The page over fixtures: ${url}#/inbox`);
}
