import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Stop } from '../../src/core/stop.js';
import type { ArtifactServer } from '../support/artifact-server.js';
import { startAzure } from '../support/azure-server.js';
import { gcsProgram, startGcs } from '../support/gcs-server.js';
import { mlflowPython, startMlflow } from '../support/mlflow-artifacts-server.js';
import { startS3 } from '../support/s3-server.js';
import { thorough } from '../support/share.js';
import { argsOf, envOf, impatient, lying } from './artifact-services.js';
import { fates, orphansIn } from './orphan-world.js';
import { type GcWorld, gc, gcWorld, idOf, type Ran } from './plan-world.js';

/** @param times whether the server says when a file was written: without it nothing is ever old enough */
function describeOrphans(title: string, times: boolean, start: () => Promise<ArtifactServer>): void {
  describe(`artifacts that belong to nothing on ${title}`, () => {
    let server: ArtifactServer;
    let world: GcWorld;
    let [home, count] = ['', 0];
    beforeAll(async () => {
      server = await start();
    }, 150_000);
    afterAll(() => server?.stop());
    afterEach(() => world?.drop());

    const made = async (): Promise<void> => {
      if (server.proxy) server.proxy.faults = () => null;
      world = await gcWorld('sqlite');
      home = `o${++count}`;
      await world.experiment(1, undefined, { artifact_location: `${server.root}/${home}` });
    };
    const orphan = async (short: string): Promise<string> => {
      for (const name of ['a', 'model/MLmodel'])
        await server.put(`${home}/${idOf(short)}/artifacts/${name}`, 'abc');
      return idOf(short);
    };
    const searched = (args: readonly string[], stop?: Stop): Promise<Ran> =>
      gc(world, [...argsOf(server), '--json', ...args], stop, { ...envOf(server), ...impatient });
    /** Stores note whole seconds. */
    const moment = async (): Promise<string> => {
      await sleep(1100);
      const now = new Date().toISOString();
      await sleep(1100);
      return now;
    };

    it('are found by page and removed where they are old enough', async () => {
      await made();
      const known = await world.run('known', { files: 0 });
      await server.put(`${home}/${known}/artifacts/a`, 'abc');
      const run = await orphan('run');
      const model = `m-${idOf('model')}`;
      await server.put(`${home}/models/${model}/artifacts/MLmodel`, 'abc');
      for (const key of [
        `${run}x/artifacts/a`,
        `traces/tr-${idOf('t')}/artifacts/a`,
        `${idOf('f')}/meta.yaml`,
      ])
        await server.put(`${home}/${key}`, 'abc');
      const older = ['--older-than', await moment()];
      const young = await orphan('young');
      const dry = await searched(['--delete-orphan-artifacts', ...older, '--dry-run']);
      expect(dry.error).toBeNull();
      const [goes, stays] = times
        ? ['goes', expect.stringContaining('younger')]
        : [expect.stringContaining('does not say when'), expect.stringContaining('does not say when')];
      expect(fates(dry.event)).toEqual({
        ...{ [run]: goes, [model]: goes, [young]: stays },
        [idOf('f')]: expect.stringContaining('meta.yaml'),
        [`tr-${idOf('t')}`]: 'folders of traces are only reported',
      });
      expect(orphansIn(dry.event).find(({ id }) => id === run)).toMatchObject({ files: 2, bytes: 6 });
      const done = await searched(['--delete-orphan-artifacts', ...older, '--yes']);
      expect(done.error).toBeNull();
      expect(done.event.orphanArtifacts).toMatchObject(
        times ? { gone: 2, files: 3, bytes: 9, failed: [] } : { gone: 0, files: 0 },
      );
      const left = await lying(server, home);
      const mine = [
        `${run}/artifacts/a`,
        `${run}/artifacts/model/MLmodel`,
        `models/${model}/artifacts/MLmodel`,
      ];
      expect(left.filter((path) => mine.includes(path))).toEqual(times ? [] : mine);
      expect(left.filter((path) => !mine.includes(path))).toEqual(
        [
          ...[`${known}/artifacts/a`, `${idOf('f')}/meta.yaml`, `${run}x/artifacts/a`],
          ...[
            `traces/tr-${idOf('t')}/artifacts/a`,
            `${young}/artifacts/a`,
            `${young}/artifacts/model/MLmodel`,
          ],
        ].sort(),
      );
    });

    it.skipIf(!times)('stay where the server fails, and the rest goes on with exit 8', async () => {
      await made();
      const [bad, good] = [await orphan('bad'), await orphan('good')];
      const older = ['--older-than', await moment()];
      const proxy = server.proxy as NonNullable<ArtifactServer['proxy']>;
      proxy.faults = ({ url = '' }) => (decodeURIComponent(url).includes(`${bad}/`) ? server.denied : null);
      const done = await searched(['--delete-orphan-artifacts', ...older, '--yes']);
      expect(done.error).toMatchObject({ exitCode: 8 });
      expect(done.event.orphanArtifacts).toMatchObject({
        ...{ gone: 1, kept: [{ id: bad, reason: expect.stringMatching(/403/) }] },
      });
      expect(await lying(server, home)).toEqual([`${bad}/artifacts/a`, `${bad}/artifacts/model/MLmodel`]);
      expect(await lying(server, `${home}/${good}`)).toEqual([]);
      proxy.faults = () => server.denied;
      const denied = await searched(['--orphan-artifacts', ...older, '--dry-run']);
      expect(denied.error).toBeNull();
      expect(denied.event.orphanArtifacts).toMatchObject({
        ...{ found: [], unlisted: [{ experimentId: '1', reason: expect.stringMatching(/403/) }] },
      });
      expect(denied.out + denied.warned + done.out).not.toContain(server.secret);
    });

    it.skipIf(!times)(
      'are left by a stop, which says how far it is',
      async () => {
        await made();
        for (let i = 0; i < 70; i++) await server.put(`${home}/${idOf(`r${i}`)}/artifacts/a`, 'abc');
        const older = ['--older-than', await moment()];
        const stop = new Stop();
        const proxy = server.proxy as NonNullable<ArtifactServer['proxy']>;
        proxy.faults = ({ method, url = '' }) => {
          if (method === 'DELETE' || (method === 'POST' && /delete|batch/.test(url))) stop.request('SIGINT');
          return null;
        };
        const stopped = await searched(['--delete-orphan-artifacts', ...older, '--yes'], stop);
        expect(stopped.error).toMatchObject({
          ...{
            exitCode: 130,
            message: expect.stringMatching(/\d+ of 70 folders that belong to nothing are gone/),
          },
        });
        const left = (await lying(server, home)).length;
        expect([left > 0, left < 70]).toEqual([true, true]);
        const rest = await searched(['--delete-orphan-artifacts', ...older, '--yes']);
        expect([rest.error, (rest.event.orphanArtifacts as { gone: number }).gone]).toEqual([null, left]);
      },
      60_000,
    );
  });
}

// Bucket servers take seconds to start; `mlflow server` and fake-gcs-server come from PyPI (MLTRACK_CI_VENV).
if (thorough) {
  describeOrphans('S3', true, startS3);
  describeOrphans('Azure Blob Storage (Azurite)', true, () => startAzure('wasbs'));
  if (gcsProgram()) describeOrphans('Google Cloud Storage (fake-gcs-server)', true, startGcs);
  if (mlflowPython())
    describeOrphans('a running mlflow server', false, () => startMlflow('mlflow-artifacts'));
}

describe('orphans on servers of artifacts', () => {
  it.skipIf(!thorough || !process.env.MLTRACK_CI_VENV)('are not left out for want of a server', () => {
    expect(gcsProgram()).not.toBeNull();
    expect(mlflowPython()).not.toBeNull();
  });
});
