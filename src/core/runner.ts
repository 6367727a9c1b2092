import type { Session } from '../dialects/dialect.js';
import { apply } from '../schema/apply.js';
import type { Operation } from '../schema/operation.js';
import type { RowContext, RowWork } from '../schema/row-work.js';
import type { Schema } from '../schema/table.js';
import type { Listener } from './events.js';
import type { Progress } from './progress.js';
import type { Stop } from './stop.js';

/** From this many written rows on, the planner should learn of them. */
const analyzeFrom = 10_000;

/**
 * Carries operations out. Schema changes are gathered until row work or the end, because a dialect may fold them:
 * SQLite then rebuilds a table once for many revisions. Row work is never crossed.
 */
export class Runner {
  private pending: Operation[] = [];
  private waiting: (() => void)[] = [];

  constructor(
    private readonly session: Session,
    /** The live schema; kept up to date by folding, so that it is read once. */
    private live: Schema,
    private readonly progress: Progress,
    private readonly stop: Stop,
    private readonly listen: Listener,
  ) {}

  /** @param done called when the last of `operations` has been carried out, which may be at a later flush. */
  async run(operations: readonly Operation[], done: () => void): Promise<void> {
    for (const operation of operations) {
      if (operation.kind === 'rows') {
        await this.flush();
        await this.work(operation);
      } else this.pending.push(operation);
    }
    if (this.pending.length > 0) this.waiting.push(done);
    else done();
  }

  /** Does what was gathered. */
  async flush(): Promise<void> {
    if (this.pending.length === 0) return;
    const operations = await missingInserts(this.session, this.pending, this.live);
    this.pending = [];
    const statements = this.session.dialect.compile(operations, this.live);
    const replaced = statements.filter((statement) => statement.replaces).map((statement) => statement.table);
    await this.session.around(replaced, async () => {
      for (const statement of statements) {
        this.stop.check();
        this.progress.statement(statement);
        await this.session.query(statement.sql);
        this.progress.statementDone(statement);
      }
    });
    this.live = operations.reduce(
      (state, operation) => apply(state, operation, this.session.dialect.traits),
      this.live,
    );
    for (const done of this.waiting.splice(0)) done();
  }

  private async work(work: RowWork): Promise<void> {
    this.stop.check();
    let written = 0;
    const context = rowContext(this.session, this.stop, this.listen, {
      progress: (rows) => this.progress.rows(work.title, work.reads[0] ?? '', rows),
      wrote: (rows) => {
        written += rows;
      },
    });
    this.progress.rows(work.title, work.reads[0] ?? '', null);
    await work.run(context);
    this.progress.rowWorkDone(work.reads);
    if (written >= analyzeFrom) for (const table of work.writes) await this.session.analyze(table);
  }
}

/** The operations without rows to insert that are there already. */
export async function missingInserts(
  session: Session,
  operations: readonly Operation[],
  live: Schema,
): Promise<Operation[]> {
  const missing: Operation[] = [];
  for (const operation of operations) {
    if (operation.kind === 'insertRow' && (await isThere(session, operation, live))) continue;
    missing.push(operation);
  }
  return missing;
}

/** By the table's key. */
async function isThere(
  { sql }: Session,
  { table, row }: Extract<Operation, { kind: 'insertRow' }>,
  live: Schema,
): Promise<boolean> {
  const key = live.get(table)?.primaryKey?.columns ?? [];
  if (key.length === 0) return false;
  const condition = key.map((column) => `${sql.quote(column)} = ${sql.bind('text')}`).join(' AND ');
  const found = await sql.query(
    `SELECT 1 AS found FROM ${sql.quote(table)} WHERE ${condition}`,
    key.map((column) => row[column]),
  );
  return found.length > 0;
}

interface Hooks {
  readonly progress?: (rows: number) => void;
  readonly wrote?: (rows: number) => void;
}

/** The context of row work: the session's SQL, and a way to report. */
export function rowContext(session: Session, stop: Stop, listen: Listener, hooks: Hooks = {}): RowContext {
  return {
    ...session.sql,
    execute: async (sql, params) => {
      const rows = await session.sql.execute(sql, params);
      hooks.wrote?.(rows);
      return rows;
    },
    now: Date.now(),
    progress: (done) => hooks.progress?.(done),
    warn: (message) => listen({ event: 'warning', message }),
    checkpoint: () => stop.check(),
  };
}
