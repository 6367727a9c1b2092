import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Registered } from '../../src/core/gc/eligible-registered.js';
import { readRegistry } from '../../src/core/gc/registry-read.js';
import { Stop } from '../../src/core/stop.js';
import { loadDialect, parseUri } from '../../src/dialects/index.js';
import { answering, freePort } from '../support/gcs-server.js';
import { mlflowPython } from '../support/mlflow-artifacts-server.js';

const python = mlflowPython();
if (!python)
  process.stderr.write(
    '\n!!! MLTRACK_CI_VENV is not set: registries behind real MLflow servers are LEFT OUT\n\n',
  );

/** MLflow's basic auth needs a package more, `mlflow[auth]`. */
const guarded = python !== null && spawnSync(python, ['-c', 'import flask_wtf']).status === 0;
if (python && !guarded)
  process.stderr.write('\n!!! flask-wtf is not installed: a registry behind basic auth is LEFT OUT\n\n');

/** Makes a registry with MLflow's own client, at `argv[1]`: a server, a database or a directory. */
const seed = `
import os, sys, json
registry, tracking, workspace = sys.argv[1:4]
from mlflow import MlflowClient
import mlflow
if workspace:
    mlflow.set_workspace(workspace)
mlflow.set_tracking_uri(tracking)
c = MlflowClient(registry_uri=registry, tracking_uri=tracking)
e = c.create_experiment("x")
runs = [c.create_run(e).info.run_id for _ in range(4)]
model = c.create_logged_model(e, name="lm")
place = lambda run: f"s3://b/{e}/{run}/artifacts/model"
for name in ["net", "copy"]:
    c.create_registered_model(name)
c.create_model_version("net", source=place(runs[0]), run_id=runs[0])
c.create_model_version("net", source=place(runs[1]))
c.create_model_version("copy", source="models:/net/2")
c.delete_model_version("net", "2")
c.create_model_version("net", source=place(runs[2]), run_id=runs[2])
c.delete_model_version("net", "3")
c.create_model_version("net", source=f"models:/{model.model_id}", model_id=model.model_id)
print(json.dumps({"runs": runs, "model": model.model_id}))
`;

interface Seeded {
  readonly runs: string[];
  readonly model: string;
}

const env = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_ALLOW_FILE_STORE: 'true' };

describe.skipIf(!python)('a registry of real MLflow', () => {
  const home = mkdtempSync(join(tmpdir(), 'mltrack-registry-'));
  const ends: (() => Promise<unknown>)[] = [];
  beforeAll(() => writeFileSync(join(home, 'seed.py'), seed));
  afterAll(async () => {
    for (const end of ends) await end();
    rmSync(home, { recursive: true, force: true });
  });

  async function seeded(
    registry: string,
    tracking: string,
    more: object = {},
    workspace = '',
  ): Promise<Seeded> {
    const { stdout } = await promisify(execFile)(
      python as string,
      [join(home, 'seed.py'), registry, tracking, workspace],
      { env: { ...env, ...more }, cwd: home },
    );
    return JSON.parse(stdout.trim().split('\n').at(-1) as string) as Seeded;
  }

  /** A server on loopback, its database in the temporary directory. */
  async function server(name: string, args: readonly string[], more: object = {}): Promise<string> {
    const port = await freePort();
    const child = spawn(
      python as string,
      [
        ...['-m', 'mlflow', 'server', '--backend-store-uri', `sqlite:///${join(home, `${name}.db`)}`],
        ...['--host', '127.0.0.1', '--port', String(port), '--workers', '1', ...args],
      ],
      { stdio: 'ignore', detached: true, cwd: home, env: { ...env, ...more } },
    );
    const ended = once(child, 'exit');
    const kill = () => {
      try {
        process.kill(-(child.pid as number), 'SIGKILL');
      } catch {
        // It has ended already.
      }
    };
    process.once('exit', kill);
    ends.push(() => {
      kill();
      return ended;
    });
    await answering(`http://127.0.0.1:${port}/health`, child, 120);
    return `http://127.0.0.1:${port}`;
  }

  const read = (uri: string, variables: Record<string, string> = {}): Promise<Registered> =>
    readRegistry(uri, {
      open: async (text) => {
        const parsed = parseUri(text);
        return (await loadDialect(parsed.dialect)).connect(parsed, { lockWaitMs: 1000, readOnly: true });
      },
      ...{ env: variables, cwd: home, stop: new Stop() },
    });

  const expectOf = ({ runs, models }: Registered, { runs: [one, two], model }: Seeded) =>
    expect({ runs: Object.fromEntries(runs), models: Object.fromEntries(models) }).toEqual({
      runs: { [one as string]: 'net version 1', [two as string]: 'copy version 1' },
      models: { [model]: 'net version 4' },
    });

  it('is read behind a server, and the same from its database', { timeout: 180_000 }, async () => {
    const uri = await server('plain', []);
    const made = await seeded(uri, uri);
    expectOf(await read(uri), made);
    expectOf(await read(`sqlite:///${join(home, 'plain.db')}`), made);
  });

  it('is read from a directory', { timeout: 120_000 }, async () => {
    const made = await seeded(join(home, 'store'), join(home, 'store'));
    expectOf(await read(join(home, 'store')), made);
    expectOf(await read(`file://${join(home, 'store')}`), made);
  });

  it('is read with all workspaces', { timeout: 240_000 }, async () => {
    const uri = await server('parted', ['--enable-workspaces']);
    const made = await fetch(`${uri}/api/3.0/mlflow/workspaces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'team' }),
    });
    expect(made.status).toBe(201);
    const [first, second] = [await seeded(uri, uri), await seeded(uri, uri, {}, 'team')];
    const found = await read(uri);
    for (const { runs, model } of [first, second]) {
      expect([...found.runs.keys()]).toEqual(expect.arrayContaining(runs.slice(0, 2)));
      expect([...found.models.keys()]).toContain(model);
    }
    expect([found.runs.size, found.models.size]).toEqual([4, 2]);
  });

  it.skipIf(!guarded)('is read with basic auth, by an admin alone', { timeout: 240_000 }, async () => {
    const ini = join(home, 'auth.ini');
    writeFileSync(
      ini,
      `[mlflow]\ndefault_permission = NO_PERMISSIONS\ndatabase_uri = sqlite:///${join(home, 'auth.db')}\nadmin_username = admin\nadmin_password = a-good-password\n`,
    );
    const secret = { MLFLOW_AUTH_CONFIG_PATH: ini, MLFLOW_FLASK_SERVER_SECRET_KEY: 'x' };
    const uri = await server('guarded', ['--app-name', 'basic-auth'], secret);
    const login = (user: string, password: string) => ({
      ...{ MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password },
    });
    const admin = login('admin', 'a-good-password');
    const created = await fetch(`${uri}/api/2.0/mlflow/users/create`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from('admin:a-good-password').toString('base64')}`,
      },
      body: JSON.stringify({ username: 'eve', password: 'eve-password1' }),
    });
    expect(created.status).toBe(200);
    const made = await seeded(uri, uri, admin);
    expectOf(await read(uri, admin), made);
    await expect(read(uri)).rejects.toThrow('answers 401');
    await expect(read(uri, login('admin', 'wrong'))).rejects.toThrow('answers 401');
    await expect(read(uri, login('eve', 'eve-password1'))).rejects.toThrow('eve is no admin of');
  });
});
