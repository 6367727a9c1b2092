import type { Operation } from '../../schema/operation.js';
import { type Column, columnOf, type Table } from '../../schema/table.js';
import { literalText, quote } from './quote.js';
import { renderDefault } from './render.js';
import { typeText } from './types.js';

type AlterColumn = Extract<Operation, { kind: 'alterColumn' }>;

/**
 * A column as a repair puts it right. A default is gone while the type changes, because PostgreSQL would have to
 * convert it too (ALTER TABLE, "SET DATA TYPE").
 */
export function alterExactly({ column: name, change }: AlterColumn, table: Table): string[] {
  const old = columnOf(table, name) as Column;
  const next: Column = { ...old, ...change };
  const at = `ALTER TABLE ${quote(table.name)} ALTER COLUMN ${quote(name)}`;
  const retyped = typeText(old.type) !== typeText(next.type) || old.collation !== next.collation;
  const defaultChanges = JSON.stringify(old.default) !== JSON.stringify(next.default);
  return [
    ...(old.generated && !next.generated ? [`${at} DROP EXPRESSION`] : []),
    ...(old.default && (retyped || defaultChanges) ? [`${at} DROP DEFAULT`] : []),
    ...(retyped ? [`${at} TYPE ${typeText(next.type)}${collation(old, next)}${using(old, next)}`] : []),
    ...(next.default && (retyped || defaultChanges)
      ? [`${at} SET DEFAULT ${renderDefault(next.default)}`]
      : []),
    ...(old.nullable === next.nullable ? [] : [`${at} ${next.nullable ? 'DROP' : 'SET'} NOT NULL`]),
    ...(old.identity === next.identity ? [] : identity(old, next, table.name)),
  ];
}

const isText = (column: Column): boolean => /char|text/.test(typeText(column.type));

const collation = (old: Column, next: Column): string =>
  old.collation !== next.collation && isText(next)
    ? ` COLLATE ${next.collation === null ? 'pg_catalog."default"' : quote(next.collation)}`
    : '';

/**
 * Text takes everything by assignment, and numbers take each other; everything else has to be cast
 * (https://www.postgresql.org/docs/current/typeconv-query.html). A cast to varchar(n) would cut what is too long.
 */
function using(old: Column, next: Column): string {
  const [from, to] = [typeText(old.type), typeText(next.type)];
  const isNumber = (type: string): boolean => /int|double|real|numeric/.test(type);
  if (from === to || isText(next) || (isNumber(from) && isNumber(to))) return '';
  const name = quote(old.name);
  // boolean casts from and to integer alone.
  if (from === 'boolean' || to === 'boolean') return ` USING ${name}::integer::${to}`;
  return ` USING ${name}::${to}`;
}

/** A column that counts goes on after its greatest value. */
function identity(old: Column, next: Column, table: string): string[] {
  const at = `ALTER TABLE ${quote(table)} ALTER COLUMN ${quote(next.name)}`;
  const [tableText, columnText] = [literalText(quote(table)), literalText(next.name)];
  const goOn = `SELECT setval(pg_get_serial_sequence(${tableText}, ${columnText}), COALESCE(max(${quote(next.name)}), 1), max(${quote(next.name)}) IS NOT NULL) FROM ${quote(table)}`;
  const sequence = quote(`${table}_${next.name}_seq`);
  if (next.identity === null)
    return old.identity === 'ALWAYS' || old.identity === 'BY DEFAULT' ? [`${at} DROP IDENTITY`] : [];
  if (next.identity === 'SERIAL')
    return [
      `CREATE SEQUENCE IF NOT EXISTS ${sequence} AS ${typeText(next.type)}`,
      `ALTER SEQUENCE ${sequence} OWNED BY ${quote(table)}.${quote(next.name)}`,
      goOn,
      `${at} SET DEFAULT nextval(${literalText(sequence)}::regclass)`,
    ];
  return [`${at} ADD GENERATED ${next.identity === 'ALWAYS' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`, goOn];
}
