import type { Operation } from '../../schema/operation.js';
import type { Schema } from '../../schema/table.js';
import { type Dialect, defaultBigFrom, type Session, type Statement } from '../dialect.js';
import { copiesOn } from './online-ddl.js';
import { type Facts, readFacts } from './server-facts.js';

/**
 * A dialect as it works online: every ALTER demands LOCK=NONE, so that the server refuses what it could only do while
 * writers wait, instead of doing it. ALGORITHM is left to the server, which takes the cheapest one that allows it
 * (MySQL manual, ALTER TABLE, "Concurrency Control"; asked for INPLACE it would rebuild for a new column). What is
 * known to need a copy goes without: where the table is big, somebody has to agree.
 */
export class Online {
  private facts: Facts | null = null;
  private readonly big = new Set<string>();

  constructor(
    private readonly base: Dialect,
    private readonly bigFrom = defaultBigFrom,
  ) {}

  get dialect(): Dialect {
    return {
      ...this.base,
      online: { givesUp: null },
      compile: (operations, schema) => this.compile(operations, schema),
    };
  }

  /** Notes what decides how this server alters its tables, and which of them are big. */
  async refresh(session: Session): Promise<void> {
    this.facts = await readFacts(session);
    const rows = await session.query<{ name: string }>(
      'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND DATA_LENGTH >= ?',
      [this.bigFrom],
    );
    this.big.clear();
    for (const { name } of rows) this.big.add(name);
  }

  private compile(operations: readonly Operation[], before: Schema): Statement[] {
    const statements = this.base.compile(operations, before);
    const { facts, base } = this;
    if (!facts) return statements;
    const copies = copiesOn(facts, base)({ operations, statements, before });
    return statements.map((statement, i) => {
      if (!statement.sql.startsWith('ALTER TABLE') || !before.has(statement.table)) return statement;
      if (copies[i])
        return this.big.has(statement.table) ? { ...statement, keepsWritersOut: true } : statement;
      return { ...statement, sql: `${statement.sql}, LOCK=NONE` };
    });
  }
}
