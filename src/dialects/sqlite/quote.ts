/**
 * Words that SQLite does not take as a bare name (https://www.sqlite.org/lang_keywords.html; those it lets pass as
 * names, like `value` or `timestamp`, are left bare, because the text of a table should read as SQLAlchemy wrote it:
 * MLflow's next batch migration reads it back with patterns made for that form).
 */
const reserved = new Set(
  `abort action add after all alter analyze and as asc attach autoincrement before begin between by cascade case
   cast check collate column commit conflict constraint create cross current_date current_time current_timestamp
   database default deferrable deferred delete desc detach distinct drop each else end escape except exclusive
   exists explain false fail for foreign from full glob group having if ignore immediate in index indexed initially
   inner insert instead intersect into is isnull join key left like limit match natural not nothing notnull null of offset
   on or order outer plan pragma primary query raise references reindex release rename replace restrict
   returning right
   rollback row select set table temp temporary then to transaction trigger true union unique update using vacuum
   values view virtual when where`.split(/\s+/),
);

/** An identifier, in double quotes only where it needs them. */
export const quote = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`;

export const quoteAll = (names: readonly string[]): string => names.map(quote).join(', ');

/** A string literal. */
export const literalText = (value: string): string => `'${value.replaceAll("'", "''")}'`;
