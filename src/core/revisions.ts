import type { Dialect, DialectName } from '../dialects/dialect.js';
import { applyAll } from '../schema/apply.js';
import type { Operation } from '../schema/operation.js';
import type { Revision } from '../schema/revision.js';
import type { Schema } from '../schema/table.js';
import { revisionModules } from './migration-files.js';
import { indexNames } from './name-index.js';
import { type Names, namesOf } from './names.js';

/** The chain of revisions; the index of a revision is its ordinal, 0 is the base. */
export interface Chain extends Names {
  readonly revisions: readonly Revision[];
  /** What the revisions after `from` up to and including `to` do on this dialect. */
  operations(from: number, to: number, dialect: DialectName): Operation[];
}

let loaded: Promise<Chain> | undefined;

/** Loads `migrations/` once: a new revision is one new file there and nothing else. */
export function loadChain(): Promise<Chain> {
  loaded ??= readFolder().then(chainOf);
  return loaded;
}

async function readFolder(): Promise<{ ordinal: number; revision: Revision }[]> {
  const files = await revisionModules();
  return files.map(([name, file]) => ({
    ordinal: Number.parseInt(name, 10),
    revision: file.default as Revision,
  }));
}

/**
 * Checks that the files make one chain: one base, one head, each `down` is the revision before, ordinal = position.
 *
 * @throws Error on a gap, a fork or a duplicate; that is a defect of mltrack, not of a database.
 */
export function chainOf(files: readonly { ordinal: number; revision: Revision }[]): Chain {
  files.forEach(({ ordinal, revision }, i) => {
    if (ordinal !== i) throw new Error(`migrations/: expected ordinal ${i}, found ${ordinal}`);
    const before = i === 0 ? null : (files[i - 1]?.revision.revision ?? null);
    if ((revision.revision === null) !== (i === 0))
      throw new Error('migrations/: exactly one base is allowed, at 000');
    if (revision.down !== before)
      throw new Error(`migrations/: ${revision.revision} must follow ${before}, it names ${revision.down}`);
  });
  const revisions = files.map((file) => file.revision);
  if (new Set(revisions.map(({ revision }) => revision)).size !== revisions.length)
    throw new Error('migrations/: a revision is there twice');
  return {
    ...namesOf(indexNames(revisions)),
    revisions,
    operations: (from, to, dialect) =>
      revisions.slice(from + 1, to + 1).flatMap((revision) => operationsOf(revision, dialect)),
  };
}

/** A revision's operations on one dialect: steps for other servers are left out. */
export const operationsOf = (revision: Revision, dialect: DialectName): Operation[] =>
  revision.up.flatMap((operation) =>
    operation.kind === 'only' ? (operation.dialects.includes(dialect) ? [...operation.up] : []) : [operation],
  );

/** The schema that MLflow has at a revision, folded from the base; -1 is nothing at all. */
export const expectedAt = (chain: Chain, ordinal: number, dialect: Dialect): Schema =>
  applyAll(new Map(), chain.operations(-1, ordinal, dialect.name), dialect.traits);
