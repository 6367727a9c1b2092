/**
 * `x IN (…)`, in whatever words, as the column and its sorted constants; null where the text, stripped by `bareSql`,
 * is no such list. Servers tell such a check as `x = ANY (ARRAY[…])`, or as `x = … OR x = …`.
 */
export function alternatives(bare: string): string | null {
  const constant = "(?:'(?:[^']|'')*'|[-\\d.]+)";
  const list = new RegExp(`^([a-z_]\\w*?)(?:=anyarray|in)(${constant}(?:,${constant})*)$`).exec(bare);
  if (list) return said(list[1] as string, list[2] as string);
  const [, column] = /^([a-z_]\w*?)=/.exec(bare) ?? [];
  if (!column) return null;
  const one = `${column}=${constant}`;
  if (!new RegExp(`^${one}(?:or${one})+$`).test(bare)) return null;
  return said(column, bare.replaceAll(`${column}=`, ''));
}

const said = (column: string, text: string): string =>
  `${column} in ${[...(text.match(/'(?:[^']|'')*'|[-\d.]+/g) ?? [])].sort().join(',')}`;

/** A condition, stripped by `bareSql`, in words that can be compared: a list as its constants, `!=` as `<>`. */
export function plainCondition(bare: string): string {
  const text = bare.replaceAll('!=', '<>');
  return alternatives(text) ?? text;
}
