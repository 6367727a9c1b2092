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
import { databaseAt } from '../support/databases.js';
import { fileOf } from '../support/snapshot.js';
import { seeded } from './traces.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('docs/prepopulate.md: its commands run as they stand, and say what stands there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mltrack-docs-'));
  const database = await databaseAt('sqlite', 65);
  try {
    await database.run(...seeded('sqlite'));
    copyFileSync(fileOf(database), join(folder, 'mlflow.db'));
    const shim = `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin/mltrack.js')}' "$@"\n`;
    writeFileSync(join(folder, 'mltrack'), shim);
    chmodSync(join(folder, 'mltrack'), 0o755);
    const text = readFileSync(join(root, 'docs/prepopulate.md'), 'utf8');
    const [, commands = ''] = /```sh\n(.*?)```/s.exec(text) ?? [];
    const [, output = ''] = /```\n(filled ahead.*?)```/s.exec(text) ?? [];
    expect(commands.trim().split('\n')).toHaveLength(3);
    const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder };
    const run = spawnSync('/bin/sh', ['-ec', commands], { cwd: folder, env, encoding: 'utf8' });
    expect(run.status, `${run.stdout}${run.stderr}`).toBe(0);
    const numbers = (said: string) => said.replaceAll(/\d[\d,.]*(?= s,| rows,| written)/g, 'n');
    expect(numbers(run.stdout)).toContain(numbers(output));
    expect(readdirSync(folder).sort()).toEqual(['mlflow.db', 'mltrack']);
  } finally {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
});
