import { type Checked, checkDatabase } from '../../src/core/check/check.js';
import { Stop } from '../../src/core/stop.js';
import type { Session } from '../../src/dialects/dialect.js';

/** Checks a database as `db check` does without options; `rows`: with `--rows`. */
export const check = (session: Session, rows = false): Promise<Checked> =>
  checkDatabase(session, { rows, requireHead: false, server: null, stop: new Stop() });
