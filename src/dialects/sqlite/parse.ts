import { native } from '../../schema/column-type.js';
import type {
  Check,
  Column,
  ForeignKey,
  PrimaryKey,
  ReferentialAction,
  Table,
  Unique,
} from '../../schema/table.js';
import { Cursor, splitAtCommas } from './cursor.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Parts {
  columns: Mutable<Column>[];
  primaryKey: PrimaryKey | null;
  uniques: Unique[];
  foreignKeys: ForeignKey[];
  checks: Check[];
  lateKey?: true;
}

const tableConstraints = ['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'];
const columnConstraints = [
  ...['CONSTRAINT', 'PRIMARY', 'NOT', 'NULL', 'UNIQUE', 'CHECK', 'DEFAULT', 'COLLATE', 'REFERENCES'],
  ...['GENERATED', 'AS'],
];

/**
 * Reads the text of a CREATE TABLE that SQLite kept (grammar: https://www.sqlite.org/lang_createtable.html).
 * A constraint written beside a column becomes one of the table: the meaning is the same, and a rebuild writes it
 * there. The PRAGMAs do not tell constraint names, checks or collations, so the text is the only source.
 *
 * @throws Error on text that is not understood to its last token.
 */
export function parseCreateTable(sql: string): Table {
  const cursor = new Cursor(sql);
  cursor.expect('CREATE');
  cursor.expect('TABLE');
  let name = cursor.name();
  if (cursor.take('.')) name = cursor.name();
  const parts: Parts = { columns: [], primaryKey: null, uniques: [], foreignKeys: [], checks: [] };
  for (const tokens of splitAtCommas(cursor.group())) {
    const item = new Cursor(sql, tokens);
    const first = item.peek();
    if (first?.kind === 'word' && tableConstraints.includes(first.value)) readTableConstraints(item, parts);
    else readColumn(item, parts);
  }
  const options = cursor.rest().trim();
  return { name, ...parts, indexes: [], triggers: [], ...(options ? { options } : {}) };
}

function readColumn(cursor: Cursor, parts: Parts): void {
  const name = cursor.name();
  const typeTokens = [];
  for (;;) {
    const token = cursor.peek();
    if (!token || (token.kind === 'word' && columnConstraints.includes(token.value))) break;
    if (token.kind === 'punctuation' && token.value === '(') {
      const open = cursor.peek() as typeof token;
      const inside = cursor.group();
      const close = {
        ...open,
        start: (inside.at(-1) ?? open).end,
        end: sqlEnd(cursor, inside.at(-1) ?? open),
      };
      typeTokens.push(open, ...inside, close);
    } else typeTokens.push(cursor.next());
  }
  const column: Mutable<Column> = {
    name,
    type: native(cursor.textOf(typeTokens).replace(/\s+/g, ' ')),
    nullable: true,
    default: null,
    generated: null,
    identity: null,
    collation: null,
  };
  parts.columns.push(column);
  while (!cursor.done) readColumnConstraint(cursor, column, parts);
}

/** The end of the parenthesis that closes after `last`. */
const sqlEnd = (cursor: Cursor, last: { end: number }): number => cursor.sql.indexOf(')', last.end) + 1;

function readColumnConstraint(cursor: Cursor, column: Mutable<Column>, parts: Parts): void {
  const name = cursor.take('CONSTRAINT') ? cursor.name() : null;
  if (cursor.take('PRIMARY', 'KEY')) {
    cursor.take('ASC');
    addPrimaryKey(parts, { name, columns: [column.name], ...conflictClause(cursor) });
    if (cursor.take('AUTOINCREMENT')) column.autoincrement = true;
  } else if (cursor.take('NOT', 'NULL')) {
    column.nullable = false;
    Object.assign(column, conflictClause(cursor));
  } else if (cursor.take('NULL')) {
    column.nullable = true;
  } else if (cursor.take('UNIQUE')) {
    parts.uniques.push({ name, columns: [column.name], ...conflictClause(cursor) });
  } else if (cursor.take('CHECK')) {
    parts.checks.push({ name, expression: cursor.groupText() });
  } else if (cursor.take('DEFAULT')) {
    column.default = { kind: 'native', sql: defaultText(cursor) };
  } else if (cursor.take('COLLATE')) {
    column.collation = cursor.name();
  } else if (cursor.sees('REFERENCES')) {
    parts.foreignKeys.push(readReference(cursor, name, [column.name]));
  } else if (cursor.take('GENERATED', 'ALWAYS', 'AS') || cursor.take('AS')) {
    const expression = cursor.groupText();
    const stored = cursor.take('STORED');
    if (!stored) cursor.take('VIRTUAL');
    column.generated = { expression, stored };
  } else throw new Error(`unknown column constraint at ${cursor.rest()}`);
}

function addPrimaryKey(parts: Parts, primaryKey: PrimaryKey): void {
  parts.primaryKey = primaryKey;
  if (parts.uniques.length > 0) parts.lateKey = true;
}

function defaultText(cursor: Cursor): string {
  if (cursor.sees('(')) return `(${cursor.groupText()})`;
  const sign = cursor.take('-') ? '-' : cursor.take('+') ? '+' : '';
  const token = cursor.next();
  return sign + cursor.sql.slice(token.start, token.end);
}

function conflictClause(cursor: Cursor): { onConflict?: string } {
  return cursor.take('ON', 'CONFLICT') ? { onConflict: cursor.next().value } : {};
}

function readTableConstraints(cursor: Cursor, parts: Parts): void {
  while (!cursor.done) {
    const name = cursor.take('CONSTRAINT') ? cursor.name() : null;
    if (cursor.take('PRIMARY', 'KEY')) {
      const { columns, autoincrement } = keyColumns(cursor);
      addPrimaryKey(parts, { name, columns, ...conflictClause(cursor) });
      const key = parts.columns.find((column) => column.name === columns[0]);
      if (autoincrement && key) key.autoincrement = true;
    } else if (cursor.take('UNIQUE')) {
      parts.uniques.push({ name, columns: keyColumns(cursor).columns, ...conflictClause(cursor) });
    } else if (cursor.take('CHECK')) {
      parts.checks.push({ name, expression: cursor.groupText() });
      conflictClause(cursor);
    } else if (cursor.take('FOREIGN', 'KEY')) {
      parts.foreignKeys.push(readReference(cursor, name, keyColumns(cursor).columns));
    } else throw new Error(`unknown table constraint at ${cursor.rest()}`);
  }
}

function keyColumns(cursor: Cursor): { columns: string[]; autoincrement: boolean } {
  let autoincrement = false;
  const columns = splitAtCommas(cursor.group()).map((tokens) => {
    const part = new Cursor(cursor.sql, tokens);
    const name = part.name();
    part.take('ASC');
    if (part.take('AUTOINCREMENT')) autoincrement = true;
    if (!part.done) throw new Error(`unknown key column at ${part.rest()}`);
    return name;
  });
  return { columns, autoincrement };
}

function readReference(cursor: Cursor, name: string | null, columns: readonly string[]): ForeignKey {
  cursor.expect('REFERENCES');
  const refTable = cursor.name();
  const refColumns = cursor.sees('(') ? keyColumns(cursor).columns : [];
  const actions: { onDelete: ReferentialAction | null; onUpdate: ReferentialAction | null } = {
    onDelete: null,
    onUpdate: null,
  };
  const suffix: string[] = [];
  for (;;) {
    if (cursor.take('ON', 'DELETE')) actions.onDelete = readAction(cursor);
    else if (cursor.take('ON', 'UPDATE')) actions.onUpdate = readAction(cursor);
    else if (cursor.take('MATCH')) suffix.push('MATCH', cursor.name());
    else if (cursor.take('NOT', 'DEFERRABLE')) suffix.push('NOT DEFERRABLE');
    else if (cursor.take('DEFERRABLE')) suffix.push('DEFERRABLE');
    else if (cursor.take('INITIALLY')) suffix.push('INITIALLY', cursor.next().value);
    else break;
  }
  return {
    name,
    columns,
    refTable,
    refColumns,
    ...actions,
    ...(suffix.length ? { suffix: suffix.join(' ') } : {}),
  };
}

function readAction(cursor: Cursor): ReferentialAction | null {
  if (cursor.take('CASCADE')) return 'CASCADE';
  if (cursor.take('RESTRICT')) return 'RESTRICT';
  if (cursor.take('SET', 'NULL')) return 'SET NULL';
  if (cursor.take('SET', 'DEFAULT')) return 'SET DEFAULT';
  cursor.expect('NO', 'ACTION');
  return null;
}
