import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('.', import.meta.url));
const IMPORT = /(?:from |import\(|import )'(\.[^']+)'/g;

/** Module → the modules that it names, types and parts that are loaded later included. */
function importsIn(folder: string): Map<string, string[]> {
  const modules = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'))
    .map((name) => join(folder, name));
  const named = (from: string, path: string): string[] =>
    ['.ts', '.tsx'].map((ending) => join(dirname(from), path) + ending).filter((file) => existsSync(file));
  return new Map(
    modules.map((file) => [
      file,
      [...readFileSync(file, 'utf8').matchAll(IMPORT)].flatMap(([, path = '']) => named(file, path)),
    ]),
  );
}

/** What is left once everything was taken away that only names what was taken away already. */
function inCircles(imports: Map<string, string[]>): string[] {
  const left = new Map(imports);
  for (let taken = true; taken;) {
    taken = false;
    for (const [file, names] of left) {
      if (!names.some((name) => left.has(name))) taken = left.delete(file);
    }
  }
  // Likewise from above: what nobody in a circle names only leads to one.
  for (let taken = true; taken;) {
    taken = false;
    const named = new Set([...left.values()].flat());
    for (const file of left.keys()) if (!named.has(file)) taken = left.delete(file);
  }
  return [...left.keys()].map((file) => file.slice(SRC.length));
}

describe('imports lead downwards', () => {
  it('no module needs itself, over whatever others', () => {
    const imports = importsIn(SRC);
    expect(imports.size).toBeGreaterThan(100);
    expect(inCircles(imports)).toEqual([]);
  });
});
