import type { Artifacts } from './artifacts.js';
import type { KnownAt } from './plan-known.js';

/** How many roots are read at once. */
const rootsAtOnce = 1000;

/** The artifact roots of all experiments and the database itself must survive: no item that is one, or holds one, goes. */
export async function protectIn({ session }: KnownAt, artifacts: Artifacts): Promise<void> {
  artifacts.protect(session.place);
  const { bind, limit } = session.sql;
  for (let last: number | undefined; ; ) {
    const beyond = last === undefined ? '1 = 1' : `experiment_id > ${bind('integer')}`;
    const rows = await session.query<{ id: number; uri: string | null }>(
      `SELECT experiment_id AS id, artifact_location AS uri FROM experiments WHERE ${beyond} ORDER BY experiment_id ${limit(rootsAtOnce)}`,
      last === undefined ? [] : [last],
    );
    for (const { uri } of rows) if (uri) artifacts.protect(uri);
    if (rows.length < rootsAtOnce) return;
    last = Number(rows.at(-1)?.id);
  }
}
