import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { missingRoots } from '../../src/core/gc/artifacts-roots.js';
import type { KnownAt } from '../../src/core/gc/plan-known.js';
import type { Chosen } from '../../src/core/gc/plan-select.js';
import { idOf } from './plan-world.js';

const cwd = mkdtempSync(join(tmpdir(), 'mltrack roots '));
afterAll(() => rmSync(cwd, { recursive: true }));
mkdirSync(join(cwd, 'here'));

const id = idOf('run');
const item = (kind: Chosen['kind'], artifactUri: string | null): Chosen => ({
  ...{ kind, id, name: null, experimentId: '1', deletedAt: 1, reason: 'deleted', artifactUri },
});
/** Runs and models are told by their locations alone, without a look at the database. */
const missing = (items: readonly Chosen[], artifactsDestination?: string, holds = true) =>
  missingRoots({} as KnownAt, items, { cwd, artifactsDestination, holdsAnything: async () => holds });

describe('directories of artifacts that are not here', () => {
  it.each([
    ['a relative one, from another working directory', `./mlruns/1/${id}/artifacts`, 'mlruns'],
    ['a relative file: URI', `file:mlruns/1/${id}/artifacts`, 'mlruns'],
    ['a percent-encoded one', `${encodeURI(`file://${cwd}/not here`)}/1/${id}/artifacts`, 'not here'],
    ['one of another machine', `file:///${cwd.slice(1)}/nfs/mlruns/1/${id}/artifacts`, 'nfs/mlruns'],
    ['one with a host that is this', `file://localhost${encodeURI(cwd)}/nfs/1/${id}/artifacts`, 'nfs'],
  ])('%s', async (_, uri, root) => {
    expect(await missing([item('run', uri), item('run', uri)])).toEqual([
      { root: join(cwd, root), items: 2 },
    ]);
  });

  it('that hold the logged models of an experiment', async () => {
    expect(await missing([item('model', `${cwd}/gone/1/models/${id}/artifacts`)])).toEqual([
      { root: join(cwd, 'gone'), items: 1 },
    ]);
    expect(await missing([item('model', `${cwd}/here/1/models/${id}/artifacts`)])).toEqual([]);
  });

  it('are none where the experiment’s directory may just not have been made yet', async () => {
    expect(
      await missing([item('run', `here/1/${id}/artifacts`), item('run', `./2/${id}/artifacts`)]),
    ).toEqual([]);
  });

  it.each([
    ['another host', `file://nas/mlruns/1/${id}/artifacts`],
    ['a Windows path', `C:\\mlruns\\1\\${id}\\artifacts`],
    ['S3', `s3://b/1/${id}/artifacts`],
    ['a directory that does not name the run', `${cwd}/gone/1/x/artifacts`],
    ['no place', null],
  ])('are not looked for: %s', async (_, uri) => {
    expect(await missing([item('run', uri)])).toEqual([]);
  });

  it('are the artifacts destination too, for what is behind a server', async () => {
    const proxied = [item('run', `mlflow-artifacts:/1/${id}/artifacts`)];
    expect(await missing(proxied, './served')).toEqual([{ root: join(cwd, 'served'), items: 1 }]);
    expect(await missing(proxied, `file://${encodeURI(cwd)}/here`)).toEqual([]);
    expect(await missing(proxied, 's3://bucket/served')).toEqual([]);
    expect(await missing(proxied)).toEqual([]);
    expect(await missing(proxied, 's3://bucket/slip', false)).toEqual([
      { root: 's3://bucket/slip', items: 1, empty: true },
    ]);
    expect(await missing(proxied, './served', false)).toEqual([{ root: join(cwd, 'served'), items: 1 }]);
    expect(await missing([item('run', `here/1/${id}/artifacts`)], 's3://bucket/slip', false)).toEqual([]);
  });
});
