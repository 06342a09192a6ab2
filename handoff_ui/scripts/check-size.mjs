// The script of the approver's page has at most 60 kB gzipped (R-UI-02), and the page asks for nothing from elsewhere.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 60_000;
const dist = new URL('../dist/', import.meta.url);
const assets = readdirSync(new URL('assets/', dist));
const bytesOf = (name) => gzipSync(readFileSync(new URL(`assets/${name}`, dist)), { level: 9 }).length;
const script = assets.filter((name) => name.endsWith('.js')).reduce((sum, name) => sum + bytesOf(name), 0);
const style = assets.filter((name) => name.endsWith('.css')).reduce((sum, name) => sum + bytesOf(name), 0);
console.log(`script ${script} bytes gzipped (limit ${LIMIT_BYTES}), style ${style}`);

const html = readFileSync(new URL('index.html', dist), 'utf8');
const faults = [
  script > LIMIT_BYTES && 'The script is too large.',
  /(src|href)="(?!\.\/)/.test(html) && 'index.html names an address that is not relative.',
  /<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=/.test(html) && 'index.html has inline script or style.',
  assets.some((name) => !/-[\w-]{8}\.\w+$/.test(name)) && 'An asset has no hash in its name.',
].filter(Boolean);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
