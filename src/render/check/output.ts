import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { usageError } from '../../errors.js';

/** A file that a report goes to. */
export interface Output {
  readonly file: string;
  /** Puts the report there in one step: a reader sees the old one or the new one, whole. */
  write(text: string): Promise<void>;
}

/** @param option that names the file @throws exit 2 where nothing can be written, before anything is checked */
export function outputTo(file: string, option = '--output'): Output {
  const target = resolved(file, option);
  try {
    // What is no plain file, such as /dev/stdout or a pipe, is written to as it is.
    if (target.isPlain) accessSync(dirname(target.path), constants.W_OK);
    if (target.exists) accessSync(target.path, constants.W_OK);
  } catch (error) {
    throw cannotWrite(file, error);
  }
  return {
    file,
    write: async (text) => {
      try {
        await (target.isPlain ? replace(target.path, text) : writeFile(target.path, text));
      } catch (error) {
        throw cannotWrite(file, error);
      }
    },
  };
}

const cannotWrite = (file: string, error: unknown) =>
  usageError(
    `the report cannot be written: ${file} (${(error as NodeJS.ErrnoException).code})`,
    'check that the directory is there, its owner and mode',
  );

/** Follows a link, so that it stays one. */
function resolved(file: string, option: string): { path: string; exists: boolean; isPlain: boolean } {
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw usageError(`${option} is a directory: ${file}`, 'name a file in it');
    return { path: stats.isFile() ? realpathSync(file) : file, exists: true, isPlain: stats.isFile() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { path: file, exists: false, isPlain: true };
  }
}

async function replace(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
