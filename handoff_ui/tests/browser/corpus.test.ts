/** The page's verifier as it runs in the browser, over the corpus that the companion's is held to (security row J10). */
import { chromium, type Browser } from 'playwright-core';
import { build } from 'vite';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import corpus from '../../../tests/corpora/tokens.json';

const ENTRY = fileURLToPath(new URL('./corpus-entry.ts', import.meta.url));

let browser: Browser;
let server: Server;
beforeAll(async () => {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: 'es2022', lib: { entry: ENTRY, formats: ['es'], fileName: 'verifier' } },
  });
  const [output] = [built].flat() as { output: { code?: string }[] }[];
  const script = output?.output.map(({ code }) => code ?? '').join('\n') ?? '';
  server = createServer((request, response) => {
    const isScript = request.url === '/verifier.js';
    response.writeHead(200, { 'Content-Type': isScript ? 'text/javascript' : 'text/html' });
    response.end(
      isScript ? script : '<!doctype html><title>Corpus</title><script type="module" src="verifier.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
});
afterAll(async () => {
  await browser.close();
  server.close();
});

it('J10: Chromium’s WebCrypto gives every answer of the corpus', async () => {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => 'verdicts' in window);
  const found = await page.evaluate(
    (given) => (window as unknown as { verdicts: (corpus: unknown) => Promise<string[]> }).verdicts(given),
    corpus as unknown as Record<string, never>,
  );
  const wanted = corpus.cases.map(({ row, name, verdict, reads }) => `${row} ${name}: ${reads ?? verdict}`);
  expect(found).toEqual(wanted);
});
