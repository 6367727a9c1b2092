import { meanwhile } from '../claims.js';
import type { Cost, LockClaim, Locks, Weights } from '../cost.js';
import type { Session } from '../dialect.js';
import { measurer } from '../probe.js';
import { sizer } from '../sizes.js';
import { diskNeeded, readBytes, readEstimates } from './disk.js';
import type { Flavour } from './flavour.js';
import { claimsOn, LOCK } from './online-ddl.js';
import { type Facts, readFacts, typicalFacts } from './server-facts.js';

const shared = { fixed: 0.1, scan: 0.5, build: 1.2, rewrite: 4, stream: 20, check: 0 };
const assumed = { scan: 1e-6, sort: 2e-6 };

/** MySQL writes its dictionary and its file at every change of a schema, and copies row by row into the keys. */
const weights: Readonly<Record<Flavour, Weights>> = {
  mysql: { ...shared, statement: 0.013, copy: 25, inside: 5, assumed },
  mariadb: { ...shared, statement: 0.005, copy: 3.5, inside: 1.5, assumed },
};

/**
 * MySQL sorts for a window function in a temporary table, which goes to disk and is then read in random order once
 * it is far bigger than the buffer pool: 1 M metrics took 5 s, 2 M some minutes (bench/plan-results.md).
 */
const spilled = 40;

/** What an upgrade costs on MySQL or MariaDB. */
export async function costOf(session: Session): Promise<Cost> {
  const facts = await readFacts(session);
  const limited = (count: number, columns: string, table: string) =>
    `SELECT ${columns} FROM ${table} LIMIT ${count}`;
  return {
    weights: weights[facts.flavour],
    spills: ({ bytes }) => (facts.flavour === 'mysql' && (bytes ?? 0) > 2.5 * facts.bufferPool ? spilled : 1),
    ...locksOn(facts),
    meanwhile: (list) => {
      const sentence = meanwhile(list, 'while the statement runs');
      return list.some(({ work }) => work === 'rows')
        ? 'The MLflow server must be stopped: rows are worked on and the server cannot keep writers out.'
        : sentence;
    },
    measure: measurer(session, { first: limited, length: (column) => `LENGTH(${column})` }),
    storage: sizer(session, {
      bounded: (count, table) => limited(count, '1', table),
      estimates: (tables) => readEstimates(session, tables),
      bytes: (tables) => readBytes(session, tables, facts),
    }),
    disk: (deeds, sizes) => diskNeeded(deeds, sizes, facts),
  };
}

/** LOCK TABLES would end with the next change of the schema, so writers are not kept out. */
const locksOn = (facts: Facts): Locks => ({
  claims: claimsOn(facts),
  rowClaims: ({ writes }) =>
    writes.map((table): LockClaim => ({ table, lock: LOCK.write, work: 'rows', blocks: 'nothing' })),
});

/** The locks on a server without settings of its own. */
export const typical = (label: string): Locks => locksOn(typicalFacts(label));
