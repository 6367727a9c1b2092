import type { ServerKind } from '../support/server-kinds.js';
import { type Edit, titleOf } from './edit.js';
import { type Expected, expectedOf, hidesStamp, touchedBy } from './expected.js';
import { editsOf } from './generate.js';
import { type Golden, goldenTables } from './golden.js';
import { writers } from './writers.js';

export interface Mutant {
  readonly title: string;
  readonly edit: Edit;
  readonly statements: readonly string[];
  readonly expected: Expected;
  readonly touches: ReadonlySet<string>;
  /** The stamp cannot be read: the check refuses. */
  readonly refused: boolean;
  /** Tried alone: a check might take it for the work of a revision, not for drift. */
  readonly alone: boolean;
}

export interface Mutants {
  readonly golden: Golden;
  readonly mutants: readonly Mutant[];
  /** "null runs.run_uuid: a primary key's column is NOT NULL on PostgreSQL". */
  readonly impossible: readonly string[];
}

/** Every mutant of a state on one kind of server, and those that it cannot hold. */
export function mutantsAt(kind: ServerKind, ordinal: number): Mutants {
  const golden = goldenTables(kind, ordinal);
  const before = goldenTables(kind, ordinal - 1);
  const [mutants, impossible]: [Mutant[], string[]] = [[], []];
  for (const edit of editsOf(golden, kind, writers[kind])) {
    const written = writers[kind].write(edit, golden);
    const title = titleOf(edit);
    if ('impossible' in written) impossible.push(`${title}: ${written.impossible}`);
    else
      mutants.push({
        ...{ title, edit, statements: written },
        expected: expectedOf(edit, golden, kind),
        touches: touchedBy(edit, golden, kind),
        refused: hidesStamp(edit, kind),
        alone: hidesStamp(edit, kind) || undoes(edit, golden, before),
      });
  }
  return { golden, mutants, impossible };
}

/** Whether a table without what the edit drops might be that of the revision before. */
const undoes = (edit: Edit, golden: Golden, before: Golden): boolean =>
  edit.kind.startsWith('drop') && JSON.stringify(golden[edit.table]) !== JSON.stringify(before[edit.table]);

export const isStranger = ({ edit }: Mutant): boolean => edit.kind.startsWith('stranger');

/** Mutants that are made at once: no two touch the same table. Strangers stay, so they have batches of their own. */
export function batchesOf(mutants: readonly Mutant[]): Mutant[][] {
  const strangers = mutants.filter(isStranger);
  const alone = mutants.filter((mutant) => mutant.alone);
  const rest = mutants.filter((mutant) => !mutant.alone && !isStranger(mutant));
  return [...alone.map((mutant) => [mutant]), ...pack(rest), ...pack(strangers)];
}

function pack(mutants: readonly Mutant[]): Mutant[][] {
  const batches: { mutants: Mutant[]; touched: Set<string> }[] = [];
  // What touches many tables first: the rest fits around it.
  for (const mutant of [...mutants].sort((a, b) => b.touches.size - a.touches.size)) {
    let batch = batches.find(({ touched }) => [...mutant.touches].every((table) => !touched.has(table)));
    if (!batch) {
      batch = { mutants: [], touched: new Set() };
      batches.push(batch);
    }
    batch.mutants.push(mutant);
    for (const table of mutant.touches) batch.touched.add(table);
  }
  return batches.map((batch) => batch.mutants);
}

/** One of each kind of mutant, on as many tables as there are: what `npm test` has time for. */
export function sampleOf(mutants: readonly Mutant[]): Mutant[] {
  const chosen = new Map<string, Mutant>();
  const taken = new Set<string>();
  const isFree = ({ touches }: Mutant) => [...touches].every((table) => !taken.has(table));
  const kindOf = ({ edit }: Mutant) => `${edit.kind} ${'form' in edit ? edit.form : ''}`;
  for (const onlyFree of [true, false])
    for (const mutant of mutants) {
      const kind = kindOf(mutant);
      if (mutant.refused || chosen.has(kind) || (onlyFree && !isFree(mutant))) continue;
      chosen.set(kind, mutant);
      for (const table of mutant.touches) taken.add(table);
    }
  return [...chosen.values()];
}
