import { describe, expect, it } from 'vitest';
import { mlflowPython, startMlflow } from '../support/mlflow-artifacts-server.js';
import { describeStore } from './contract.js';

const traits = { times: false, anyKey: false, plainKeys: true, oneRequest: true, many: 60 };
if (mlflowPython()) {
  describeStore('mlflow server, mlflow-artifacts:', () => startMlflow('mlflow-artifacts'), traits);
  describeStore('mlflow server, http:', () => startMlflow('http'), traits);
} else
  describe('mlflow server --serve-artifacts', () => {
    console.warn('LEFT OUT: a real mlflow server --serve-artifacts; CI runs it, with MLTRACK_CI_VENV set');
    it.skipIf(!process.env.MLTRACK_CI_VENV)('needs MLflow from PyPI: set MLTRACK_CI_VENV', () => {
      // Set, but without the server in it: an error.
      expect(mlflowPython()).not.toBeNull();
    });
  });
