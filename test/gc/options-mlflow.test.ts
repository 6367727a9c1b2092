import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { gcCommand } from '../../src/commands/gc.js';
import { backendUri } from '../../src/commands/gc-options.js';
import { rulesOf } from '../../src/core/gc/selection.js';
import { Stop } from '../../src/core/stop.js';
import { mlflowPython } from '../support/mlflow-artifacts-server.js';

const python = mlflowPython();
if (!python)
  process.stderr.write('\n!!! MLTRACK_CI_VENV is not set: the options of real mlflow gc are LEFT OUT\n\n');

interface Listed {
  readonly flags: string[];
  readonly variables: string[];
  readonly isFlag: boolean;
}

/** The options as MLflow's own command line has them; `--tracking-uri` reads its variable as it is imported. */
const list = `
import json
from mlflow.cli import gc
print(json.dumps([{
    "flags": p.opts,
    "variables": [p.envvar] if isinstance(p.envvar, str) else list(p.envvar or []),
    "isFlag": p.is_flag,
} for p in gc.params]))
`;

describe.skipIf(!python)('the options of mlflow gc', () => {
  const theirs = (): Listed[] => {
    const env = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' };
    const text = execFileSync(python as string, ['-W', 'ignore', '-c', list], { encoding: 'utf8', env });
    return JSON.parse(text.trim().split('\n').at(-1) as string) as Listed[];
  };

  it('are all there, under their names', { timeout: 60_000 }, () => {
    const found = theirs();
    expect(found.length).toBeGreaterThanOrEqual(11);
    const ours = new Map(gcCommand(new Stop()).options.map((option) => [option.long, option]));
    for (const { flags, isFlag } of found)
      for (const flag of flags) {
        expect([flag, ours.has(flag)]).toEqual([flag, true]);
        expect([flag, ours.get(flag)?.required ?? false]).toEqual([flag, !isFlag]);
      }
    const variables = found.flatMap((option) => option.variables).sort();
    expect(variables).toEqual(['MLFLOW_ARTIFACTS_DESTINATION', 'MLFLOW_WORKSPACE']);
  });

  it('read the same variables', () => {
    const variable = (flag: string) =>
      gcCommand(new Stop()).options.find(({ long }) => long === flag)?.envVar;
    expect(variable('--artifacts-destination')).toBe('MLFLOW_ARTIFACTS_DESTINATION');
    expect(variable('--tracking-uri')).toBe('MLFLOW_TRACKING_URI');
    expect(rulesOf({}, { MLFLOW_WORKSPACE: 'team' }, 0).workspace).toBe('team');
    // As in MLflow, the variable does not contradict --all-workspaces.
    expect(rulesOf({ allWorkspaces: true }, { MLFLOW_WORKSPACE: 'team' }, 0).workspace).toBeNull();
    expect(backendUri({}, { MLFLOW_BACKEND_STORE_URI: 'sqlite:///a.db' })).toBe('sqlite:///a.db');
  });
});
