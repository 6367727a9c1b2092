import type { Session, Statement } from '../dialects/dialect.js';
import type { Listener } from './events.js';
import type { Step } from './steps.js';

/** Counts work in estimated rows, so that the share it reports grows with time and not with statements. */
export class Progress {
  private done = 0;
  private total = 1;
  private readonly sizes = new Map<string, number>();

  constructor(private readonly listen: Listener) {}

  /** Estimates the rows that the steps will read, of the tables that are there now. */
  async plan(session: Session, tables: ReadonlySet<string>, steps: readonly Step[]): Promise<void> {
    const names = steps.flatMap((step) => {
      if (step.kind === 'stamp') return [];
      if (step.kind === 'rows') return step.work.reads;
      return step.operations.flatMap((operation) =>
        'table' in operation && typeof operation.table === 'string' ? [operation.table] : [],
      );
    });
    for (const name of new Set(names))
      if (tables.has(name)) this.sizes.set(name, await session.estimateRows(name));
    this.total = names.reduce((sum, name) => sum + this.size(name), 0) + 1;
  }

  size(table: string): number {
    return this.sizes.get(table) ?? 0;
  }

  statement(statement: Statement): void {
    this.tell(statement.title, statement.table, statement.scans ? this.size(statement.table) : null, 0);
  }

  statementDone(statement: Statement): void {
    if (statement.scans) this.done += this.size(statement.table);
  }

  /** Rows done inside one piece of row work. */
  rows(title: string, table: string, rows: number | null): void {
    this.tell(title, table, rows, rows ?? 0);
  }

  rowWorkDone(tables: readonly string[]): void {
    for (const table of tables) this.done += this.size(table);
  }

  private tell(step: string, table: string, rows: number | null, extra: number): void {
    const share = Math.min((this.done + extra) / this.total, 0.99);
    this.listen({ event: 'progress', step, table, rows, share: Math.round(share * 1000) / 1000 });
  }
}
