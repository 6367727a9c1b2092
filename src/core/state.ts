import type { Session } from '../dialects/dialect.js';
import { foreignError, MltrackError } from '../errors.js';
import type { Names } from './names.js';
import { describeOwner } from './owners.js';

export const versionTable = 'alembic_version';

/** Where a database stands. */
export type State =
  /** No table at all. */
  | { readonly kind: 'empty' }
  /** Tables, but none of MLflow's. */
  | { readonly kind: 'others'; readonly tables: readonly string[] }
  /** The base schema, or what a first run left that died: no stamp yet. `fresh`: with no row in any table. */
  | {
      readonly kind: 'unstamped';
      readonly tables: readonly string[];
      readonly fresh: boolean;
      /** Tables that MLflow never had without a stamp; only creating them at once can have left them. */
      readonly strangers: readonly string[];
    }
  | { readonly kind: 'revision'; readonly ordinal: number };

/** The ordinal a database stands at: 0 is the base, -1 nothing of MLflow's. */
export const ordinalIn = (state: State): number =>
  state.kind === 'revision' ? state.ordinal : state.kind === 'unstamped' ? 0 : -1;

/** The revision in a database's stamp; null without one. */
export const revisionIn = (state: State, chain: Names): string | null =>
  state.kind === 'revision' ? (chain.revisions[state.ordinal]?.revision ?? null) : null;

/** The rows of `alembic_version`, or null without the table. */
export async function readStamps(session: Session, tables: readonly string[]): Promise<string[] | null> {
  if (!tables.includes(versionTable)) return null;
  try {
    const rows = await session.query<{ version_num: unknown }>(`SELECT version_num FROM ${versionTable}`);
    // Bytes, where somebody made the column binary, are no stamp to MLflow either.
    return rows.map(({ version_num }) =>
      typeof version_num === 'string' ? version_num : `${String(version_num)} (not text)`,
    );
  } catch (error) {
    if (error instanceof MltrackError || !/version_num/.test(String(error))) throw error;
    throw foreignError(
      `${session.place}: ${versionTable} has no column version_num, so it is not Alembic's, or it is damaged`,
      'find out who made the table; a damaged one is restored from a backup',
    );
  }
}

/**
 * Tells where a database stands, from its tables and its stamp.
 *
 * @throws exit 5 for a stamp or tables that are not MLflow's, or not of a revision this mltrack knows.
 */
export async function readState(session: Session, chain: Names): Promise<State> {
  const tables = await session.tableNames();
  const stamps = await readStamps(session, tables);
  if (stamps && stamps.length > 1)
    throw foreignError(
      `${session.place}: ${versionTable} holds ${stamps.length} rows (${stamps.join(', ')}); a database of MLflow has one`,
      'two applications share the table, or an upgrade was merged by hand: find out which row is MLflow’s and restore the other elsewhere',
    );
  const [stamp] = stamps ?? [];
  if (stamp !== undefined) return stamped(session, stamp, tables, chain);
  if (tables.length === 0) return { kind: 'empty' };
  const mlflow = tables.filter((name) => chain.tables.has(name) && name !== versionTable);
  if (mlflow.length === 0 && (tables.length > 1 || tables[0] !== versionTable))
    return { kind: 'others', tables };
  const strangers = strangersIn(tables, chain);
  // Where tables cannot be created in one transaction, an attempt to do so leaves some, and an empty table for the stamp.
  const fresh =
    mlflow.length === 0 ||
    (!session.dialect.transactionalDdl && stamps !== null && (await haveNoRows(session, mlflow)));
  if (strangers.length > 0 && !fresh) throw strangersError(session, strangers);
  return { kind: 'unstamped', tables, fresh, strangers };
}

function stamped(session: Session, stamp: string, tables: readonly string[], chain: Names): State {
  const ordinal = chain.ordinalOf(stamp);
  if (ordinal !== undefined && ordinal > 0) return { kind: 'revision', ordinal };
  const owner = describeOwner(stamp, tables);
  throw foreignError(
    `${session.place} is at revision ${JSON.stringify(stamp)}, which is not one of MLflow's up to ${chain.revisions.at(-1)?.release}: ${owner.who}`,
    owner.hint,
  );
}

/** Rows that revisions themselves insert do not count. */
async function haveNoRows(session: Session, tables: readonly string[]): Promise<boolean> {
  for (const table of tables) {
    const own = table === 'workspaces' ? " WHERE name <> 'default'" : '';
    const rows = await session.query(
      `SELECT 1 AS found FROM ${session.sql.quote(table)}${own} ORDER BY 1 ${session.sql.limit(1)}`,
    );
    if (rows.length > 0) return false;
  }
  return true;
}

/** Without a stamp only the five tables of the base are MLflow's own doing; Alembic's scratch copy may be left. */
function strangersIn(tables: readonly string[], chain: Names): string[] {
  return tables.filter(
    (name) => !chain.baseTables.has(name) && name !== versionTable && !name.startsWith('_alembic_tmp_'),
  );
}

/** The refusal of tables of later revisions without a stamp. */
export function strangersError(session: Session, strangers: readonly string[]): Error {
  return foreignError(
    `${session.place} has tables of MLflow but no revision in ${versionTable}, and more tables than MLflow 0.9.1 had: ${strangers.slice(0, 10).join(', ')}${strangers.length > 10 ? ' …' : ''}`,
    'if you know the revision, put the stamp back: INSERT INTO alembic_version VALUES (…); otherwise restore a backup',
  );
}
