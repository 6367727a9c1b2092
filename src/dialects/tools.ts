import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, createReadStream, createWriteStream } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { blockedError } from '../errors.js';
import type { Command } from './backup.js';

/** A client program that was found on PATH. */
export interface Tool {
  readonly path: string;
  /** The first line that it says of its version. */
  readonly version: string;
  readonly major: number;
}

/** The first of the programs that is on PATH, and runs. */
export function findTool(...names: readonly string[]): Tool | null {
  for (const name of names)
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      const path = join(folder, name);
      if (folder === '' || !isExecutable(path)) continue;
      const { stdout, status } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 });
      if (status !== 0) continue;
      const version = stdout.split('\n')[0]?.trim() ?? '';
      return { path, version, major: Number(/(\d+)\.\d+/.exec(version)?.[1] ?? 0) };
    }
  return null;
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

interface Run {
  /** Variables beside the caller's own; they may hold a secret, which no other user can read there. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Gets what the program prints, where its output goes to no file. */
  readonly read?: (output: Readable) => Promise<void>;
}

/**
 * Runs a client program to its end.
 *
 * @throws exit 10 with the end of what it said, where it fails
 */
export async function runTool(command: Command, { env, signal, read }: Run): Promise<void> {
  const [program, ...args] = command.argv as [string];
  const child = spawn(program, args, {
    env: { ...process.env, ...command.env, ...env },
    stdio: [command.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const flows: Promise<unknown>[] = [];
  if (command.stdin && child.stdin) flows.push(pipeline(createReadStream(command.stdin), child.stdin));
  const { stdout } = child;
  if (stdout && command.stdout) flows.push(pipeline(stdout, createWriteStream(command.stdout)));
  else if (stdout && read) flows.push(read(stdout));
  else stdout?.resume();
  const [code, ...flowed] = await Promise.allSettled([ended, ...flows]);
  signal.throwIfAborted();
  const broken = [code, ...flowed].find((result) => result.status === 'rejected');
  if (code?.status === 'fulfilled' && code.value === 0 && !broken) return;
  const reason =
    said.trim() ||
    (broken
      ? String((broken.reason as Error).message)
      : `exit code ${code?.status === 'fulfilled' ? code.value : '?'}`);
  throw blockedError(`${command.what}: ${program} failed: ${reason}`, 'nothing was changed');
}

/** @throws exit 10 */
export function needTool(tool: Tool | null, names: string, howToInstall: string): Tool {
  if (tool) return tool;
  throw blockedError(
    `${names} is not on PATH, so no backup can be taken`,
    howToInstall,
    'or take the backup where the tool is (mltrack backup-hint prints the commands) and leave --backup out',
    'nothing was changed',
  );
}

/** Rows of each table that is there now, counted. */
export async function countRows(
  session: {
    query<T extends Record<string, unknown>>(sql: string): Promise<T[]>;
    sql: { quote(name: string): string };
  },
  tables: readonly string[],
): Promise<Record<string, number>> {
  const rows: Record<string, number> = {};
  for (const table of tables) {
    const [row] = await session.query<{ n: unknown }>(
      `SELECT COUNT(*) AS n FROM ${session.sql.quote(table)}`,
    );
    rows[table] = Number(row?.n ?? 0);
  }
  return rows;
}

/** @throws exit 10 where a table of the database is not in the backup with all its rows */
export function compareRows(
  live: Readonly<Record<string, number>>,
  kept: Readonly<Record<string, number>>,
): void {
  // A table that is missing is not an empty one.
  const wrong = Object.entries(live).filter(([table, rows]) => kept[table] !== rows);
  if (wrong.length === 0) return;
  const shown = wrong
    .slice(0, 5)
    .map(([table, rows]) => `${table}: ${kept[table] ?? 'none'} of ${rows} rows`);
  throw blockedError(
    `the backup is not the database: ${shown.join(', ')}${wrong.length > 5 ? ' …' : ''}`,
    'somebody writes to the database: stop the MLflow server, then run this again',
    'nothing was changed',
  );
}
