import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ArtifactServer } from '../support/artifact-server.js';
import { startS3 } from '../support/s3-server.js';
import {
  deletedRun,
  describeCollection,
  envOf,
  impatient,
  lying,
  place,
  reasonsOf,
} from './artifact-services.js';
import { daysAgo, type GcWorld, gc, gcWorld } from './plan-world.js';

describeCollection('S3 (fauxqs)', startS3);

describe('mltrack gc with artifacts in many places', () => {
  let server: ArtifactServer;
  let world: GcWorld;
  beforeAll(async () => {
    server = await startS3();
  });
  afterAll(() => server?.stop());
  afterEach(() => world?.drop());

  const made = async (): Promise<void> => {
    if (server.proxy) server.proxy.faults = () => null;
    world = await gcWorld('sqlite');
    await world.experiment(1);
  };
  const at = async (short: string, uri: (id: string) => string): Promise<string> => {
    const id = await world.run(short, { deletedAt: daysAgo(40), files: 0, metrics: 1 });
    await place(world, id, uri(id));
    return id;
  };
  const collected = (args: readonly string[] = [], env: Readonly<Record<string, string | undefined>> = {}) =>
    gc(world, ['--yes', '--json', ...args], undefined, { ...envOf(server), ...impatient, ...env });

  it('takes each from where it is, and keeps those whose place is down', async () => {
    await made();
    const here = await world.run('here', { deletedAt: daysAgo(40) });
    const bucket = await deletedRun(world, server, 'mixed', 'bucket');
    const served = await at('served', (id) => `mlflow-artifacts:/1/${id}/artifacts`);
    const web = await at(
      'web',
      (id) => `https://mlflow.example/api/2.0/mlflow-artifacts/artifacts/1/${id}/artifacts`,
    );
    const destination = join(world.root, 'served');
    for (const id of [served, web]) world.files(join(destination, '1', id, 'artifacts'), 3);
    world.files(join(destination, '1', `${served}x`), 1);
    if (server.proxy) server.proxy.faults = () => ({ reset: true });
    const first = await collected(['--artifacts-destination', destination]);
    expect(first.error).toMatchObject({ exitCode: 8 });
    expect(first.event).toMatchObject({ gone: { run: 3 }, artifacts: { files: 8 } });
    expect(Object.keys(reasonsOf(first))).toEqual([bucket]);
    expect([here, served, web].map((id) => existsSync(join(destination, '1', id, 'artifacts')))).toEqual([
      false,
      false,
      false,
    ]);
    expect(existsSync(join(destination, '1', `${served}x`, 'f0'))).toBe(true);
    if (server.proxy) server.proxy.faults = () => null;
    const second = await collected();
    expect([second.error, second.event.artifacts]).toEqual([null, { files: 2, bytes: 6 }]);
  });

  it('reaches what a server keeps in S3 by --artifacts-destination', async () => {
    await made();
    const id = await at('served', (one) => `mlflow-artifacts:/1/${one}/artifacts`);
    for (const key of [`dest/1/${id}/artifacts/a`, `dest/1/${id}/artifactsX`, `destX/1/${id}/artifacts/a`])
      await server.put(key, 'abc');
    const { error, event } = await collected(['--artifacts-destination', `${server.root}/dest/`]);
    expect([error, event.artifacts]).toEqual([null, { files: 1, bytes: 3 }]);
    expect([await lying(server, 'dest'), await lying(server, 'destX')]).toEqual([
      [`1/${id}/artifactsX`],
      [`1/${id}/artifacts/a`],
    ]);
  });

  it('refuses a destination that is not here or holds nothing, before anything is deleted', async () => {
    await made();
    const id = await at('served', (one) => `mlflow-artifacts:/1/${one}/artifacts`);
    const { error } = await collected(['--artifacts-destination', join(world.root, 'not-mounted')]);
    expect(error).toMatchObject({
      exitCode: 10,
      message: expect.stringContaining('not-mounted is not on this'),
    });
    const slip = await collected(['--artifacts-destination', `${server.root}/slip`]);
    expect(slip.error).toMatchObject({
      ...{ exitCode: 10, message: expect.stringMatching(/nothing at all lies below s3:.*\/slip/) },
    });
    expect(await world.values('runs', 'run_uuid')).toEqual([id]);
    const agreed = await collected([
      '--artifacts-destination',
      `${server.root}/slip`,
      '--missing-roots-gone',
    ]);
    expect(agreed.event).toMatchObject({ gone: { run: 1 } });
  });

  it('keeps what it cannot or may not reach, says why, and shows no password', async () => {
    await made();
    const link = await at('link', (id) => world.place(1, id, 'artifacts'));
    const outside = join(world.root, 'outside');
    world.files(outside, 1);
    mkdirSync(world.place(1, link), { recursive: true });
    symlinkSync(outside, world.place(1, link, 'artifacts'));
    const route = 'api/2.0/mlflow-artifacts/artifacts';
    const why: Record<string, RegExp> = {
      [link]: /symbolic link/,
      [await at('windows', (id) => `C:\\mlruns\\1\\${id}\\artifacts`)]: /Windows path/,
      [await at('share', (id) => `\\\\files\\mlruns\\1/${id}/artifacts`)]: /Windows path/,
      [await at('host', (id) => `file://nas/mlruns/1/${id}/artifacts`)]: /its host nas is not this machine/,
      [await at('databricks', (id) => `dbfs:/databricks/mlflow-tracking/1/${id}/artifacts`)]: /Databricks/,
      [await at('ftp', (id) => `ftp://ml:swordfish@ftp.example/1/${id}/artifacts`)]: /no client for FTP/,
      [await at('none', (id) => `mlflow-artifacts:/1/${id}/artifacts`)]: /behind a tracking server/,
      [await at('http', (id) => `http://ml:swordfish@127.0.0.1:9/${route}/1/${id}/artifacts`)]:
        /ECONNREFUSED/,
      [await at('odd', (id) => `http://ml:sword/fish@127.0.0.1:9/${route}/1/${id}/artifacts`)]: /./,
      [await at('parent', (id) => `${server.root}/1/%2e%2e/2/${id}/artifacts`)]: /leads out of it/,
      [await at('bucket', () => `${server.root}/`)]: /root of a bucket|does not name/,
    };
    const good = await world.run('good', { deletedAt: daysAgo(40) });
    const file = join(world.root, 'plan.json');
    const look = (args: readonly string[]) => gc(world, args, undefined, { ...envOf(server), ...impatient });
    const runs = [await collected(), await look(['--plan', file, '--json']), await look(['--dry-run'])];
    const [first] = runs;
    expect(first?.event).toMatchObject({ gone: { run: 1 } });
    expect(await world.values('runs', 'run_uuid')).not.toContain(good);
    const reasons = reasonsOf(first as (typeof runs)[0]);
    expect(Object.keys(reasons).sort()).toEqual(Object.keys(why).sort());
    for (const [id, reason] of Object.entries(why)) expect(reasons[id]).toMatch(reason);
    expect(existsSync(join(outside, 'f0'))).toBe(true);
    const said = [
      ...runs.flatMap(({ out, warned, error }) => [out, warned, error?.message, ...(error?.hints ?? [])]),
      readFileSync(file, 'utf8'),
    ].join('\n');
    expect(said).not.toMatch(/sword/);
    expect(said).not.toMatch(/fish@/);
  });

  it('says that there are no credentials, or that they are out of date', async () => {
    await made();
    const id = await deletedRun(world, server, 'none', 'run');
    const nowhere = { AWS_EC2_METADATA_DISABLED: 'true', HOME: world.root, AWS_PROFILE: undefined };
    const none = await collected([], {
      ...{ ...nowhere, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
    });
    expect(none.error).toMatchObject({ exitCode: 8 });
    expect(reasonsOf(none)[id]).toMatch(/credentials/i);
    if (server.proxy)
      server.proxy.faults = () => ({
        status: 400,
        body: '<?xml version="1.0"?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>',
      });
    const expired = await collected([], { AWS_SESSION_TOKEN: 'a-token-of-s3' });
    expect(reasonsOf(expired)[id]).toMatch(/ExpiredToken.*has expired/);
    expect(`${expired.out}${expired.error?.message}`).not.toContain('a-token-of-s3');
    expect(await lying(server, 'none')).toHaveLength(2);
    expect((await collected()).event).toMatchObject({ gone: { run: 1 }, failed: [] });
  });
});
