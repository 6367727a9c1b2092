import { expect, it } from 'vitest';
import { languageOf } from '../../../src/dialects/mysql/compile.js';
import { applyAll } from '../../../src/schema/apply.js';
import {
  createIndex,
  createTable,
  dropIndex,
  index,
  type Operation,
  required,
  string,
  table,
} from '../../../src/schema/index.js';

const { traits, compile } = languageOf('mysql');
const t = table('t', {
  columns: [required('id', string(9)), required('n', string(9))],
  primaryKey: ['t_pk', ['id']],
});
const old = createIndex('t', index('old', ['n']));
const sqlOf = (found: Operation[], ...operations: Operation[]) =>
  compile(operations, applyAll(new Map(), [createTable(t), ...found], traits)).map(({ sql }) => sql);

it('gives an index another name where it is the same and alone', () => {
  expect(sqlOf([old], dropIndex('t', 'old'), createIndex('t', index('now', ['n'])))).toEqual([
    'ALTER TABLE `t` RENAME INDEX `old` TO `now`',
  ]);
});

it.each([
  ['has other columns', [old], index('now', ['n', 'id'])],
  ['would come after another', [old, createIndex('t', index('other', ['id', 'n']))], index('now', ['n'])],
  ['is unique now', [old], index('now', ['n'], { unique: true })],
])('makes one that %s', (_, found, now) => {
  const [sql] = sqlOf(found, dropIndex('t', 'old'), createIndex('t', now));
  expect(sql).toContain('DROP INDEX `old`, ADD ');
});
