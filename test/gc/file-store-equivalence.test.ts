import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { staging } from '../../src/core/gc/file-store.js';
import { stagedName } from '../../src/core/gc/file-store-leftovers.js';
import { cutoff, idOf, itemOf, open, treeOf, unpack } from './file-store-world.js';
import { run } from './plan-world.js';

const python = process.env.MLTRACK_MLFLOW_PYTHON ?? '/opt/ml/venv/bin/python';
const here = existsSync(python);
if (!here)
  process.stderr.write(
    `\n!!! MLflow: ${python} is not there (MLTRACK_MLFLOW_PYTHON), the file store's equivalence with mlflow gc is LEFT OUT\n\n`,
  );

/** The same selection in MLflow's words and in ours. */
interface Case {
  readonly name: string;
  readonly args: (seconds: number) => string[];
  readonly ours: (seconds: number) => string[];
  /** What is taken out of both copies first, below `.trash`, because `mlflow gc` aborts on it. */
  readonly without: readonly string[];
}

// MLflow looks for a model of a deleted experiment where the experiment was before (`_find_model_root`), and does not
// find it.
const modelInTrash = `${idOf('deleted-plain')}/models/${idOf('plain-model')}`;

// What differs on purpose and is switched off here: active models of a deleted experiment hold it, undated runs stay
// with --older-than, registered ones stay, and a named run does not bring every deleted experiment and model along.
const alike = ['--include-active-models', '--include-registered', '--yes', '--json'];
const cases: readonly Case[] = [
  {
    name: 'all that is deleted',
    args: () => [],
    ours: () => [],
    without: [modelInTrash],
  },
  {
    name: 'what is old',
    args: (seconds) => ['--older-than', `${seconds}s`],
    ours: (seconds) => ['--older-than', `${seconds}s`, '--undated'],
    without: [modelInTrash, idOf('deleted-with-young-run')],
  },
  {
    name: 'what is named',
    args: () => [
      ...['--run-ids', `${idOf('old-run')},${idOf('away-run')}`, '--experiment-ids', idOf('deleted-plain')],
      ...['--logged-model-ids', idOf('away-model')],
    ],
    ours: () => [
      ...['--run-ids', `${idOf('old-run')},${idOf('away-run')}`, '--experiment-ids', idOf('deleted-plain')],
      ...['--logged-model-ids', idOf('away-model')],
    ],
    without: [],
  },
];

/** One Python for all: the real command of MLflow for each case, then what MLflow sees of a store with a run staged. */
const program = `
import json, sys
from mlflow.cli import cli
from mlflow.entities import ViewType
from mlflow.store.tracking.file_store import FileStore
asked = json.loads(sys.argv[1])
for args in asked["gc"]:
    cli.main(args, standalone_mode=False)
store = FileStore(asked["look"])
experiments = [one.experiment_id for one in store.search_experiments(ViewType.ALL)]
runs = [one.info.run_id for one in store.search_runs(experiments, "", ViewType.ALL)]
print("SEEN", json.dumps({"experiments": sorted(experiments), "runs": sorted(runs), "gc": sorted(store._get_deleted_runs())}))
`;

describe.skipIf(!here)('real mlflow gc on a copy', () => {
  const copies = cases.map(() => ({ theirs: unpack(), ours: unpack() }));
  const staged = unpack();
  let seen: { experiments: string[]; runs: string[]; gc: string[] };

  beforeAll(async () => {
    cases.forEach(({ without }, i) => {
      for (const { root } of Object.values(copies[i] as (typeof copies)[number]))
        for (const path of without) rmSync(join(root, '.trash', path), { recursive: true });
    });
    const item = await itemOf(await open(staged.root), 'run', 'old-run');
    mkdirSync(join(staged.root, staging));
    renameSync(join(staged.root, '0', item.id), join(staged.root, staging, stagedName(item)));
    const seconds = Math.floor((Date.now() - cutoff) / 1000);
    const gc = cases.map(({ args }, i) => {
      const root = copies[i]?.theirs.root as string;
      return ['gc', '--backend-store-uri', root, '--tracking-uri', root, ...args(seconds)];
    });
    const { stdout } = await promisify(execFile)(
      python,
      ['-c', program, JSON.stringify({ gc, look: staged.root })],
      {
        cwd: staged.base,
        timeout: 100_000,
        env: { ...process.env, MLFLOW_ALLOW_FILE_STORE: 'true', MLFLOW_DISABLE_TELEMETRY: 'true' },
      },
    );
    seen = JSON.parse(/^SEEN (.*)$/m.exec(stdout)?.[1] ?? 'null');
  });
  afterAll(() => {
    for (const { base } of [staged, ...copies.flatMap(({ theirs, ours }) => [theirs, ours])])
      rmSync(dirname(base), { recursive: true });
  });

  it.each(cases.map((one, i) => [one.name, i] as const))('leaves the same tree: %s', async (_, i) => {
    const { theirs, ours } = copies[i] as (typeof copies)[number];
    const before = treeOf(ours.base);
    const seconds = Math.floor((Date.now() - cutoff) / 1000);
    const { error, event } = await run([
      ...['--backend-store-uri', ours.root, ...alike],
      ...(cases[i] as Case).ours(seconds),
    ]);
    expect(error).toBeNull();
    expect(event.failed).toEqual([]);
    const [left, expected] = [treeOf(ours.base), treeOf(theirs.base)];
    expect(Object.keys(left).length).toBeLessThan(Object.keys(before).length);
    const uri = (base: string): string => base.split('/').map(encodeURIComponent).join('/');
    const comparable = (tree: Record<string, string>, base: string) =>
      Object.fromEntries(Object.entries(tree).map(([name, text]) => [name, text.replaceAll(uri(base), '')]));
    expect(comparable(left, ours.base)).toEqual(comparable(expected, theirs.base));
  });

  it('does not see what is on its way out', async () => {
    expect(seen.experiments).toEqual(
      [
        '0',
        ...['away', 'deleted-plain', 'deleted-with-active-model', 'deleted-with-young-run'].map(idOf),
      ].sort(),
    );
    expect(seen.runs).not.toContain(idOf('old-run'));
    expect(seen.runs).toContain(idOf('active-run'));
    expect(seen.gc).toContain(idOf('young-run'));
    expect(seen.gc).not.toContain(idOf('old-run'));
  });
});
