import type { Revision } from '../schema/revision.js';
import { nameIndex } from './migration-files.js';

/** What is told of a revision without its operations. */
export type Named = Pick<Revision, 'revision' | 'release'>;

/**
 * The names in the chain of revisions: enough to tell where a database stands, so that one which is already there costs
 * no reading of what the revisions do. The index of a revision is its ordinal, 0 is the base.
 */
export interface Names {
  readonly revisions: readonly Named[];
  /** Every table name MLflow ever had. */
  readonly tables: ReadonlySet<string>;
  /** The tables of the base, which are there without a stamp. */
  readonly baseTables: ReadonlySet<string>;
  /** Ordinal of a revision identifier, or undefined. */
  ordinalOf(revision: string): number | undefined;
}

/** The names as plain data; the build writes them down. */
export interface NameIndex {
  readonly revisions: readonly Named[];
  readonly tables: readonly string[];
  readonly baseTables: readonly string[];
}

let loaded: Promise<Names> | undefined;

/** Loads the names of the revisions once. */
export function loadNames(): Promise<Names> {
  loaded ??= nameIndex().then(namesOf);
  return loaded;
}

export function namesOf({ revisions, tables, baseTables }: NameIndex): Names {
  const ordinals = new Map(revisions.map(({ revision }, i) => [revision, i]));
  return {
    revisions,
    tables: new Set(tables),
    baseTables: new Set(baseTables),
    ordinalOf: (revision) => ordinals.get(revision),
  };
}
