import type { Index, IndexColumn } from '../../schema/table.js';
import { Cursor, splitAtCommas } from './cursor.js';

/** Reads CREATE INDEX (https://www.sqlite.org/lang_createindex.html); an expression's text stands as its name. */
export function parseCreateIndex(name: string, sql: string): Index {
  const cursor = new Cursor(sql);
  cursor.expect('CREATE');
  const unique = cursor.take('UNIQUE');
  cursor.expect('INDEX');
  cursor.name();
  if (cursor.take('.')) cursor.name();
  cursor.expect('ON');
  cursor.name();
  const columns = splitAtCommas(cursor.group()).map((tokens): IndexColumn => {
    const last = tokens.at(-1);
    const order =
      last?.kind === 'word' && (last.value === 'DESC' || last.value === 'ASC') ? last.value : null;
    const body = order ? tokens.slice(0, -1) : tokens;
    const text = body.length === 1 ? new Cursor(sql, body).name() : cursor.textOf(body);
    return { name: text, desc: order === 'DESC', length: null };
  });
  const where = cursor.take('WHERE') ? cursor.rest() : null;
  return { name, columns, unique, include: [], where, sql };
}
