/** An identifier in backticks, which mean the same whatever the server's sql_mode. */
export const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

export const quoteAll = (names: readonly string[]): string => names.map(quote).join(', ');

/** A string literal; the session never has NO_BACKSLASH_ESCAPES. */
export const literalText = (value: string): string =>
  `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
