import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { usageError } from '../errors.js';

/** Where a filling stands: the last key whose row is done; null before the first row of the table. */
export interface Place {
  readonly table: string;
  readonly after: readonly string[] | null;
}

interface Content extends Place {
  readonly mltrack: 'prepopulate';
  readonly version: 1;
  readonly database: string;
}

/**
 * A file that says how far a filling is, beside the database and not in it: a table of ours would be one that MLflow
 * has not, also after MLflow's own upgrade. Nothing depends on it but time. It is replaced after each commit, so that
 * it is never ahead of the rows and never half-written, and removed at the end.
 */
export class StateFile {
  constructor(
    private readonly path: string,
    private readonly database: string,
  ) {}

  /** What an earlier run has left; null where there is no file. @throws exit 2 for another file, or another database's */
  read(): Place | null {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return this.begin();
      throw this.unusable(error);
    }
    const content = parse(text);
    if (!content)
      throw usageError(`${this.path} is no state file of --prepopulate`, 'name another file, or remove it');
    if (content.database !== this.database)
      throw usageError(
        `${this.path} is the state of ${content.database}, and this is ${this.database}`,
        'name another file for each database',
      );
    return { table: content.table, after: content.after };
  }

  /** That it can be written is found out before the first row. */
  private begin(): null {
    try {
      writeFileSync(`${this.path}.new`, '');
      rmSync(`${this.path}.new`);
    } catch (error) {
      throw this.unusable(error);
    }
    return null;
  }

  write({ table, after }: Place): void {
    const content: Content = { mltrack: 'prepopulate', version: 1, database: this.database, table, after };
    writeFileSync(`${this.path}.new`, `${JSON.stringify(content)}\n`);
    renameSync(`${this.path}.new`, this.path);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }

  private unusable(error: unknown): Error {
    return usageError(
      `--state ${this.path} cannot be used (${(error as NodeJS.ErrnoException).code})`,
      'name a file in a directory that can be written',
    );
  }
}

function parse(text: string): Content | null {
  try {
    const found = JSON.parse(text) as Content;
    const after = found.after === null || (Array.isArray(found.after) && found.after.every(isText));
    const ours = found.mltrack === 'prepopulate' && found.version === 1;
    return ours && after && isText(found.table) && isText(found.database) ? found : null;
  } catch {
    return null;
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
