import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const text = readFileSync(join(root, 'SECURITY.md'), 'utf8');
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, code: readFileSync(join(root, 'src', name), 'utf8') }));
const holding = (pattern: RegExp): string[] =>
  sources.flatMap(({ name, code }) => (pattern.test(code) ? [name] : []));

it('SECURITY.md names every variable that is read', () => {
  const read = sources.flatMap(({ code }) => [
    ...[...code.matchAll(/\benv\.([A-Z][A-Z0-9_]+)\b/g)].map(([, name]) => name as string),
    ...(code.match(/\b(MLTRACK|MLFLOW_TRACKING)_[A-Z_0-9]*[A-Z]\b/g) ?? []),
  ]);
  expect(read.length).toBeGreaterThan(40);
  const missing = [...new Set(read)].filter((name) => !text.includes(`\`${name}\``));
  expect(missing).toEqual([]);
});

it('SECURITY.md names files that are there', () => {
  const named = [...text.matchAll(/`((?:test|\.ci|docs)\/[\w./-]+)`/g)].map(([, file]) => file as string);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

it('programs are started and servers asked in one place each, and no shell is used', () => {
  expect(holding(/'node:child_process'|'child_process'/)).toEqual(['dialects/tools.ts']);
  expect(holding(/'node:https?'/)).toEqual(['artifacts/http.ts']);
  const others = holding(/\bfetch\(|'node:(net|tls|dgram|http2)'/);
  expect(others.filter((name) => !name.startsWith('dialects/'))).toEqual([]);
  expect(holding(/\bshell: true|\bexecSync\b/)).toEqual([]);
});
