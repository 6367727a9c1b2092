import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { parsedAsYaml } from '../../src/core/gc/file-store-meta.js';
import { plainFields } from '../../src/core/gc/file-store-meta-plain.js';
import { treeOf, unpack } from './file-store-world.js';

it('reads what MLflow wrote as the parser does', async () => {
  const { base } = unpack();
  const metas = Object.entries(treeOf(base)).filter(([name]) => name.endsWith('/meta.yaml'));
  rmSync(dirname(base), { recursive: true });
  let plain = 0;
  for (const [name, text] of metas) {
    const fields = plainFields(text);
    if (fields === null) continue;
    plain++;
    expect({ fields }, name).toEqual(await parsedAsYaml(text));
  }
  // All but those whose name MLflow had to write as "\xDC…", or that hold a list.
  expect(metas.length).toBeGreaterThan(20);
  expect(plain).toBeGreaterThan(metas.length * 0.8);
});

const words = [
  ...[
    "''",
    "'it'",
    "''''",
    "'a''b'",
    '"q"',
    '~',
    'null',
    'Null',
    'nul',
    'true',
    '0',
    '1e5',
    '0x1f',
    '-1',
    '=',
    '.',
    '...',
  ],
  ...[
    'a b',
    'a: b',
    'a:b',
    'a:',
    ':a',
    'a :b',
    'a #b',
    'a#b',
    '#a',
    '&a',
    '*a',
    '!a b',
    '!!str a',
    '|',
    '>',
    '%a',
    '@a',
  ],
  ...[
    'a%b',
    'a@b',
    'a=b',
    '[]',
    '[a]',
    '{}',
    '{a: b}',
    'a, b',
    "a'b",
    'a"b',
    '/x/y z',
    'file:///a%20b',
    '- a',
    '? a',
    'ü',
  ],
  ...['a  b', 'a b ', ' a', '', 'a\n  b', 'a\tb', "'a'  ", "'a' # b", 'a\r', 'a ~', 'a -b'],
];
it.each(words)('does not read %j otherwise than the parser', async (word) => {
  for (const text of [`k: ${word}\nl: 1\n`, `k: 1\nl: ${word}`]) {
    const fields = plainFields(text);
    if (fields !== null) expect({ fields }).toEqual(await parsedAsYaml(text));
  }
  // One that is there twice is the parser's.
  expect(plainFields(`k: 1\nk: ${word}\n`)).toBeNull();
});
