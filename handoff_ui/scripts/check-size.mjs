// What an approver's inbox and case load has at most 60 kB of script gzipped (R-UI-02), what other views add is loaded
// only with them, and the page asks for nothing from elsewhere.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 60_000;
const LATER_LIMIT_BYTES = 30_000;
const dist = new URL('../dist/', import.meta.url);
const html = readFileSync(new URL('index.html', dist), 'utf8');
const assets = readdirSync(new URL('assets/', dist));
const bytesOf = (names) =>
  names.reduce((sum, name) => sum + gzipSync(readFileSync(new URL(`assets/${name}`, dist)), { level: 9 }).length, 0);
// What index.html names is loaded at once; everything else by the view that needs it.
const [atOnce, later] = [true, false].map((named) => assets.filter((name) => html.includes(name) === named));
const scripts = (names) => names.filter((name) => name.endsWith('.js'));
const styles = (names) => names.filter((name) => name.endsWith('.css'));
/** What the inbox and a case fetch as soon as they are opened. */
const APPROVERS = ['lists', 'row-words', 'guided'];
const fetched = APPROVERS.map((view) => scripts(later).find((name) => name.replace(/-[\w-]{8}\.js$/, '') === view));
const textOf = (name) => readFileSync(new URL(`assets/${name}`, dist), 'utf8');
const importsOf = (name) => [...textOf(name).matchAll(/(?:from|import)"\.\/([\w-]+\.js)"/g)].map(([, found]) => found);
const counted = new Set(scripts(atOnce));
for (const name of fetched) {
  if (name !== undefined) for (const each of [name, ...importsOf(name)]) counted.add(each);
}
const script = bytesOf([...counted]);
console.log(
  `script of inbox and case ${script} bytes gzipped (limit ${LIMIT_BYTES}), style ${bytesOf(styles(atOnce))}`,
);
for (const name of scripts(later)) console.log(`later: ${name} ${bytesOf([name])} (limit ${LATER_LIMIT_BYTES})`);
for (const name of styles(later)) console.log(`later: ${name} ${bytesOf([name])}`);

const faults = [
  script > LIMIT_BYTES && 'The script is too large.',
  fetched.includes(undefined) && 'A part of the inbox or of a case is not found by its name.',
  scripts(later).some((name) => bytesOf([name]) > LATER_LIMIT_BYTES) && 'A view that is loaded later is too large.',
  /(src|href)="(?!\.\/)/.test(html) && 'index.html names an address that is not relative.',
  /<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=/.test(html) && 'index.html has inline script or style.',
  assets.some((name) => !/-[\w-]{8}\.\w+$/.test(name)) && 'An asset has no hash in its name.',
].filter(Boolean);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
