import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
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

/** The same of what stands directly in `folder`: a folder in it is one room, a file is one too. */
function roomsIn(folder: string, imports: Map<string, string[]>): Map<string, string[]> {
  const roomOf = (file: string): string => join(folder, relative(folder, file).split(sep)[0] as string);
  const rooms = new Map<string, string[]>();
  for (const [file, names] of imports) {
    const others = names.filter((name) => imports.has(name) && roomOf(name) !== roomOf(file)).map(roomOf);
    rooms.set(roomOf(file), [...(rooms.get(roomOf(file)) ?? []), ...others]);
  }
  return rooms;
}

describe('imports lead downwards', () => {
  it('no module needs itself, over whatever others', () => {
    const imports = importsIn(SRC);
    expect(imports.size).toBeGreaterThan(100);
    expect(inCircles(imports)).toEqual([]);
  });
  it('no folder of a case, and no view, needs itself over others', () => {
    for (const whole of ['views', 'views/case']) {
      const rooms = roomsIn(join(SRC, whole), importsIn(join(SRC, whole)));
      expect(rooms.size).toBeGreaterThan(5);
      expect(inCircles(rooms)).toEqual([]);
    }
  });
});
