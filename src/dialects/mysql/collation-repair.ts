import { type Column, columnOf, foreignKeysOn, type Schema, type Table } from '../../schema/table.js';
import type { Statement } from '../dialect.js';
import type { Flavour } from './flavour.js';
import { quote } from './quote.js';
import { renderColumn, renderForeignKey } from './render.js';
import { charsetOf, isExact } from './types.js';

interface Around {
  readonly expected: Schema;
  readonly live: Schema;
  readonly flavour: Flavour;
  /** Tables that are repaired after this one. */
  readonly later: ReadonlySet<string>;
}

/**
 * Gives a table another collation: each column that follows its table, in one ALTER. CONVERT TO would take the columns
 * along that are utf8mb4_bin on purpose, and make TEXT a MEDIUMTEXT. MySQL changes a column of a foreign key only
 * while keys are not checked; MariaDB never does (errors 1832 and 1833), so that there the key goes, and comes back
 * with the last of its two tables.
 */
export function collationRepair(name: string, collation: string, around: Around): Statement[] {
  const { live, expected, flavour, later } = around;
  const table = live.get(name) as Table;
  const changed = table.columns.filter((column) => follows(column, table, expected.get(name)));
  const names = new Set(changed.map((column) => column.name));
  const keys = flavour === 'mariadb' ? foreignKeysOn(live, name, (column) => names.has(column)) : [];
  const words = [
    `DEFAULT CHARACTER SET ${charsetOf(collation)} COLLATE ${collation}`,
    ...changed.map((column) => `MODIFY COLUMN ${renderColumn({ ...column, collation }, flavour)}`),
  ];
  const plain = (sql: string, title: string, of = name): Statement => ({ sql, table: of, title });
  return [
    plain('SET SESSION foreign_key_checks = 0', 'let foreign keys be'),
    ...keys.map(({ owner, key }) =>
      plain(
        `ALTER TABLE ${quote(owner)} DROP FOREIGN KEY IF EXISTS ${quote(key.name ?? '')}`,
        `drop foreign key ${key.name}`,
        owner,
      ),
    ),
    {
      ...plain(`ALTER TABLE ${quote(name)} ${words.join(', ')}`, `set the collation of ${name}`),
      scans: true,
    },
    ...keys
      .filter(({ owner, key }) => ![owner, key.refTable].some((end) => end !== name && later.has(end)))
      .map(({ owner, key }) =>
        plain(
          `ALTER TABLE ${quote(owner)} ADD ${renderForeignKey(key, owner)}`,
          `make foreign key ${key.name} again`,
          owner,
        ),
      ),
    plain('SET SESSION foreign_key_checks = 1', 'check foreign keys'),
  ];
}

/** Whether a column has its table's collation, and not one of its own. */
function follows(column: Column, table: Table, wanted: Table | undefined): boolean {
  const type = wanted && columnOf(wanted, column.name)?.type;
  return (
    column.collation === null &&
    // In a table of utf8mb4_bin such a column has no collation of its own to tell.
    !(type && isExact(type)) &&
    column.type.kind === 'native' &&
    /^(char|varchar|(tiny|medium|long)?text|enum|set)\b/i.test(column.type.text) &&
    // MariaDB's JSON, whose collation is its own.
    !table.checks.some((check) => check.ofColumn === column.name && /^json_valid/i.test(check.expression))
  );
}
