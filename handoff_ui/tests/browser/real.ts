/** The companion as people run it, on a folder of its own, serving the built page; and the people who use it. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const HANDOFF = process.env.HANDOFF ?? fileURLToPath(new URL('../../../.venv/bin/handoff', import.meta.url));
const PAGE = process.env.HANDOFF_PAGE_DIR ?? fileURLToPath(new URL('../../dist', import.meta.url));
const START_MS = 90_000;
const run = promisify(execFile);

export interface Real {
  url: string;
  /** A request of the automation; refused ones throw. */
  send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<never>;
  /** Somebody with these roles: their enrolment link, and a token with which a script acts for them. */
  person: (name: string, ...roles: string[]) => Promise<{ enrolUrl: string; token: string }>;
  close: () => Promise<void>;
}

export async function createReal(): Promise<Real> {
  const folder = await mkdtemp(join(tmpdir(), 'ho-'));
  const data = join(folder, 'd');
  const port = await freePort();
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('HANDOFF_'));
  const environment = { ...Object.fromEntries(own), HANDOFF_PAGE_DIR: PAGE };
  const companion = spawn(HANDOFF, ['up', '--data', data, '--port', String(port), '--json'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => companion.once('exit', () => resolve()));
  const announced = await new Promise<{ url: string; api_key: string }>((resolve, reject) => {
    let text = '';
    setTimeout(() => reject(new Error(`The companion was not ready within ${START_MS} ms.`)), START_MS).unref();
    companion.once('error', reject);
    companion.once('exit', (code) => reject(new Error(`The companion ended with ${code}.`)));
    companion.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(JSON.parse(text) as never);
    });
  });
  const { url, api_key } = announced;

  const command = async (...parts: string[]): Promise<Record<string, string>> => {
    const { stdout } = await run(HANDOFF, [...parts, '--data', data, '--json'], { env: environment });
    return JSON.parse(stdout) as Record<string, string>;
  };
  const send: Real['send'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${api_key}`, 'Content-Type': 'application/json', ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as never;
  };
  const person: Real['person'] = async (name, ...roles) => {
    const email = `${name.split(' ')[0]?.toLowerCase()}@team.example`;
    const made = await command('reviewer', 'add', name, '--email', email, ...roles.flatMap((role) => ['--role', role]));
    const { token } = await command('token', 'create', '--reviewer', made.id as string);
    return { enrolUrl: made.enrol_url as string, token: token as string };
  };
  const close = async (): Promise<void> => {
    companion.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { url, send, person, close };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
