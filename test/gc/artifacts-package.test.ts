import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { thorough } from '../support/share.js';
import { place } from './artifact-services.js';
import { daysAgo, gcWorld } from './plan-world.js';

const project = fileURLToPath(new URL('../..', import.meta.url));
const sdks = ['@aws-sdk/client-s3', '@google-cloud/storage', '@azure/storage-blob', '@azure/identity'];

/** The built program with all that is installed beside it, but the SDKs: as `npm install mltrack` leaves it. */
describe.runIf(thorough)('mltrack gc without the optional packages', () => {
  const home = mkdtempSync(join(tmpdir(), 'mltrack-bare-'));
  beforeAll(() => {
    for (const name of ['dist', 'bin', 'package.json'])
      cpSync(join(project, name), join(home, name), { recursive: true });
    const [from, to] = [join(project, 'node_modules'), join(home, 'node_modules')];
    mkdirSync(to);
    for (const name of readdirSync(from))
      if (!sdks.some((sdk) => sdk.startsWith(`${name}/`))) symlinkSync(join(from, name), join(to, name));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('names what to install, keeps the run, and takes the local ones', async () => {
    const world = await gcWorld('sqlite');
    await world.experiment(1);
    const here = await world.run('here', { deletedAt: daysAgo(40) });
    const there: Record<string, string> = {};
    for (const [short, root, name] of [
      ['a', 's3://b', '@aws-sdk/client-s3'],
      ['g', 'gs://b', '@google-cloud/storage'],
      ['w', 'wasbs://c@acct.blob.core.windows.net', '@azure/storage-blob'],
    ] as const) {
      const id = await world.run(short, { deletedAt: daysAgo(40), files: 0 });
      await place(world, id, `${root}/1/${id}/artifacts`);
      there[id] = name;
    }
    const args = [
      join(home, 'bin', 'mltrack.js'),
      'gc',
      '--backend-store-uri',
      world.database.uri,
      '--yes',
      '--json',
    ];
    const failed = await promisify(execFile)(process.execPath, args).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string }) => error,
    );
    expect(failed.code).toBe(8);
    const event = failed.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find((one) => one.event === 'gc');
    expect(event).toMatchObject({ gone: { run: 1 } });
    const reasons = (event?.failed ?? []) as { id: string; reason: string }[];
    expect(
      Object.fromEntries(reasons.map(({ id, reason }) => [id, /npm package (\S+),/.exec(reason)?.[1]])),
    ).toEqual(there);
    expect(existsSync(world.place(1, here, 'artifacts'))).toBe(false);
    await world.drop();
  });
});
