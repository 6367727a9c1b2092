import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { clientPath } from '../support/clients.js';
import { databaseAt } from '../support/databases.js';
import { fileOf } from '../support/snapshot.js';

const path = clientPath('sqlite');
const root = fileURLToPath(new URL('../..', import.meta.url));

it.runIf(path !== null)('docs/backup.md: its commands run as they stand', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mltrack-docs-'));
  const database = await databaseAt('sqlite', 48);
  try {
    copyFileSync(fileOf(database), join(folder, 'mlflow.db'));
    const shim = `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin/mltrack.js')}' "$@"\n`;
    writeFileSync(join(folder, 'mltrack'), shim);
    chmodSync(join(folder, 'mltrack'), 0o755);
    const [, commands = ''] =
      /```sh\n(.*?)```/s.exec(readFileSync(join(root, 'docs/backup.md'), 'utf8')) ?? [];
    expect(commands.trim().split('\n')).toHaveLength(5);
    const env = { PATH: `${folder}:${path}`, HOME: folder };
    const run = spawnSync('/bin/sh', ['-ec', commands], { cwd: folder, env, encoding: 'utf8' });
    expect(run.status, `${run.stdout}${run.stderr}`).toBe(0);
    expect(readdirSync(folder)).toContain('by-hand.db');
    expect(readdirSync(join(folder, 'backups'))).toHaveLength(2);
  } finally {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
});
