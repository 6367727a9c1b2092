import type { Finding } from '../../dialects/check.js';
import type { Dialect } from '../../dialects/dialect.js';
import { applyAll } from '../../schema/apply.js';
import { SchemaConflict } from '../../schema/conflict.js';
import type { Operation } from '../../schema/operation.js';
import type { Schema } from '../../schema/table.js';
import { comesBack } from './comes-back.js';
import type { Reported } from './report.js';

/** Findings with their names, sentences and SQL. A name that comes twice is counted. */
export function reported(findings: readonly Finding[], dialect: Dialect, live: Schema): Reported[] {
  const times = new Map<string, number>();
  return findings.map((finding) => {
    const place = [finding.table, finding.name].filter((part) => part !== null).join('.');
    const base = place === '' ? finding.rule : `${finding.rule}:${place}`;
    const count = (times.get(base) ?? 0) + 1;
    times.set(base, count);
    return {
      ...finding,
      id: count === 1 ? base : `${base}#${count}`,
      message: messageOf(finding),
      sql: sqlOf(finding, dialect, live),
    };
  });
}

/** "index metrics.index_metrics_run_uuid: expected (run_uuid), found nothing". */
function messageOf({ object, table, name, expected, found }: Finding): string {
  const place = [table, name].filter((part) => part !== null).join('.');
  const what = place === '' ? object : `${object} ${place}`;
  if (expected === null && found === null) return what;
  if (expected === null) return `${what}: ${found}`;
  return `${what}: expected ${expected}, found ${found ?? 'nothing'}`;
}

function sqlOf({ repair }: Finding, dialect: Dialect, live: Schema): string[] {
  if (repair.kind === 'statements') return repair.statements.map(({ sql }) => sql);
  if (repair.kind !== 'operations') return [];
  try {
    const sql: string[] = [];
    let state = live;
    for (const operations of stages(repair.operations)) {
      sql.push(...dialect.compile(operations, state).map((statement) => statement.sql));
      state = applyAll(state, operations, dialect.traits);
    }
    return sql;
  } catch (error) {
    // It needs another repair first, such as the table it stands on; `db repair` does them in order.
    if (error instanceof SchemaConflict) return [];
    throw error;
  }
}

function stages(operations: readonly Operation[]): Operation[][] {
  const found: Operation[][] = [[]];
  for (const operation of operations) {
    if (comesBack(operation, found.at(-1) ?? [])) found.push([]);
    found.at(-1)?.push(operation);
  }
  return found;
}
