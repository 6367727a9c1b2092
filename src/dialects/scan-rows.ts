import { ExitCode, MltrackError } from '../errors.js';
import { columnOf, type ForeignKey, type Schema, sameColumns, type Table } from '../schema/table.js';
import type { Finding, NotChecked, ServerFacts } from './check.js';
import type { Session } from './dialect.js';
import { orphansOf } from './operations.js';

/** So many keys are named in a finding. */
const named = 5;

/** What a server must say itself. */
export interface ScanWords {
  /**
   * "child = parent" as the server's foreign key compares them, where `p.x = c.y` alone would not do: columns whose
   * collations differ. Column and table names are bare.
   */
  equal?(key: ForeignKey, position: number, table: string): string | null;
  /** The statement that lets the connected role read these tables. */
  grantRead(tables: readonly string[]): string;
}

export const noFacts: ServerFacts = { findings: [], notChecked: [] };

/** Puts together what several looks found. */
export const together = (...parts: readonly ServerFacts[]): ServerFacts => ({
  findings: parts.flatMap(({ findings }) => findings),
  notChecked: parts.flatMap(({ notChecked }) => notChecked),
});

/**
 * Rows whose foreign keys point nowhere, for every foreign key that MLflow has and whose columns are there: also those
 * the server has the key for, because an import with checks switched off leaves it as it is. Set-based, a statement a
 * key.
 */
export async function scanForeignKeys(
  session: Session,
  expected: Schema,
  live: Schema,
  words: ScanWords,
): Promise<ServerFacts> {
  const findings: Finding[] = [];
  const unread = new Map<string, string>();
  for (const table of expected.values())
    for (const key of table.foreignKeys) {
      if (!canAsk(live, table, key)) continue;
      try {
        const finding = await orphanFinding(session, table.name, key, words);
        if (finding) findings.push(finding);
      } catch (error) {
        if (!(error instanceof MltrackError) || error.exitCode !== ExitCode.blocked) throw error;
        unread.set(table.name, error.message);
      }
    }
  return { findings, notChecked: unreadable(unread, words) };
}

function canAsk(live: Schema, { name }: Table, key: ForeignKey): boolean {
  const [child, parent] = [live.get(name), live.get(key.refTable)];
  return (
    child !== undefined &&
    parent !== undefined &&
    key.columns.every((column) => columnOf(child, column)) &&
    key.refColumns.every((column) => columnOf(parent, column))
  );
}

async function orphanFinding(
  session: Session,
  table: string,
  key: ForeignKey,
  words: ScanWords,
): Promise<Finding | null> {
  const { quote, limit } = session.sql;
  const from = orphansOf(quote, table, key, (place) => words.equal?.(key, place, table) ?? null);
  const [total] = await session.query<{ n: unknown }>(`SELECT COUNT(*) AS n FROM ${from}`);
  const count = Number(total?.n ?? 0);
  if (count === 0) return null;
  const columns = key.columns.map((column) => `c.${quote(column)}`).join(', ');
  const examples = await session.query(
    `SELECT DISTINCT ${columns} FROM ${from} ORDER BY ${columns} ${limit(named)}`,
  );
  const shown = examples.map((row) => key.columns.map((column) => String(row[column])).join('/'));
  const list = key.columns.join(', ');
  return {
    ...{ rule: 'rows-orphaned', severity: 'error', object: 'foreign key', table, name: key.name ?? list },
    expected: `every ${list} in ${key.refTable} (${key.refColumns.join(', ')})`,
    found: `${count.toLocaleString('en')} row${count === 1 ? '' : 's'} without: ${shown.join('; ')}${count > shown.length ? ' …' : ''}`,
    why: `these rows belong to nothing: MLflow neither shows nor deletes them, and an upgrade that makes the key anew is refused`,
    repair: {
      kind: 'none',
      reason: `no row is deleted for you: bring back what they point to, or delete them; see them with SELECT c.* FROM ${from}`,
    },
  };
}

function unreadable(unread: ReadonlyMap<string, string>, words: ScanWords): NotChecked[] {
  if (unread.size === 0) return [];
  const tables = [...unread.keys()];
  return [
    {
      what: `the rows of ${tables.join(', ')}`,
      why: [...new Set(unread.values())].slice(0, 3).join('; '),
      remedy: words.grantRead(tables),
      hides: { rules: ['rows-orphaned'], tables },
    },
  ];
}

/** The foreign key of a live table that does what MLflow's does, whatever its name. */
export const sameKeyIn = (live: Schema, table: string, key: ForeignKey): ForeignKey | undefined =>
  live
    .get(table)
    ?.foreignKeys.find(
      (found) =>
        sameColumns(found.columns, key.columns) &&
        sameColumns(found.refColumns, key.refColumns) &&
        found.refTable.toLowerCase() === key.refTable.toLowerCase(),
    );
