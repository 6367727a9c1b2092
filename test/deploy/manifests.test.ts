import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mltrack, type Run } from '../support/cli.js';
import { type Database, databaseAt } from '../support/databases.js';
import { stateCount } from '../support/fixtures.js';
import { password } from '../support/server.js';
import { type Container, containers, root } from './containers.js';

const all = containers();
const upgrades = all.filter(({ args }) => args[1] === 'upgrade');
const targetOf = ({ args }: Container) => args[args.indexOf('--to') + 1] ?? '';
/** Those that bring the database to an older MLflow come first: there is no way back. */
const older = upgrades.filter((one) => !/^3\.18|^\{\{/.test(targetOf(one)));
const titled = (list: readonly Container[]) =>
  list.map(
    (one) => [`${basename(one.file)}: mltrack ${one.args[0]} ${one.args[1]?.split(':')[0]}`, one] as const,
  );

let database: Database;
let folder: string;
beforeAll(async () => {
  database = await databaseAt('postgresql', stateCount - 20);
  folder = mkdtempSync(join(tmpdir(), 'mltrack-manifests-'));
  writeFileSync(join(folder, 'password'), `${password}\n`);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

/** An argument as the container would get it here: the server and the file with the password are those of this test. */
function argument(text: string, { secrets }: Container): string {
  if (text.startsWith('postgresql://')) {
    expect(text, 'a password on a command line').toMatch(/^postgresql:\/\/mlflow@[\w.]+:5432\/mlflow$/);
    const uri = new URL(database.uri.replace('+psycopg2', ''));
    uri.password = '';
    return uri.href;
  }
  if (text.startsWith('/')) {
    expect(
      secrets.some((path) => text.startsWith(`${path}/`)),
      `${text} is mounted nowhere`,
    ).toBe(true);
    return join(folder, 'password');
  }
  // What Helm fills in; the charts' own versions of MLflow are older than this one.
  return text.startsWith('{{') ? '3.18.0' : text;
}

function run(one: Container): Promise<Run> {
  const env = Object.entries(one.env).map(([name, value]) => {
    // The one secret that comes by the environment is the URI.
    if (value === null) expect(name).toBe('MLFLOW_BACKEND_STORE_URI');
    return [name, value?.replace(/^\$\{\w+:-(.*)\}$/, '$1') ?? database.uri];
  });
  return mltrack(
    one.args.map((text) => argument(text, one)),
    { env: Object.fromEntries(env), cwd: folder },
  );
}

const said = ({ stdout, stderr }: Run) => `${stdout}${stderr}`;

async function endsWell(_: string, one: Container): Promise<void> {
  const done = await run(one);
  expect(done.code, said(done)).toBe(0);
}

describe('the manifests of docs/deploy', () => {
  it.each(titled(older))('%s ends with 0', endsWell);

  it('three pods start at once: one upgrades, all end with 0', async () => {
    const pod = upgrades.find(({ file }) => file.endsWith('kubernetes/deployment.yaml'));
    if (!pod) throw new Error('no init container in deployment.yaml');
    const runs = await Promise.all([pod, pod, pod].map(run));
    expect(
      runs.map(({ code }) => code),
      runs.map(said).join('\n'),
    ).toEqual([0, 0, 0]);
    const working = runs.filter((one) => /^upgraded /m.test(said(one)));
    expect(working, runs.map(said).join('\n---\n')).toHaveLength(1);
    expect(await database.rows('SELECT count(*)::int AS n FROM alembic_version')).toEqual([{ n: 1 }]);
  });

  it.each(titled(all.filter((one) => !older.includes(one))))('%s ends with 0', endsWell);

  it('as a hook run before Helm touches anything', () => {
    const hooks = all.filter(({ file }) => file.endsWith('-hook.yaml'));
    expect(hooks).toHaveLength(2);
    for (const { file } of hooks)
      expect(readFileSync(join(root, file), 'utf8')).toMatch(
        /^ {8}helm\.sh\/hook: pre-install,pre-upgrade$/m,
      );
  });

  it('name the MLflow that they start', () => {
    for (const one of upgrades) {
      const target = targetOf(one);
      const text = readFileSync(join(root, one.file), 'utf8');
      const starts =
        /image: ghcr\.io\/mlflow\/mlflow:v(\S+)-full/.exec(text)?.[1] ?? / \(MLflow (\S+)\)/.exec(text)?.[1];
      if (!target.startsWith('{{') && starts)
        expect(starts, one.file).toMatch(new RegExp(`^${target}(\\.|$)`));
    }
  });
});

it('the image is built from all that the package and its build name', () => {
  const sent = readFileSync(join(root, '.dockerignore'), 'utf8');
  const { files, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const named = scripts.build.split(/\s+/).filter((word: string) => existsSync(join(root, word)));
  const building = ['build', 'tsconfig.json', 'tsconfig.build.json'];
  for (const name of [
    'package.json',
    'package-lock.json',
    'src',
    'migrations',
    ...building,
    ...files.filter((name: string) => !name.startsWith('!')),
    ...named,
  ])
    if (name !== 'dist') expect(sent.split('\n')).toContain(`!${name}`);
});
