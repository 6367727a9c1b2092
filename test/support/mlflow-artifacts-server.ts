import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactServer } from './artifact-server.js';
import { faultProxy } from './fault-proxy.js';
import { answering, freePort } from './gcs-server.js';

/** The Python of CI's environment with real MLflow; null where there is none. */
export function mlflowPython(): string | null {
  const python = join(process.env.MLTRACK_CI_VENV ?? '/nowhere', 'bin', 'python');
  return existsSync(python) ? python : null;
}

const route = '/api/2.0/mlflow-artifacts/artifacts';

/** A real `mlflow server --serve-artifacts` on loopback, its artifacts in a directory that tests may look into. */
export async function startMlflow(
  scheme: 'mlflow-artifacts' | 'http',
): Promise<ArtifactServer & { readonly destination: string }> {
  const home = await mkdtemp(join(tmpdir(), 'mltrack-mlflow-'));
  const destination = join(home, 'artifacts');
  await mkdir(destination);
  const direct = `http://127.0.0.1:${await freePort()}`;
  const proxy = await faultProxy(direct);
  const child = spawn(
    mlflowPython() as string,
    [
      ...['-m', 'mlflow', 'server', '--backend-store-uri', `sqlite:///${join(home, 'mlflow.db')}`],
      ...['--artifacts-destination', destination, '--host', '127.0.0.1', '--port', new URL(direct).port],
      ...['--workers', '1', '--allowed-hosts', '*'],
    ],
    { stdio: 'ignore', detached: true, env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' } },
  );
  const ended = once(child, 'exit');
  const kill = (): void => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
  process.once('exit', kill);
  await answering(`${direct}/health`, child, 120).catch((error) => {
    kill();
    throw error;
  });
  return {
    root: scheme === 'http' ? `${proxy.url}${route}` : 'mlflow-artifacts:',
    missing: null,
    proxy,
    destination,
    options: {
      trackingUri: proxy.url,
      env: { MLFLOW_TRACKING_USERNAME: 'somebody', MLFLOW_TRACKING_PASSWORD: 'a-secret-of-mlflow' },
    },
    secret: 'a-secret-of-mlflow',
    slowDown: { status: 503, body: 'come back later' },
    denied: { status: 403, body: '{"error_code": "PERMISSION_DENIED", "message": "Permission denied"}' },
    async put(key, body) {
      const path = key.split('/').map(encodeURIComponent).join('/');
      const answer = await fetch(`${direct}${route}/${path}`, { method: 'PUT', body });
      if (!answer.ok) throw new Error(`${key}: ${answer.status} ${await answer.text()}`);
    },
    async stop() {
      await proxy.stop();
      kill();
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}
