import { describe, expect, it } from 'vitest';
import { gcsProgram, startGcs } from '../support/gcs-server.js';
import { describeStore } from './contract.js';

if (gcsProgram())
  describeStore('Google Cloud Storage (fake-gcs-server)', startGcs, { times: true, anyKey: true });
else
  describe('Google Cloud Storage', () => {
    console.warn('LEFT OUT: gs:// on fake-gcs-server; CI runs it, with MLTRACK_CI_VENV set');
    it.skipIf(!process.env.MLTRACK_CI_VENV)('needs fake-gcs-server from PyPI: set MLTRACK_CI_VENV', () => {
      // Set, but without the server in it: an error.
      expect(gcsProgram()).not.toBeNull();
    });
  });
