import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { usageError } from '../../errors.js';
import { type Output, outputTo } from '../check/output.js';

/**
 * The file of `--report`. A report that is there already is replaced in one step; another file is not, since a slip
 * such as `--report mlflow.db` would cost a database.
 *
 * @param beside files that other options name
 * @throws exit 2 before anything is opened
 */
export function reportTo(file: string, beside: readonly (string | undefined)[] = []): Output {
  if (file === '-')
    throw usageError(
      '--report needs a file: standard output is for the rest of what is said',
      'example: --report report.html',
    );
  if (beside.some((other) => other !== undefined && resolve(other) === resolve(file)))
    throw usageError(`--report and another option name the same file: ${file}`, 'name two files');
  const output = outputTo(file, '--report');
  if (isAnother(file))
    throw usageError(
      `--report would replace ${file}, which is no HTML page`,
      'name another file, or remove that one first',
    );
  return output;
}

/** Whether a file with something else in it is there. */
function isAnother(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isFile() || stats.size === 0) return false;
  const start = Buffer.alloc(64);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, start, 0, start.length, 0);
  } finally {
    closeSync(handle);
  }
  return !/^\s*<!doctype html/i.test(start.toString('utf8'));
}
