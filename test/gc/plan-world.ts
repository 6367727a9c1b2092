import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, vi } from 'vitest';
import { gcCommand } from '../../src/commands/gc.js';
import { expectedAt, loadChain } from '../../src/core/revisions.js';
import { Stop } from '../../src/core/stop.js';
import { type Database, databaseAt, kinds, openSession, type ServerKind } from '../support/databases.js';
import { ordinalOf } from '../support/fixtures.js';

const day = 86_400_000;

/** Milliseconds since the epoch, so many days ago. */
export const daysAgo = (n: number): number => Date.now() - n * day;

/** An id as MLflow makes them, from a short one. */
export const idOf = (short: string): string =>
  [...short]
    .map((letter) => letter.charCodeAt(0).toString(16))
    .join('')
    .padEnd(32, '0');

export interface RunOptions {
  readonly experiment?: number;
  /** null: at an unknown time; undefined: it is not deleted. */
  readonly deletedAt?: number | null;
  readonly files?: number;
  readonly metrics?: number;
}

/** A database with a directory of artifacts, in which a test puts what it needs. */
export interface GcWorld {
  readonly database: Database;
  readonly root: string;
  experiment(id: number, deletedAt?: number | null, more?: Record<string, unknown>): Promise<void>;
  /** Makes a run and its artifacts. Its id is `idOf(short)`. */
  run(short: string, options?: RunOptions): Promise<string>;
  insert(table: string, row: Record<string, unknown>): Promise<void>;
  /** Makes artifacts below a location. */
  files(place: string, n: number): void;
  /** The directory of an item's artifacts. */
  place(experiment: number, ...parts: string[]): string;
  has(experiment: number, ...parts: string[]): boolean;
  /** The values of a column, sorted. */
  values(table: string, column: string): Promise<string[]>;
  drop(): Promise<void>;
}

export async function gcWorld(kind: ServerKind, revision = 'f4a9b2c7d1e6'): Promise<GcWorld> {
  const ordinal = ordinalOf(revision);
  const database = await databaseAt(kind, ordinal);
  const { dialect, session } = await openSession(database);
  await session.close();
  const schema = expectedAt(await loadChain(), ordinal, dialect);
  const root = mkdtempSync(join(tmpdir(), 'mltrack-gc-'));
  const { quote } = kinds[kind];
  const place = (experiment: number, ...parts: string[]) => join(root, String(experiment), ...parts);
  const literal = (value: unknown): string =>
    value === null ? 'NULL' : typeof value === 'number' ? String(value) : `'${value}'`;
  const insert = async (table: string, row: Record<string, unknown>) => {
    const known = new Set(schema.get(table)?.columns.map(({ name }) => name));
    const cells = Object.entries(row).filter(([name]) => known.has(name));
    await database.run(
      `INSERT INTO ${quote(table)} (${cells.map(([name]) => quote(name)).join(', ')}) VALUES (${cells.map(([, value]) => literal(value)).join(', ')})`,
    );
  };
  const files = (where: string, n: number) => {
    mkdirSync(where, { recursive: true });
    for (let i = 0; i < n; i++) writeFileSync(join(where, `f${i}`), 'abc');
  };
  return {
    ...{ database, root, insert, files, place },
    experiment: (id, deletedAt, more = {}) =>
      insert('experiments', {
        ...{ experiment_id: id, name: `e${id}`, artifact_location: place(id), workspace: 'default' },
        ...{ lifecycle_stage: deletedAt === undefined ? 'active' : 'deleted', creation_time: 5 },
        ...{ last_update_time: deletedAt ?? null, ...more },
      }),
    run: async (short, { experiment = 1, deletedAt, files: n = 2, metrics = 3 } = {}) => {
      const id = idOf(short);
      const artifacts = place(experiment, id, 'artifacts');
      await insert('runs', {
        ...{ run_uuid: id, name: short, source_type: 'LOCAL', status: 'FINISHED', experiment_id: experiment },
        ...{
          lifecycle_stage: deletedAt === undefined ? 'active' : 'deleted',
          deleted_time: deletedAt ?? null,
        },
        artifact_uri: artifacts,
      });
      for (let i = 0; i < metrics; i++) {
        const metric = { key: `m${i}`, value: 1, timestamp: 1, step: 0, run_uuid: id };
        await insert('metrics', { ...metric, is_nan: kinds[kind].dialect === 'postgresql' ? 'f' : 0 });
      }
      if (n > 0) files(artifacts, n);
      return id;
    },
    has: (experiment, ...parts) => existsSync(place(experiment, ...parts)),
    values: async (table, column) =>
      (await database.rows(`SELECT ${quote(column)} AS v FROM ${quote(table)}`))
        .map(({ v }) => String(v))
        .sort(),
    drop: async () => {
      await database.drop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export interface Ran {
  readonly out: string;
  /** What went to standard error. */
  readonly warned: string;
  /** The last line of the output, parsed; with --json only. */
  readonly event: Readonly<Record<string, unknown>>;
  readonly error: (Error & { exitCode?: number; hints?: readonly string[] }) | null;
}

/** Runs the command in this process, on a world, with nothing of MLflow in its environment but `env`. */
export async function gc(
  world: GcWorld,
  args: readonly string[],
  stop = new Stop(),
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Ran> {
  return run(['--backend-store-uri', world.database.uri, ...args], stop, env);
}

export async function run(
  args: readonly string[],
  stop = new Stop(),
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Ran> {
  for (const name of Object.keys(process.env))
    if (/^(MLFLOW|MLTRACK_(YES|CONFIRM))/.test(name)) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  let [out, warned] = ['', ''];
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const said = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    warned += String(text);
    return true;
  });
  let error: Ran['error'] = null;
  try {
    const command = gcCommand(stop)
      .exitOverride()
      .configureOutput({ outputError: () => undefined });
    await command.parseAsync([...args], { from: 'user' });
  } catch (thrown) {
    error = thrown as Error;
  } finally {
    written.mockRestore();
    said.mockRestore();
    vi.unstubAllEnvs();
  }
  const lines = out.split('\n').filter((line) => line !== '');
  const event = args.includes('--json') && lines.length > 0 ? JSON.parse(lines.at(-1) as string) : {};
  return { out, warned, event, error };
}

/** What makes worlds for the tests of a file; they are dropped after each. */
export function gcWorlds(): typeof gcWorld {
  const worlds: GcWorld[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.drop();
  });
  return async (...args) => {
    const made = await gcWorld(...args);
    worlds.push(made);
    return made;
  };
}
