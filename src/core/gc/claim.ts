import type { Condition } from '../../schema/row-work.js';
import { type ItemKind, itemKinds, type RowDeleter } from './delete-rows.js';

/** An item that still goes, with where its artifacts are now. */
export interface Claimed {
  readonly id: string;
  readonly artifactUri: string | null;
}

const uriColumns: Readonly<Partial<Record<ItemKind, string>>> = {
  run: 'artifact_uri',
  model: 'artifact_location',
};

/**
 * Looks once more, under a lock, which items still go, just before their artifacts do: one restored since the plan was
 * made keeps everything. The lock is not held while artifacts are removed, which may take minutes: on SQLite it would
 * keep every writer out. What is restored in that window keeps its rows, because they are looked at again under the
 * lock of the transaction that deletes them, but not its artifacts; the report names it.
 *
 * @param ids at most `keysAtOnce`
 */
export function claim(
  deleter: RowDeleter,
  kind: ItemKind,
  ids: readonly string[],
  still: Condition,
): Promise<Claimed[]> {
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
        words.lockRows(columns, quote(table), `${own.sql} AND ${still.sql}`),
        [...own.params, ...still.params],
      );
      await session.commit();
      return rows.map(({ k, uri: place }) => ({ id: String(k), artifactUri: place ?? null }));
    } catch (error) {
      await session.rollback();
      throw error;
    }
  });
}
