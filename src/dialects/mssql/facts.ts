import { type Schema, sameColumns } from '../../schema/table.js';
import type { Finding, NotChecked, ObjectKind, RuleId, ServerFacts, Severity } from '../check.js';
import type { Session } from '../dialect.js';
import { sameKeyIn } from '../scan-rows.js';
import { same } from './equivalent.js';
import { quote } from './quote.js';

/** Something that is there and does not do what it is for. */
export interface Idle extends Record<string, unknown> {
  readonly kind: 'foreign key' | 'check' | 'index' | 'trigger';
  readonly tbl: string;
  readonly name: string;
  readonly disabled: boolean;
  /** Of constraints: rows were added or changed while it was off (WITH NOCHECK). */
  readonly untrusted: boolean;
  readonly uniq: boolean;
}

/** Catalog views of SQL Server: sys.foreign_keys, sys.check_constraints, sys.indexes, sys.triggers. */
export async function readFacts(session: Session, expected: Schema, live: Schema): Promise<ServerFacts> {
  const idle = await session.query<Idle>(
    `SELECT N'foreign key' AS kind, t.name AS tbl, k.name, k.is_disabled AS disabled, k.is_not_trusted AS untrusted,
            CAST(0 AS bit) AS uniq
     FROM sys.foreign_keys k JOIN sys.tables t ON t.object_id = k.parent_object_id
     WHERE t.schema_id = SCHEMA_ID() AND (k.is_disabled = 1 OR k.is_not_trusted = 1)
     UNION ALL
     SELECT N'check', t.name, k.name, k.is_disabled, k.is_not_trusted, CAST(0 AS bit)
     FROM sys.check_constraints k JOIN sys.tables t ON t.object_id = k.parent_object_id
     WHERE t.schema_id = SCHEMA_ID() AND (k.is_disabled = 1 OR k.is_not_trusted = 1)
     UNION ALL
     SELECT N'index', t.name, i.name, i.is_disabled, CAST(0 AS bit), i.is_unique
     FROM sys.indexes i JOIN sys.tables t ON t.object_id = i.object_id
     WHERE t.schema_id = SCHEMA_ID() AND i.index_id > 0 AND i.is_disabled = 1
     UNION ALL
     SELECT N'trigger', t.name, g.name, g.is_disabled, CAST(0 AS bit), CAST(0 AS bit)
     FROM sys.triggers g JOIN sys.tables t ON t.object_id = g.parent_id
     WHERE t.schema_id = SCHEMA_ID() AND g.is_disabled = 1`,
  );
  const tables = await session.query<{ name: string; defined: number | null }>(
    `SELECT name, HAS_PERMS_BY_NAME(QUOTENAME(SCHEMA_NAME()) + N'.' + QUOTENAME(name), N'OBJECT', N'VIEW DEFINITION')
            AS defined
     FROM sys.tables WHERE schema_id = SCHEMA_ID() AND is_ms_shipped = 0`,
  );
  const [who] = await session.query<{ name: string; defined: number | null; reads: number | null }>(
    `SELECT USER_NAME() AS name, HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'VIEW DEFINITION') AS defined,
            HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'SELECT') AS reads`,
  );
  return {
    findings: idle.filter((one) => isMlflows(one, expected, live)).map(idleFinding),
    notChecked: hiddenFrom(who?.name ?? '', {
      all: who?.defined === 1 || who?.reads === 1,
      undefinable: tables
        .filter(({ name, defined }) => expected.has(name) && defined !== 1)
        .map(({ name }) => name),
      missing: [...expected.keys()].filter((name) => !live.has(name)),
    }),
  };
}

function isMlflows({ kind, tbl, name }: Idle, expected: Schema, live: Schema): boolean {
  const [wanted, found] = [expected.get(tbl), live.get(tbl)];
  if (!wanted || !found) return false;
  if (kind === 'foreign key')
    return wanted.foreignKeys.some((key) => sameKeyIn(live, tbl, key)?.name === name);
  if (kind === 'trigger') return wanted.triggers.some((trigger) => same.sameName(trigger.name, name));
  if (kind === 'check') {
    const check = found.checks.find((one) => one.name === name);
    return (
      check !== undefined &&
      wanted.checks.some((one) => same.sameExpression(one.expression, check.expression))
    );
  }
  const unique = found.uniques.find((one) => one.name === name);
  return (
    found.primaryKey?.name === name ||
    wanted.indexes.some((index) => same.sameName(index.name, name)) ||
    (unique !== undefined && wanted.uniques.some((one) => sameColumns(one.columns, unique.columns)))
  );
}

/** A finding about one of them, with what switches it on again and looks at the rows of meanwhile. */
export function idleFinding(one: Idle): Finding {
  const { kind, tbl, name, disabled, uniq } = one;
  const [table, object] = [quote(tbl), quote(name)];
  const told: Readonly<Record<Idle['kind'], readonly [RuleId, Severity, string, string]>> = {
    'foreign key': [
      'constraint-unchecked',
      disabled ? 'error' : 'warning',
      disabled
        ? 'the server checks nothing'
        : 'rows from while it was off may break it, and no plan relies on it',
      `ALTER TABLE ${table} WITH CHECK CHECK CONSTRAINT ${object}`,
    ],
    check: [
      'constraint-unchecked',
      'warning',
      disabled ? 'the server checks nothing' : 'rows from while it was off may break it',
      `ALTER TABLE ${table} WITH CHECK CHECK CONSTRAINT ${object}`,
    ],
    index: [
      'index-unusable',
      uniq ? 'error' : 'warning',
      'no query uses it, and one that shall keep values unique does not; a clustered one locks the whole table up',
      `ALTER INDEX ${object} ON ${table} REBUILD`,
    ],
    trigger: [
      'trigger-disabled',
      'error',
      'what it refuses is not refused',
      `ENABLE TRIGGER ${object} ON ${table}`,
    ],
  };
  const [rule, severity, why, sql] = told[kind];
  return {
    ...{ rule, severity, object: kind satisfies ObjectKind, table: tbl, name, why },
    expected: kind === 'foreign key' || kind === 'check' ? 'checked for every row' : 'enabled',
    found: disabled ? 'disabled' : 'not trusted (WITH NOCHECK)',
    repair: {
      kind: 'statements',
      statements: [{ sql, table: tbl, title: `enable ${kind} ${name}`, scans: kind !== 'trigger' }],
    },
  };
}

const ofDefinitions: readonly RuleId[] = [
  ...(['column-default', 'column-generated', 'check-missing', 'check-differs', 'check-extra'] as const),
  ...(['foreign-key-missing', 'foreign-key-action', 'foreign-key-extra', 'constraint-unchecked'] as const),
  ...([
    'primary-key',
    'unique-missing',
    'unique-extra',
    'index-missing',
    'index-differs',
    'index-extra',
  ] as const),
  ...(['index-unusable', 'trigger-missing', 'trigger-differs', 'trigger-extra', 'trigger-disabled'] as const),
];

interface Hidden {
  /** The user has a right on the whole database that shows all its tables. */
  readonly all: boolean;
  readonly undefinable: readonly string[];
  readonly missing: readonly string[];
}

/**
 * Who has no VIEW DEFINITION sees tables and columns that he may read, and of constraints, defaults and triggers
 * neither the text nor, for some, that they are there ("Metadata Visibility Configuration").
 */
export function hiddenFrom(user: string, { all, undefinable, missing }: Hidden): NotChecked[] {
  const grant = `GRANT VIEW DEFINITION TO ${quote(user)}`;
  return [
    ...(undefinable.length > 0
      ? [
          {
            what: `the keys, checks, defaults, indexes and triggers of ${undefinable.length} tables`,
            why: `${user} has no right VIEW DEFINITION on them`,
            remedy: grant,
            hides: { rules: ofDefinitions, tables: undefinable },
          },
        ]
      : []),
    ...(!all && missing.length > 0
      ? [
          {
            what: `the table${missing.length === 1 ? '' : 's'} ${missing.join(', ')}`,
            why: `${user} sees only tables on which it has a right, and has none on the database`,
            remedy: grant,
            hides: { rules: ['table-missing'] as const, tables: missing },
          },
        ]
      : []),
  ];
}
