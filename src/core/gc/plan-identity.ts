import { existsSync, realpathSync } from 'node:fs';
import { blockedError } from '../../errors.js';
import { columnOf } from '../../schema/table.js';
import type { KnownAt } from './plan-known.js';

/** What tells one database from another. MLflow gives its databases no id. */
export interface Identity {
  readonly dialect: string;
  /** Where the session is: host, port and name, or the file. */
  readonly place: string;
  /** null: a file store has none. */
  readonly revision: string | null;
  /** Its oldest active experiment: another database at the same place has another one. */
  readonly anchor: {
    readonly experiment: string;
    readonly name: string;
    readonly createdAt: string | null;
  } | null;
}

export async function identityOf(known: KnownAt): Promise<Identity> {
  const { session, revision } = known;
  const rows = await anchors(known, "lifecycle_stage = 'active'", []);
  return {
    ...{ dialect: session.dialect.name, place: placeOf(known), revision },
    anchor: rows[0] ?? null,
  };
}

/** A file by its whole path, however it was named. */
const placeOf = ({ session: { place } }: KnownAt): string =>
  existsSync(place) ? realpathSync(place) : place;

/** Refuses a plan of another database, or of another revision. @throws exit 10 */
export async function refuseAnother(known: KnownAt, planned: Identity, file: string): Promise<void> {
  const { session, revision } = known;
  const another = (what: string) =>
    blockedError(
      `${file} is a plan for another database: ${what}; nothing was deleted`,
      'make a plan of this database: mltrack gc --plan FILE',
    );
  if (planned.dialect !== session.dialect.name || planned.place !== placeOf(known))
    throw another(`${planned.place}, and this is ${placeOf(known)}`);
  if (planned.revision !== revision)
    throw blockedError(
      `${file} was made at revision ${planned.revision}, and ${session.place} is at ${revision} now; nothing was deleted`,
      'make a new plan: mltrack gc --plan FILE',
    );
  const { anchor } = planned;
  if (!anchor) return;
  const [found] = await anchors(known, `experiment_id = ${session.sql.bind('integer')}`, [
    Number(anchor.experiment),
  ]);
  // A name may change.
  if (!found || found.createdAt !== anchor.createdAt)
    throw another(`its experiment ${anchor.experiment} (${anchor.name}) is not here`);
}

async function anchors({ session, schema }: KnownAt, where: string, params: readonly unknown[]) {
  const { asText, limit, quote } = session.sql;
  const dated = columnOf(schema.get('experiments') as never, 'creation_time') !== undefined;
  const rows = await session.query<{ id: number | string; name: string; made?: string | null }>(
    `SELECT experiment_id AS id, ${quote('name')} AS name${dated ? `, ${asText('creation_time')} AS made` : ''}
     FROM experiments WHERE ${where} ORDER BY experiment_id ${limit(1)}`,
    params,
  );
  return rows.map(({ id, name, made }) => ({
    experiment: String(id),
    name,
    createdAt: made == null ? null : String(made),
  }));
}
