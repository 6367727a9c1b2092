import { counts } from '../../schema/diff-column.js';
import type { Equivalence } from '../../schema/equivalence.js';
import type { Column, Trigger } from '../../schema/table.js';
import { plainCondition } from '../alternatives.js';
import { bareSql } from '../same.js';
import { typeFacetOf } from '../type-facet.js';
import { renderDefault, renderTrigger } from './render.js';
import { typeText } from './types.js';

/** pg_get_expr writes the casts down that the parser put in, and a restored dump has them elsewhere. */
const withoutCasts = (sql: string): string =>
  sql.replace(
    /::(?:character varying|double precision|timestamp with(?:out)? time zone|"?\w+"?)(?:\(\d+\))?(?:\[\])?/g,
    '',
  );

const plain = (expression: string): string => plainCondition(bareSql(withoutCasts(expression)));

/** The trigger without its schema and with the function it calls, both as bare text. */
function plainTrigger(trigger: Trigger, table: string): string {
  const [made, body] =
    trigger.kind === 'native'
      ? [trigger.sql, trigger.body ?? '']
      : [renderTrigger(table, trigger)[1] ?? '', bodyOf(renderTrigger(table, trigger)[0] ?? '')];
  return bareSql(`${made.replace(/\b(ON|FUNCTION|PROCEDURE) (?:"[^"]+"|\w+)\./g, '$1 ')} ${body}`);
}

const bodyOf = (statement: string): string => statement.split('$$')[1] ?? '';

/** The server casts a quoted default to the type of its column: `'0'` of a boolean is told as false, of an integer as 0. */
function defaultText(column: Column): string | null {
  if (column.default === null) return null;
  const text = plain(renderDefault(column.default));
  const bare =
    /^'-?[\d.]+'$/.test(text) && !/char|text/.test(typeText(column.type)) ? text.slice(1, -1) : text;
  if (typeText(column.type) !== 'boolean') return bare;
  return bare === '0' ? 'false' : bare === '1' ? 'true' : bare;
}

/** What counts as the same in PostgreSQL. */
export const same: Equivalence = {
  typeFacet: (wanted, found) =>
    typeFacetOf(typeText(wanted.type), typeText(found.type)) ??
    (wanted.collation === found.collation ? null : 'collation'),
  sameDefault: (wanted, found) => defaultText(wanted) === defaultText(found),
  sameIdentity: (wanted, found) => counts(wanted) === counts(found),
  sameGenerated: (wanted, found) => plain(wanted.expression) === plain(found.expression),
  // Prefix lengths are MySQL's (mysql_length).
  asHere: (table) => ({
    ...table,
    indexes: table.indexes.map((index) => ({
      ...index,
      columns: index.columns.map((part) => ({ ...part, length: null })),
    })),
  }),
  sameExpression: (a, b) => plain(a) === plain(b),
  sameTrigger: (found, wanted, table) => plainTrigger(found, table) === plainTrigger(wanted, table),
  sameName: (a, b) => a === b,
  tolerates: () => false,
};
