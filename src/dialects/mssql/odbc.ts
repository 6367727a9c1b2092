import { usageError } from '../../errors.js';

/**
 * An ODBC connection string taken apart: `Server=tcp:host,1433;Database=db;UID=user;PWD={pass;word};`. A value in
 * braces may hold anything, `}` written twice (ODBC reference, SQLDriverConnect). Names are given in lower case; of
 * a name that comes twice the first counts.
 *
 * @throws exit 2; never tells a value
 */
export function parseOdbc(text: string): Map<string, string> {
  const found = new Map<string, string>();
  const pair = /\s*([^=;{}]+?)\s*=\s*(?:\{((?:[^}]|\}\})*)\}\s*|((?!\s*\{)[^;]*))(?:;|$)/y;
  let at = 0;
  while (at < text.length) {
    const rest = /[\s;]*/y;
    rest.lastIndex = at;
    at += rest.exec(text)?.[0].length ?? 0;
    if (at >= text.length) break;
    pair.lastIndex = at;
    const match = pair.exec(text);
    if (!match)
      throw usageError(
        `odbc_connect cannot be read after ${[...found.keys()].at(-1) ?? 'its beginning'}`,
        'it is Name=value;Name=value; a value with ";" or "}" in it stands in braces, with "}" written twice',
      );
    const [whole, name = '', braced, plain = ''] = match;
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, braced === undefined ? plain.trim() : braced.replaceAll('}}', '}'));
    at += whole.length;
  }
  return found;
}
