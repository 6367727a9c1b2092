import { describe, expect, it } from 'vitest';
import { startAzure } from '../support/azure-server.js';
import { gcsProgram, startGcs } from '../support/gcs-server.js';
import { mlflowPython, startMlflow } from '../support/mlflow-artifacts-server.js';
import { thorough } from '../support/share.js';
import { describeCollection } from './artifact-services.js';

// These servers start slowly, and two of them come from PyPI: a CI stage after `npm test` runs them, with
// MLTRACK_TESTS=all and MLTRACK_CI_VENV.
if (thorough) {
  describeCollection('Azure Blob Storage (Azurite)', () => startAzure('wasbs'));
  if (gcsProgram()) describeCollection('Google Cloud Storage (fake-gcs-server)', startGcs);
  if (mlflowPython()) {
    describeCollection('a running mlflow server, mlflow-artifacts:', () => startMlflow('mlflow-artifacts'));
    describeCollection('a running mlflow server, http:', () => startMlflow('http'));
  }
}

describe('collections on more servers', () => {
  it.skipIf(!thorough || !process.env.MLTRACK_CI_VENV)('are not left out for want of a server', () => {
    expect(gcsProgram()).not.toBeNull();
    expect(mlflowPython()).not.toBeNull();
  });
});
