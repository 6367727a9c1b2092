import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '../../dialects/dialect.js';
import type { Links } from '../../schema/link.js';
import type { Condition } from '../../schema/row-work.js';
import type { Schema } from '../../schema/table.js';
import { isBusy } from '../step-back.js';
import { queueRebuilds } from './delete-rows-rollups.js';
import { addRows, HeldError, keysAtOnce, type RowCounts, Walk } from './delete-rows-walk.js';
import { type Edge, edgesOf, type Node, nodeOf } from './graph.js';
import type { Hold } from './hold.js';
import { noStrangers, type Strangers } from './strangers.js';

/** What can be collected, and where its own row stands. */
export const itemKinds = {
  run: ['runs', 'run_uuid'],
  model: ['logged_models', 'model_id'],
  trace: ['trace_info', 'request_id'],
  job: ['jobs', 'id'],
  experiment: ['experiments', 'experiment_id'],
} as const;

export type ItemKind = keyof typeof itemKinds;

/** How often a batch is tried that lost in a deadlock or waited too long for a lock, and for how long, milliseconds. */
const mostAttempts = 4;
const patience = 15_000;

export interface Deleted {
  /** Items whose rows are gone. */
  readonly gone: readonly string[];
  /** Items that were no longer eligible when their rows were locked: restored, changed, or gone already. */
  readonly changed: readonly string[];
  /** Items that rows of another table still need. */
  readonly held: readonly { readonly key: string; readonly table: string }[];
  /** Rows deleted, by table. */
  readonly rows: RowCounts;
}

/** What decides, once its rows are locked, whether an item still goes. */
export interface Still {
  /** Over the item's own row. */
  readonly item: Condition;
  /** Over the experiment that holds them all, where they go only because it does. */
  readonly experiment?: { readonly id: string; readonly condition: Condition };
}

/** Deletes items with everything that hangs on them, for one session and one revision's schema. */
export class RowDeleter {
  /** MLflow's own links. */
  readonly edges: readonly Edge[];
  private readonly nodes = new Map<ItemKind, Node>();

  private constructor(
    readonly walk: Walk,
    schema: Schema,
    links: Links,
    private readonly strangers: Strangers,
  ) {
    this.edges = edgesOf(schema, links);
  }

  /** Whether tables of the user's own may need what is to go. */
  get hasStrangers(): boolean {
    return this.strangers.edges.length > 0;
  }

  /** @param strangers foreign keys of the user's own */
  static async open(
    session: Session,
    schema: Schema,
    links: Links,
    strangers: Strangers = noStrangers,
  ): Promise<RowDeleter> {
    const whole = new Map([...schema, ...strangers.tables]);
    return new RowDeleter(new Walk(session, await session.dialect.gc(), whole), schema, links, strangers);
  }

  /** What goes with an item. An experiment's runs and models are items too, with artifacts: they hold it while they are there. */
  node(kind: ItemKind): Node {
    const known = this.nodes.get(kind);
    if (known) return known;
    const [table, column] = itemKinds[kind];
    const node = nodeOf(
      [...this.edges, ...this.strangers.edges],
      { table, column },
      kind === 'experiment' ? ['runs', 'logged_models'] : [],
    );
    this.nodes.set(kind, node);
    return node;
  }

  /** Rows by table that would go with these items. */
  async count(kind: ItemKind, keys: readonly string[]): Promise<RowCounts> {
    const counts: RowCounts = new Map();
    for (let i = 0; i < keys.length; i += keysAtOnce)
      await this.walk.count(this.node(kind), keys.slice(i, i + keysAtOnce), counts);
    return counts;
  }

  /**
   * Deletes a batch of whole items in one transaction: their own rows are locked and looked at again first, then
   * children go before parents. Tried again when another session is in the way.
   *
   * @param keys at most `keysAtOnce`
   * @param hold a transaction that keeps them already: it is gone on with
   * @throws exit 7 when another session stays in the way; nothing of the batch is gone then
   */
  async deleteItems(
    kind: ItemKind,
    keys: readonly string[],
    still: Still,
    hold: Hold | null = null,
  ): Promise<Deleted> {
    try {
      return await this.patiently(async () => this.attempt(kind, keys, still, await hold?.take()));
    } catch (error) {
      if (!(error instanceof HeldError)) throw error;
      if (keys.length === 1)
        return {
          gone: [],
          changed: [],
          rows: new Map(),
          held: keys.map((key) => ({ key, table: error.table })),
        };
      return this.oneByOne(kind, keys, still);
    }
  }

  private async oneByOne(kind: ItemKind, keys: readonly string[], still: Still): Promise<Deleted> {
    const rows: RowCounts = new Map();
    const all: Deleted[] = [];
    for (const key of keys) all.push(await this.deleteItems(kind, [key], still));
    for (const one of all) for (const [table, n] of one.rows) addRows(rows, table, n);
    return {
      gone: all.flatMap(({ gone }) => gone),
      changed: all.flatMap(({ changed }) => changed),
      held: all.flatMap(({ held }) => held),
      rows,
    };
  }

  private async attempt(
    kind: ItemKind,
    keys: readonly string[],
    still: Still,
    open = false,
  ): Promise<Deleted> {
    const { session } = this.walk;
    const rows: RowCounts = new Map();
    const work = async () => {
      const gone = await this.lock(kind, keys, still);
      if (kind === 'run' && gone.length > 0) await queueRebuilds(this.walk, gone);
      if (gone.length > 0) await this.walk.remove(this.node(kind), gone, rows);
      const left = new Set(gone);
      return { gone, changed: keys.filter((key) => !left.has(key)), held: [], rows };
    };
    return inWrite(session, work, open);
  }

  /** Locks the items that still go, in order so that two who lock several wait and do not cross, and says which they are. */
  private async lock(kind: ItemKind, keys: readonly string[], still: Still): Promise<string[]> {
    const { experiment, item } = still;
    if (experiment) {
      const [table, column] = itemKinds.experiment;
      if ((await this.locked(table, column, [experiment.id], experiment.condition)).length === 0) return [];
    }
    const [table, column] = itemKinds[kind];
    return this.locked(table, column, keys, item);
  }

  private async locked(
    table: string,
    column: string,
    keys: readonly string[],
    still: Condition,
  ): Promise<string[]> {
    const { session, words } = this.walk;
    const { quote } = session.sql;
    const own = this.walk.keyed(table, column, keys);
    const rows = await session.query<{ k: string | number }>(
      words.lockRows(`${quote(column)} AS k`, quote(table), `${own.sql} AND ${still.sql} ORDER BY 1`),
      [...own.params, ...still.params],
    );
    return rows.map(({ k }) => String(k));
  }

  /** Runs a transaction; one that another session stopped is run again after a short while. */
  async patiently<T>(work: () => Promise<T>): Promise<T> {
    const until = Date.now() + patience;
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!isBusy(error) || attempt === mostAttempts || Date.now() > until) throw error;
        await sleep(100 * 2 ** attempt * (0.5 + Math.random()));
      }
    }
  }
}

/** A transaction that is there whole or not at all; `open` when it has begun already. */
export async function inWrite<T>(session: Session, work: () => Promise<T>, open = false): Promise<T> {
  if (!open) await session.beginWrite();
  try {
    const result = await work();
    await session.commit();
    return result;
  } catch (error) {
    await session.rollback();
    throw error;
  }
}
