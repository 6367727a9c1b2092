import type { Check, ForeignKey } from '../../schema/table.js';
import type { Found, Query } from './introspect.js';
import { action } from './introspect-keys.js';
import { quote } from './quote.js';

/**
 * MariaDB hides constraints in information_schema from who may only SELECT ("Tables the user has no privileges on
 * other than SELECT are left out" of TABLE_CONSTRAINTS and REFERENTIAL_CONSTRAINTS), and tells all of them in
 * SHOW CREATE TABLE. A table without any constraint in information_schema is asked so; one that has none in truth too.
 */
export async function readShown(session: Query, schema: Found): Promise<void> {
  if (session.flavour !== 'mariadb') return;
  const rows = await session.query<{ tbl: string }>(
    `SELECT DISTINCT TABLE_NAME AS tbl FROM information_schema.TABLE_CONSTRAINTS
     WHERE TABLE_SCHEMA = DATABASE() AND CONSTRAINT_TYPE <> 'CHECK'`,
  );
  const told = new Set(rows.map(({ tbl }) => tbl));
  for (const table of schema.values()) {
    if (told.has(table.name)) continue;
    // Refused to who may read some columns only: such a table is told as not checked.
    const [shown] = await session.query(`SHOW CREATE TABLE ${quote(table.name)}`).catch(() => []);
    if (!shown) continue;
    const { foreignKeys, checks } = partsOf(String(shown['Create Table'] ?? ''));
    table.foreignKeys = foreignKeys;
    table.checks = checks;
  }
}

const name = '`(?:[^`]|``)+`';
const list = `${name}(?:,\\s*${name})*`;
const foreignKey = new RegExp(
  `^CONSTRAINT (?<own>${name}) FOREIGN KEY \\((?<columns>${list})\\) REFERENCES (?<target>(?:${name}\\.)?${name}) \\((?<refs>${list})\\)(?<rest>.*)$`,
);
const tableCheck = new RegExp(`^CONSTRAINT (?<own>${name}) CHECK \\((?<expression>.*)\\)$`);
const columnStart = new RegExp(`^(?<own>${name}) `);

const namesIn = (text = ''): string[] =>
  [...text.matchAll(new RegExp(name, 'g'))].map(([quoted]) => quoted.slice(1, -1).replaceAll('``', '`'));
const nameIn = (text = ''): string => namesIn(text).at(-1) ?? '';

/** Foreign keys and checks of a text that SHOW CREATE TABLE gave: a part a line. */
export function partsOf(text: string): { foreignKeys: ForeignKey[]; checks: Check[] } {
  const foreignKeys: ForeignKey[] = [];
  const checks: Check[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trim().replace(/,$/, '');
    const key = foreignKey.exec(line)?.groups;
    const check = tableCheck.exec(line)?.groups;
    const column = columnStart.exec(line)?.groups;
    if (key) foreignKeys.push(keyOf(key));
    else if (check) checks.push({ name: nameIn(check.own), expression: check.expression ?? '' });
    else if (column) {
      const expression = columnCheck(line);
      if (expression !== null)
        checks.push({ name: nameIn(column.own), expression, ofColumn: nameIn(column.own) });
    }
  }
  return { foreignKeys: byName(foreignKeys), checks: byName(checks) };
}

function keyOf({ own, columns, target, refs, rest = '' }: Record<string, string | undefined>): ForeignKey {
  const rule = (event: string) =>
    action(
      new RegExp(`ON ${event} (CASCADE|SET NULL|SET DEFAULT|NO ACTION|RESTRICT)`).exec(rest)?.[1] ??
        'RESTRICT',
    );
  return {
    ...{ name: nameIn(own), columns: namesIn(columns), refTable: nameIn(target), refColumns: namesIn(refs) },
    ...{ onDelete: rule('DELETE'), onUpdate: rule('UPDATE') },
  };
}

/** What follows CHECK at the end of a column's line, outside of quotes. */
function columnCheck(line: string): string | null {
  const hidden = line.replace(/'(?:[^'\\]|''|\\.)*'|`(?:[^`]|``)*`/g, (text) => '.'.repeat(text.length));
  const at = hidden.indexOf(' CHECK (');
  return at < 0 ? null : line.slice(at + ' CHECK ('.length, line.lastIndexOf(')'));
}

/** As information_schema is asked for them. */
const byName = <T extends { readonly name: string | null }>(parts: T[]): T[] =>
  parts.sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1));
