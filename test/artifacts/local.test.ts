import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ArtifactServer } from '../support/artifact-server.js';
import { describeStore } from './contract.js';

/** A directory, named in the database as a `file:` URI or as a plain path. */
async function startLocal(asUri: boolean): Promise<ArtifactServer> {
  const root = await mkdtemp(join(tmpdir(), 'mltrack-artifacts-'));
  return {
    root: asUri ? `file://${root}` : root,
    missing: null,
    proxy: null,
    options: {},
    secret: 'none',
    slowDown: { status: 503 },
    denied: { status: 403 },
    async put(key, body) {
      await mkdir(dirname(join(root, key)), { recursive: true });
      await writeFile(join(root, key), body);
    },
    stop: () => rm(root, { recursive: true, force: true }),
  };
}

describeStore('local files by file: URI', () => startLocal(true), { times: true, anyKey: false });
describeStore('local files by path', () => startLocal(false), { times: true, anyKey: false });
