import { readFile, writeFile } from 'node:fs/promises';
import { shown } from '../../artifacts/failure.js';
import { usageError } from '../../errors.js';
import type { Item } from './eligible-rules.js';
import { orphansJson, plannedOrphans } from './orphan-artifacts-plan.js';
import type { PlannedOrphans } from './orphan-artifacts-types.js';
import type { GcPlan, PlanChoices } from './plan.js';
import type { Identity } from './plan-identity.js';
import { type PlanKind, planKinds } from './plan-select.js';

/** The shape of the file; a reader of another refuses it. */
const version = 1;

/** What a plan file allows: no more than these items, each as old as the plan saw it. */
export interface ReadPlan {
  readonly identity: Identity;
  readonly choices: PlanChoices;
  /** By kind: id → when it was deleted, milliseconds since the epoch. */
  readonly planned: Readonly<Record<PlanKind, ReadonlyMap<string, number | null>>>;
  /** Logged models that go only with their experiment. */
  readonly inside: ReadonlySet<string>;
  /** Folders that belong to nothing which may go; null: none may. */
  readonly orphanArtifacts: PlannedOrphans | null;
}

/**
 * The plan as JSON, for the file and for `--json`. Locations of artifacts are for people: they are read anew, and stand
 * there without user and password.
 */
export const planJson = ({ kept, items, orphanArtifacts, ...plan }: GcPlan) => ({
  ...{ event: 'gc-plan', version, ...plan },
  orphanArtifacts: orphanArtifacts ? orphansJson(orphanArtifacts) : null,
  items: items.map(withoutCredentials),
  kept: kept.map(({ item, reason }) => ({ ...withoutCredentials(item), reason })),
});

const withoutCredentials = <T extends Item>(item: T): T =>
  item.artifactUri === null ? item : { ...item, artifactUri: shown(item.artifactUri) };

/** @throws exit 2 where it cannot be written */
export async function writePlan(path: string, plan: GcPlan): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(planJson(plan), null, 1)}\n`);
  } catch (error) {
    throw usageError(
      `the plan cannot be written to ${path} (${(error as NodeJS.ErrnoException).code})`,
      'check the directory and its mode',
    );
  }
}

/** @throws exit 2 for what is no plan of this version */
export async function readPlan(path: string): Promise<ReadPlan> {
  const plan = parse(path, await text(path));
  const bad = (what: string) => usageError(`${path} is no plan of mltrack gc: ${what}`, remake);
  if (plan.event !== 'gc-plan') throw bad('it says so itself');
  if (plan.version !== version)
    throw usageError(
      `${path} is a plan in version ${plan.version}, and this mltrack reads ${version}`,
      remake,
    );
  if (!Array.isArray(plan.items)) throw bad('it lists no items');
  const planned = Object.fromEntries(planKinds.map((kind) => [kind, new Map<string, number | null>()]));
  const inside = new Set<string>();
  for (const item of plan.items as Partial<Record<string, unknown>>[]) {
    const { kind, id, deletedAt } = item ?? {};
    const list = typeof kind === 'string' ? planned[kind] : undefined;
    if (!list || typeof id !== 'string' || (deletedAt !== null && typeof deletedAt !== 'number'))
      throw bad('an item lacks its kind, id or time');
    list.set(id, deletedAt);
    if (typeof item.inside === 'string') inside.add(id);
  }
  return {
    identity: identityIn(plan.identity) ?? refuse(bad('it names no database')),
    choices: choicesIn(plan.choices) ?? refuse(bad('it does not say what it was made with')),
    planned: planned as unknown as ReadPlan['planned'],
    inside,
    orphanArtifacts: plannedOrphans(plan.orphanArtifacts, bad),
  };
}

const remake = 'make it with: mltrack gc --plan FILE';

const refuse = (error: Error): never => {
  throw error;
};

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw usageError(
      `the plan ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      'check its path, owner and mode',
    );
  }
}

function parse(path: string, json: string): Record<string, unknown> {
  try {
    const plan: unknown = JSON.parse(json);
    if (typeof plan === 'object' && plan !== null) return plan as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw usageError(`${path} is no plan of mltrack gc: it is no JSON object`, remake);
}

function identityIn(value: unknown): Identity | null {
  const { dialect, place, revision, anchor } = (value ?? {}) as Record<string, unknown>;
  const texts = [dialect, place, revision ?? ''].every((one) => typeof one === 'string');
  return texts && anchor !== undefined ? (value as Identity) : null;
}

/** Every choice must be there: one that is missing must not mean "no limit". */
function choicesIn(value: unknown): PlanChoices | null {
  const given = (value ?? {}) as Record<string, unknown>;
  const flags = [
    ...['undated', 'includeActiveModels', 'includeRegistered', 'ignoreRegistry'],
    ...['keepArtifacts', 'orphans'],
  ];
  const { cutoff, workspace } = given;
  const good =
    flags.every((name) => typeof given[name] === 'boolean') &&
    (cutoff === null || typeof cutoff === 'number') &&
    (workspace === null || typeof workspace === 'string');
  return good ? (value as PlanChoices) : null;
}
