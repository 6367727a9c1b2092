const [quoteMark, backslash, open, close, newline, semicolon] = [..."'\\()\n;"].map((c) =>
  c.charCodeAt(0),
) as [number, number, number, number, number, number];

/** A line that is longer than this is no start of a statement that matters. */
const longestHead = 400;

/**
 * Counts the rows of each table in a dump of mysqldump or mariadb-dump as it comes, however rows are spread over
 * statements and lines. Texts are in single quotes with backslash escapes; binary values are hexadecimal.
 */
export class DumpCounter {
  readonly rows: Record<string, number> = {};
  /** The last line says "Dump completed". */
  isComplete = false;
  private line = '';
  private table: string | null = null;
  private depth = 0;
  private inText = false;
  private escaped = false;

  take(chunk: Buffer): void {
    for (const byte of chunk) {
      if (this.table === null) this.head(byte);
      else this.values(byte);
    }
  }

  /** Outside of an INSERT: looks for one. */
  private head(byte: number): void {
    if (byte === newline) {
      this.meet(this.line);
      this.line = '';
      return;
    }
    if (this.line.length < longestHead) this.line += String.fromCharCode(byte);
    if (byte !== open && byte !== 0x53) return;
    const insert = /^INSERT INTO `((?:[^`]|``)+)` (?:\((?:[^)]*)\) )?VALUES\s*\(?$/.exec(this.line);
    if (!insert) return;
    this.enter(insert[1] as string);
    if (byte === open) this.values(byte);
  }

  private enter(name: string): void {
    this.table = Buffer.from(name, 'latin1').toString('utf8').replaceAll('``', '`');
    [this.depth, this.inText, this.escaped, this.line] = [0, false, false, ''];
  }

  private meet(line: string): void {
    const created = /^CREATE TABLE `((?:[^`]|``)+)` \($/.exec(line);
    if (created)
      this.rows[
        Buffer.from(created[1] as string, 'latin1')
          .toString('utf8')
          .replaceAll('``', '`')
      ] ??= 0;
    if (line.startsWith('-- Dump completed')) this.isComplete = true;
  }

  /** Inside the VALUES of an INSERT: a row begins with each parenthesis that stands in no other. */
  private values(byte: number): void {
    if (this.inText) {
      if (this.escaped) this.escaped = false;
      else if (byte === backslash) this.escaped = true;
      else if (byte === quoteMark) this.inText = false;
      return;
    }
    if (byte === quoteMark) this.inText = true;
    else if (byte === open && this.depth++ === 0)
      this.rows[this.table as string] = (this.rows[this.table as string] ?? 0) + 1;
    else if (byte === close) this.depth--;
    else if (byte === semicolon && this.depth === 0) this.table = null;
  }
}
