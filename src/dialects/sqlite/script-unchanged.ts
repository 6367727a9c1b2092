import { createHash, type Hash } from 'node:crypto';
import type { Asking, Watched } from '../script.js';
import { literalText, quote } from './quote.js';

/** Rows read at once. */
const pageRows = 1000;

/**
 * SQLite has no hash, but its shell has: sha3_query() reads a query's rows (ext/misc/shathree.c documents how). Here
 * the same is worked out from the same rows, in the order in which they are stored.
 */
export async function unchanged(ask: Pick<Asking, 'query'>, rows: Watched): Promise<string> {
  const values = rows.columns.map(
    ({ name }, i) =>
      `typeof(${quote(name)}) AS t${i}, CASE typeof(${quote(name)}) WHEN 'real' THEN ${quote(name)}` +
      ` WHEN 'null' THEN NULL ELSE CAST(${quote(name)} AS BLOB) END AS v${i}`,
  );
  const from = `FROM ${quote(rows.name)}`;
  const sql = `SELECT ${values.join(', ')} ${from}${rows.where ? ` WHERE ${rows.where}` : ''} ORDER BY rowid`;
  const hash = createHash('sha3-256').update(`S${Buffer.byteLength(sql)}:${sql}`);
  const page = (after: string) =>
    `SELECT rowid AS place, ${values.join(', ')} ${from} WHERE ${[rows.where, after].filter(Boolean).join(' AND ')}` +
    ` ORDER BY rowid LIMIT ${pageRows}`;
  let last: unknown;
  for (;;) {
    const found = await ask.query(
      page(last === undefined ? '1 = 1' : 'rowid > ?'),
      last === undefined ? [] : [last],
    );
    for (const row of found) {
      hash.update('R');
      rows.columns.forEach((_, i) => {
        addText(hash, row[`t${i}`] as string);
        add(hash, row[`v${i}`]);
      });
    }
    if (found.length < pageRows) break;
    last = found.at(-1)?.place;
  }
  return `sha3_query(${literalText(sql)}, 256) = X'${hash.digest('hex')}'`;
}

function add(hash: Hash, value: unknown): void {
  if (value === null) hash.update('N');
  else if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.write('F', 0);
    bytes.writeDoubleBE(value, 1);
    hash.update(bytes);
  } else {
    const bytes = value as Buffer;
    hash.update(`B${bytes.length}:`).update(bytes);
  }
}

const addText = (hash: Hash, text: string): void =>
  void hash.update(`T${Buffer.byteLength(text)}:`).update(text);
