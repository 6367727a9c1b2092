import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
/** By npm itself, as a user does; CI has a stage for it. */
const real = process.env.MLTRACK_INSTALL === 'npm';
const folder = mkdtempSync(join(tmpdir(), 'mltrack-package-'));
const project = join(folder, 'project');
const modules = join(project, 'node_modules');
let files: readonly string[];

/** Runs a program in the project, in which nothing of this checkout is found. */
function run(command: string, args: readonly string[], options: SpawnSyncOptions = {}): string {
  const env = {
    ...{ PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: folder },
    // Linked packages find theirs in the project, too.
    ...(real ? {} : { NODE_PRESERVE_SYMLINKS: '1' }),
  };
  const done = spawnSync(command, args, { cwd: project, encoding: 'utf8', env, ...options });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done.stdout as string;
}

/** A package of this checkout at the same place in the project. */
function link(place: string): void {
  mkdirSync(dirname(join(project, place)), { recursive: true });
  symlinkSync(join(root, place), join(project, place));
}

/**
 * The packed tarball in an empty project. By `npm install`, which also fetches or builds the native driver, where
 * MLTRACK_INSTALL says so; else it is unpacked and gets links to those packages of the lock file that are not for development alone.
 */
beforeAll(() => {
  mkdirSync(modules, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{ "type": "module", "private": true }');
  const packing = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(run('npm', packing, { cwd: root })) as [
    { filename: string; files: { path: string }[] },
  ];
  files = packed.files.map(({ path }) => path);
  const tarball = join(folder, packed.filename);
  if (real) {
    run('npm', ['install', '--no-audit', '--no-fund', tarball]);
  } else {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: true; devOptional?: true; peer?: true }>;
    };
    for (const [place, { dev, devOptional, peer }] of Object.entries(lock.packages))
      if (place.split('node_modules/').length === 2 && !dev && !devOptional && !peer) link(place);
    mkdirSync(join(modules, 'mltrack'));
    run('tar', ['-xzf', tarball, '-C', join(modules, 'mltrack'), '--strip-components=1']);
  }
}, 900_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed tarball', () => {
  const chunk = /^dist\/([\w-]+-[\w-]{8}\.js)$/;

  it('holds what is needed and nothing else', () => {
    const known = [
      /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|bin\/mltrack\.js|docs\/json\/mltrack-1\.schema\.json)$/,
      /^dist\/(main\.js|index\.js|index\.d\.ts|encodings\.cjs|mysql-errors\.cjs|THIRD-PARTY-NOTICES\.txt)$/,
      /^dist\/man\/mltrack(-[\w-]+)?\.1$/,
      chunk,
    ];
    expect(files.filter((file) => !known.some((pattern) => pattern.test(file)))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining([
        ...['package.json', 'README.md', 'LICENSE', 'bin/mltrack.js', 'docs/json/mltrack-1.schema.json'],
        ...['main.js', 'index.js', 'index.d.ts', 'encodings.cjs', 'mysql-errors.cjs'].map(
          (name) => `dist/${name}`,
        ),
        ...['dist/THIRD-PARTY-NOTICES.txt', 'dist/man/mltrack.1', 'dist/man/mltrack-db-upgrade.1'],
      ]),
    );
  });

  it('holds no chunk that nothing loads, and all that are named in it', () => {
    const code = files.filter((file) => /^dist\/.*js$/.test(file));
    const texts = code.map((file) => readFileSync(join(modules, 'mltrack', file), 'utf8'));
    const named = new Set(
      texts.flatMap((text) =>
        [...text.matchAll(/["'`]\.\/([\w-]+(?:-[\w-]{8}\.js|\.cjs))["'`]/g)].map(([, name]) => name),
      ),
    );
    const chunks = files.flatMap((file) => chunk.exec(file)?.[1] ?? []);
    expect(chunks.filter((name) => !named.has(name))).toEqual([]);
    expect([...named].filter((name) => !files.includes(`dist/${name}`))).toEqual([]);
  });

  it('reads little when it is imported: no driver, no revision', () => {
    const read = new Set<string>();
    const follow = (name: string): void => {
      if (read.has(name)) return;
      read.add(name);
      const text = readFileSync(join(modules, 'mltrack/dist', name), 'utf8');
      for (const [, next] of text.matchAll(/(?:from|import) ?["']\.\/([\w-]+\.js)["']/g))
        follow(next as string);
    };
    follow('index.js');
    const size = [...read].reduce((sum, name) => sum + statSync(join(modules, 'mltrack/dist', name)).size, 0);
    // The parser of URIs, with what stands beside it, and the errors.
    expect([...read].sort().map((name) => name.replace(/-.*/, ''))).toEqual([
      ...['base', 'dialects', 'index.js', 'rolldown'],
    ]);
    expect(size).toBeLessThan(40_000);
  });

  it('names every file that package.json speaks of, and the licence of what it holds', () => {
    const text = readFileSync(join(modules, 'mltrack/package.json'), 'utf8');
    const spoken = [...text.matchAll(/"(?:\.\/)?((?:bin|dist)\/[^"]+)"/g)].map(([, file]) => file as string);
    expect(spoken.length).toBeGreaterThan(10);
    expect(spoken.filter((file) => !files.includes(file))).toEqual([]);
    const notices = readFileSync(join(modules, 'mltrack/dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['knex', 'umzug', 'mysql2', 'pg', 'commander', 'iconv-lite', 'valibot'])
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.[\\d.]+: MIT$`, 'm'));
    expect(notices).toContain('Copyright (c) 2013-present Tim Griesser');
  });
});

describe('a project that has it alone', () => {
  const mltrack = (...args: string[]) =>
    run(process.execPath, ['node_modules/mltrack/bin/mltrack.js', ...args]);

  it('runs the command line', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(mltrack('--version')).toBe(`${version}\n`);
    mltrack('db', 'upgrade', 'sqlite:///cli.db');
    expect(mltrack('db', 'check', 'sqlite:///cli.db')).toContain('at the head');
  });

  it('compiles the example of docs/library.md as strictly as can be, and runs it', () => {
    const [, example = ''] =
      /```ts\n(.*?)```/s.exec(readFileSync(join(root, 'docs/library.md'), 'utf8')) ?? [];
    writeFileSync(join(project, 'example.ts'), example);
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false', '--types', 'node'];
    for (const [module, resolution] of [
      ['ESNext', 'Bundler'],
      ['NodeNext', 'NodeNext'],
    ] as const) {
      const kinds = ['--target', 'es2022', '--module', module, '--moduleResolution', resolution];
      run(join(root, 'node_modules/.bin/tsc'), [...strict, ...kinds, 'example.ts']);
    }
    expect(run(process.execPath, ['example.js', 'sqlite:///library.db']).split('\n')).toEqual([
      expect.stringMatching(/^\d\d revisions ahead, to be agreed to: $/),
      expect.stringMatching(/^\d\d revisions applied, now at [0-9a-f]{12}$/),
      '0 findings, exit code 0',
      '0 items would go',
      '',
    ]);
  });
});
