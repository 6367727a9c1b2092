import type { Session } from '../dialects/dialect.js';
import { dropColumn, type Operation } from '../schema/operation.js';
import type { Schema } from '../schema/table.js';
import { lostReferences } from './preflight.js';

/** Objects of the user's that hang on what goes, and rights; not MLflow's own that go with it. */
export async function obstaclesTo(
  session: Session,
  operations: readonly Operation[],
  live: Schema,
  after: Schema,
): Promise<string[]> {
  const columns = operations.flatMap((operation) =>
    operation.kind === 'dropTable'
      ? (live.get(operation.table)?.columns ?? []).map((column) => dropColumn(operation.table, column.name))
      : [],
  );
  const found = await session.obstacles([...operations, ...columns], live, after);
  const going = goingNames(live, after);
  return [
    ...lostReferences(live, after),
    ...[...after.values()].flatMap((table) =>
      table.foreignKeys
        .filter((key) => live.has(key.refTable) && !after.has(key.refTable))
        .map(
          (key) =>
            `a foreign key of table ${table.name} references ${key.refTable}, which goes: drop it first`,
        ),
    ),
    ...found
      .filter(
        (message) =>
          !notNull.test(message) && !asked.test(message) && !going.some((name) => isAbout(message, name)),
      )
      .map((message) => message.replaceAll(/\bupgrade\b/g, 'downgrade')),
  ];
}

/** Tables, constraints, indexes and triggers that are there now and not afterwards. */
function goingNames(live: Schema, after: Schema): string[] {
  return [...live.values()].flatMap((table) => {
    const kept = after.get(table.name);
    if (kept === table) return [];
    const parts = ({ primaryKey, uniques, foreignKeys, checks, indexes, triggers }: typeof table) => [
      ...(primaryKey ? [primaryKey] : []),
      ...[...uniques, ...foreignKeys, ...checks, ...indexes, ...triggers],
    ];
    const names = parts(table).flatMap(({ name }) => name ?? []);
    const left = kept ? parts(kept) : [];
    const gone = names.filter(
      (name) => !left.some((part) => part.name === name && parts(table).includes(part)),
    );
    return kept ? gone : [...names, table.name];
  });
}

/** Values too long are counted and named with the revision. */
const asked = /^\d+ values of \S+ are longer than /;

/** PostgreSQL 18 names what makes a column NOT NULL; it goes with the column. */
const notNull = /^constraint \S+_not_null\d* on table /;

/** "index i uses t.c", "constraint c on table t …", "default value for column c of table t …", "sequence t_id_seq …". */
const isAbout = (message: string, name: string): boolean =>
  message.startsWith(`index ${name} `) ||
  message.startsWith(`constraint ${name} on table`) ||
  message.startsWith(`trigger ${name} `) ||
  message.startsWith(`sequence ${name}_`) ||
  (message.startsWith('default value for column') && message.includes(` of table ${name} `));
