import { type Assertion, oneLine } from '../script.js';

/** Statements that fail with `reason`: a constraint's name is the only text of ours that SQLite says when it stops. */
export const assertions = ({ condition, reason }: Assertion): string[] => [
  `CREATE TEMP TABLE mltrack_check (holds CONSTRAINT "mltrack stopped: ${oneLine(reason).replaceAll('"', "'")}" CHECK (coalesce(holds, 0) <> 0))`,
  `INSERT INTO temp.mltrack_check SELECT (${condition})`,
  'DROP TABLE temp.mltrack_check',
];
