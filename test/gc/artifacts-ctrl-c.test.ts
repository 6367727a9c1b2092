import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { thorough } from '../support/share.js';
import { place } from './artifact-services.js';
import { daysAgo, gcWorld } from './plan-world.js';

const bin = fileURLToPath(new URL('../../bin/mltrack.js', import.meta.url));

describe.runIf(thorough)('the process of mltrack gc', () => {
  it.each(['gs', 's3'])('ends soon after Ctrl-C, though %s: answers never', async (scheme) => {
    let asked = 0;
    const server = createServer(() => void asked++);
    await new Promise<void>((go) => server.listen(0, '127.0.0.1', go));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const world = await gcWorld('sqlite');
    await world.experiment(1);
    const id = await world.run('a', { deletedAt: daysAgo(40), files: 0 });
    await place(world, id, `${scheme}://b/1/${id}/artifacts`);
    const child = spawn(process.execPath, [bin, 'gc', '--backend-store-uri', world.database.uri, '--yes'], {
      env: {
        ...{ PATH: process.env.PATH, STORAGE_EMULATOR_HOST: url, MLFLOW_S3_ENDPOINT_URL: url },
        ...{ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'us-east-1' },
      },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    while (asked === 0 && child.exitCode === null) await sleep(50);
    const start = performance.now();
    child.kill('SIGINT');
    const [code] = await ended;
    expect(code).toBe(130);
    expect(performance.now() - start).toBeLessThan(8000);
    expect(await world.values('runs', 'run_uuid')).toEqual([id]);
    server.closeAllConnections();
    server.close();
    await world.drop();
  });
});
