import type { Condition } from '../../schema/row-work.js';
import { type ItemKind, itemKinds, type RowDeleter } from './delete-rows.js';
import { Hold } from './hold.js';

/** An item that still goes, with where its artifacts are now. */
export interface Claimed {
  readonly id: string;
  readonly artifactUri: string | null;
}

/** What still goes. `hold` keeps the rows until they are deleted; null where the database cannot, or need not. */
export interface Claim {
  readonly items: readonly Claimed[];
  readonly hold: Hold | null;
}

const uriColumns: Readonly<Partial<Record<ItemKind, string>>> = {
  run: 'artifact_uri',
  model: 'artifact_location',
};

/**
 * Looks once more, under a lock, which items still go, just before their artifacts do: one restored since the plan was
 * made keeps everything. Where a lock keeps nobody out but those who want the same row, it is held until the rows are
 * deleted, up to `longestHold`; on SQLite it would keep every writer out. What is restored without that lock keeps its
 * rows, because they are looked at again when they are deleted, but not its artifacts; the report names it.
 *
 * @param ids at most `keysAtOnce`
 * @param keepMs the rows are to be held, and no longer than this
 */
export function claim(
  deleter: RowDeleter,
  kind: ItemKind,
  ids: readonly string[],
  still: Condition,
  keepMs = 0,
): Promise<Claim> {
  const { session, words } = deleter.walk;
  const { quote } = session.sql;
  const [table, key] = itemKinds[kind];
  const own = deleter.walk.keyed(table, key, ids);
  const uri = uriColumns[kind];
  const columns = [`${quote(key)} AS k`, ...(uri ? [`${quote(uri)} AS uri`] : [])].join(', ');
  return deleter.patiently(async () => {
    await session.beginWrite();
    try {
      const rows = await session.query<{ k: string | number; uri?: string | null }>(
        words.lockRows(columns, quote(table), `${own.sql} AND ${still.sql} ORDER BY 1`),
        [...own.params, ...still.params],
      );
      const held = keepMs > 0 && words.locksRowsAlone && rows.length > 0;
      if (!held) await session.commit();
      const items = rows.map(({ k, uri: place }) => ({ id: String(k), artifactUri: place ?? null }));
      return { items, hold: held ? new Hold(session, keepMs) : null };
    } catch (error) {
      await session.rollback();
      throw error;
    }
  });
}
