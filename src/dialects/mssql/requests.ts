import type { Connection, Request } from 'tedious';
import type { Row } from '../../schema/row-work.js';

/** tedious itself, as Knex has loaded it. */
export type Tedious = Pick<typeof import('tedious'), 'Request' | 'TYPES'>;

export interface Result {
  readonly rows: Row[];
  readonly rowCount: number;
}

const [minInt, maxInt] = [-(2 ** 31), 2 ** 31 - 1];

/**
 * Runs one statement on one connection. Without parameters it is sent as a plain batch: what SET changes within
 * sp_executesql, which Knex always uses, is undone at its end, and CREATE TRIGGER must stand first in its batch.
 *
 * @param sql with a `?` for each of `params`
 * @param timeoutMs after which the statement is cancelled with the code ETIMEOUT; without it never
 */
export function run(
  tedious: Tedious,
  connection: Connection,
  sql: string,
  params: readonly unknown[],
  timeoutMs?: number,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const rows: Row[] = [];
    const request: Request = new tedious.Request(
      params.length > 0 ? numbered(sql) : sql,
      (error, rowCount) => (error ? reject(error) : resolve({ rows, rowCount: rowCount ?? 0 })),
    );
    request.on('row', (columns: { metadata: { colName: string }; value: unknown }[]) =>
      rows.push(Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, value]))),
    );
    for (const [i, param] of params.entries()) {
      const { type, value } = typed(tedious, param);
      request.addParameter(`p${i}`, type, value);
    }
    if (timeoutMs !== undefined) request.setTimeout(timeoutMs);
    if (params.length > 0) connection.execSql(request);
    else connection.execSqlBatch(request);
  });
}

function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll('?', () => `@p${count++}`);
}

/** The type a value is sent as; a 64-bit integer that is no safe number comes as text, which the server converts. */
export function typed({ TYPES }: Tedious, value: unknown) {
  if (typeof value === 'boolean') return { type: TYPES.Bit, value };
  if (typeof value === 'bigint') return { type: TYPES.NVarChar, value: String(value) };
  if (typeof value === 'number') return { type: numberType(TYPES, value), value };
  return { type: TYPES.NVarChar, value: value ?? null };
}

function numberType(TYPES: Tedious['TYPES'], value: number) {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return TYPES.Float;
  return value >= minInt && value <= maxInt ? TYPES.Int : TYPES.BigInt;
}

/** Everything the server said about one failed statement, in its order; the first is mostly the cause. */
export function messagesOf(error: unknown): { number: number; message: string }[] {
  const all = error instanceof AggregateError ? error.errors : [error];
  return all
    .filter((one): one is Error & { number?: number } => one instanceof Error)
    .map((one) => ({ number: one.number ?? 0, message: one.message }));
}
