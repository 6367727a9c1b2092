/**
 * What row work that stays inside the server says beside the SQL that all servers share. Each word means the same
 * everywhere, for texts of ASCII; a server for which that is not proven has none, and its rows stream.
 */
export interface SetWords {
  /** The text of a column as its driver hands it over, in a form that is compared by its bytes. */
  text(column: string): string;
  /** Whether a column holds a text (SQLite keeps what it is given). */
  isText(expression: string): string;
  /** Whether a float column holds one. */
  isDouble(expression: string): string;
  /** Whether an integer column holds one. */
  isInteger(expression: string): string;
  /** Whether a text has only characters of a class, which is written as between the brackets of a regular expression; all ASCII. */
  only(text: string, characters: string): string;
  /** Where a text begins in another, from 1; 0 where it does not. */
  position(part: string, text: string): string;
  /** A text of one backslash, which some servers take for an escape. */
  readonly backslash: string;
  concat(...parts: readonly string[]): string;
  /** A text of up to 18 digits, or a whole double of up to 15, as a 64-bit integer. */
  bigint(expression: string): string;
  /** An integer of at most 2^53 as the double that it is. */
  double(integer: string): string;
  /**
   * A text in the grammar of a JSON number, of a magnitude that a double holds, as the double nearest to it. Null
   * where the server may give a neighbour.
   */
  readonly parse: ((text: string) => string) | null;
  /** Whether two values are the same, or both NULL; texts by their bytes. */
  same(column: string, value: string, type: 'text' | 'number'): string;
  /** Whether one statement shall change few rows at a time, because it keeps others off all that it reads. */
  readonly portions: boolean;
  /** What ends a derived table so that its expressions are worked out once, and not at each mention. */
  readonly fence: string;
  /** The columns that tell the rows of a table apart and are found fastest, given its primary key. */
  identity(key: readonly string[]): readonly string[];
  /** `UPDATE` from a query, which names the columns of the identity `x_of` and the values of columns `new_x`. */
  update(table: string, identity: readonly string[], set: readonly string[], query: string): string;
}
