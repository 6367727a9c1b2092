import type { Compared, Equivalence, TypeFacet } from '../../schema/equivalence.js';
import type { Column, Table } from '../../schema/table.js';
import { plainCondition } from '../alternatives.js';
import { isOwnCheck } from '../boolean-check.js';
import { typeFacetOf } from '../type-facet.js';
import type { Flavour } from './flavour.js';
import { plainSql, sameDefault, sameTrigger } from './same.js';
import { exact, isExact, typeText } from './types.js';

const plain = (expression: string): string => plainCondition(plainSql(expression));

const sameExpression = (a: string, b: string): boolean => plain(a) === plain(b);

/** What counts as the same in MySQL and in MariaDB. */
export function sameOn(flavour: Flavour): Equivalence {
  const isBoolean = (column: Column): boolean => typeText(column.type, flavour) === 'tinyint(1)';
  return {
    typeFacet: (wanted, found, tables) => {
      const [a, b] = [typeText(wanted.type, flavour), typeText(found.type, flavour)];
      // TEXT and its kin are one type of four lengths (https://dev.mysql.com/doc/refman/9.4/en/blob.html).
      if (a !== b && [a, b].every((text) => /^(tiny|medium|long)?text$/.test(text))) return 'length';
      return typeFacetOf(a, b) ?? collationFacet(wanted, found, tables);
    },
    sameDefault: (wanted, found) => sameDefault(wanted.default, found),
    sameIdentity: (wanted, found) => (wanted.identity === null) === (found.identity === null),
    sameGenerated: (wanted, found) => plain(wanted.expression) === plain(found.expression),
    asHere: (table) => asHere(table, flavour),
    sameExpression,
    sameTrigger,
    sameName: (a, b) => a.toLowerCase() === b.toLowerCase(),
    tolerates: (difference, tables) => isOwnCheck(difference, tables, isBoolean, sameExpression),
  };
}

/**
 * Only what differs from its table has a collation here, so that a database may have whichever its owner gave it:
 * MLflow asks for one where case matters. In a database of that very collation such a column says nothing either.
 */
function collationFacet(wanted: Column, found: Column, tables: Compared): TypeFacet | null {
  // MariaDB's JSON is LONGTEXT COLLATE utf8mb4_bin (https://mariadb.com/kb/en/json-data-type/).
  if (wanted.type.kind === 'json') return null;
  const own = ({ type, collation }: Column): string | null => (isExact(type) ? exact.collation : collation);
  const [a, b] = [own(wanted), own(found)];
  const inherited = tables.found.collation ?? null;
  return a === b || (a ?? tables.wanted.collation ?? inherited) === (b ?? inherited) ? null : 'collation';
}

/**
 * INCLUDE and WHERE are PostgreSQL's. MariaDB adds CHECK (json_valid(…)) to a JSON column by itself
 * (https://mariadb.com/kb/en/json-data-type/).
 */
function asHere(table: Table, flavour: Flavour): Table {
  const indexes = table.indexes.map((index) => ({ ...index, include: [], where: null }));
  const json = flavour === 'mariadb' ? table.columns.filter(({ type }) => type.kind === 'json') : [];
  const checks = json
    .filter(({ name }) => !table.checks.some(({ ofColumn }) => ofColumn === name))
    .map(({ name }) => ({ name, expression: `json_valid(${name})`, ofColumn: name }));
  return { ...table, indexes, checks: [...table.checks, ...checks] };
}
