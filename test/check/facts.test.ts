import { closeSync, openSync, writeSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Checked } from '../../src/core/check/check.js';
import type { Reported } from '../../src/core/check/report.js';
import type { Severity } from '../../src/dialects/check.js';
import { check } from '../support/check.js';
import {
  availableServers,
  createDatabase,
  type Database,
  databaseAt,
  type ServerKind,
} from '../support/databases.js';
import { ddlAt, stateCount } from '../support/fixtures.js';
import { nameOf } from '../support/other-session.js';
import { openToCheck } from '../support/roles.js';
import { shareOf } from '../support/share.js';
import { fileOf } from '../support/snapshot.js';
import { uniqueName } from '../support/unique-name.js';

const head = stateCount - 1;

async function checkOf(database: Database, rows = false): Promise<Checked> {
  const session = await openToCheck(database);
  try {
    return await check(session, rows);
  } finally {
    await session.close();
  }
}

/** Something that `introspect` has no words for, done to a database at the head. */
interface Case {
  readonly title: string;
  readonly kinds: readonly ServerKind[];
  readonly harm: (database: Database) => readonly string[];
  /** rule, severity, table and name, and what is found. */
  readonly told: readonly [string, Severity, string, string][];
  readonly rows?: true;
  /** Undoes the harm where the repair is not for mltrack. */
  readonly undo?: readonly string[];
}

const stranger = uniqueName();
const run = (id: string) =>
  `INSERT INTO runs (run_uuid, experiment_id, status) VALUES ('${id}', 77, 'FINISHED')`;

const cases: readonly Case[] = [
  {
    title: 'an index that was never built to the end',
    kinds: ['postgresql'],
    harm: () => [
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'index_params_run_uuid'::regclass",
    ],
    told: [['index-unusable', 'warning', 'params.index_params_run_uuid', 'invalid']],
  },
  {
    title: 'an index of another kind, and one in another order of NULLs',
    kinds: ['postgresql'],
    harm: () => [
      ...[
        'DROP INDEX index_params_run_uuid',
        'CREATE INDEX index_params_run_uuid ON params USING hash (run_uuid)',
      ],
      ...[
        'DROP INDEX index_metrics_run_uuid',
        'CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid NULLS FIRST)',
      ],
    ],
    told: [
      ['index-differs', 'warning', 'metrics.index_metrics_run_uuid', 'NULLS FIRST'],
      ['index-differs', 'warning', 'params.index_params_run_uuid', 'hash'],
    ],
  },
  {
    title: 'an index by another operator class',
    kinds: ['postgresql'],
    harm: () => [
      ...['DROP INDEX index_params_run_uuid'],
      'CREATE INDEX index_params_run_uuid ON params (run_uuid varchar_pattern_ops)',
    ],
    told: [['index-differs', 'warning', 'params.index_params_run_uuid', 'varchar_pattern_ops']],
  },
  {
    title: 'a foreign key and a check that are not valid',
    kinds: ['postgresql'],
    harm: () => [
      'ALTER TABLE params DROP CONSTRAINT params_run_uuid_fkey',
      'ALTER TABLE params ADD CONSTRAINT params_run_uuid_fkey FOREIGN KEY (run_uuid) REFERENCES runs (run_uuid) NOT VALID',
      'ALTER TABLE runs DROP CONSTRAINT runs_lifecycle_stage',
      "ALTER TABLE runs ADD CONSTRAINT runs_lifecycle_stage CHECK (lifecycle_stage IN ('active', 'deleted')) NOT VALID",
    ],
    told: [
      ['constraint-unchecked', 'warning', 'params.params_run_uuid_fkey', 'NOT VALID'],
      ['constraint-unchecked', 'warning', 'runs.runs_lifecycle_stage', 'NOT VALID'],
    ],
  },
  {
    title: 'a foreign key and a check that are not enforced',
    kinds: ['postgresql'],
    harm: () => [
      'ALTER TABLE params ALTER CONSTRAINT params_run_uuid_fkey NOT ENFORCED',
      'ALTER TABLE runs DROP CONSTRAINT runs_lifecycle_stage',
      "ALTER TABLE runs ADD CONSTRAINT runs_lifecycle_stage CHECK (lifecycle_stage IN ('active', 'deleted')) NOT ENFORCED",
    ],
    told: [
      ['constraint-unchecked', 'error', 'params.params_run_uuid_fkey', 'NOT ENFORCED'],
      ['constraint-unchecked', 'warning', 'runs.runs_lifecycle_stage', 'NOT ENFORCED'],
    ],
  },
  {
    title: 'a foreign key that waits for COMMIT',
    kinds: ['postgresql'],
    harm: () => ['ALTER TABLE params ALTER CONSTRAINT params_run_uuid_fkey DEFERRABLE INITIALLY DEFERRED'],
    told: [['constraint-unchecked', 'warning', 'params.params_run_uuid_fkey', 'DEFERRABLE']],
  },
  {
    title: 'a foreign key whose triggers a restore left off',
    kinds: ['postgresql'],
    harm: () => ['ALTER TABLE webhook_events DISABLE TRIGGER ALL'],
    told: [
      [
        'constraint-unchecked',
        'error',
        'webhook_events.webhook_events_webhook_id_fkey',
        'switched off on webhook_events',
      ],
    ],
  },
  {
    title: 'a trigger that is off',
    kinds: ['postgresql'],
    harm: () => ['ALTER TABLE secrets DISABLE TRIGGER USER'],
    told: [['trigger-disabled', 'error', 'secrets.prevent_secrets_aad_mutation', 'disabled']],
  },
  {
    title: 'a sequence that belongs to nobody',
    kinds: ['postgresql'],
    harm: () => ['ALTER SEQUENCE experiments_experiment_id_seq OWNED BY NONE'],
    told: [['sequence-owner', 'warning', 'experiments.experiments_experiment_id_seq', 'owned by no column']],
  },
  {
    title: 'a table of another owner',
    kinds: ['postgresql'],
    harm: () => [
      `CREATE ROLE ${stranger}`,
      `CREATE ROLE ${stranger}_most`,
      `DO $$ DECLARE t name; BEGIN FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
       LOOP EXECUTE format('ALTER TABLE %I OWNER TO ${stranger}_most', t); END LOOP; END $$`,
      `ALTER TABLE runs OWNER TO ${stranger}`,
    ],
    told: [['table-owner', 'warning', 'runs', `owned by ${stranger}`]],
  },
  {
    title: 'a table that a crash would empty',
    kinds: ['postgresql'],
    harm: () => ['ALTER TABLE webhook_events SET UNLOGGED'],
    told: [['table-engine', 'error', 'webhook_events', 'UNLOGGED']],
  },
  {
    title: 'a sequence behind the rows',
    kinds: ['postgresql'],
    harm: () => ["INSERT INTO experiments (experiment_id, name) VALUES (41, 'by hand')"],
    told: [['sequence-behind', 'error', 'experiments.experiments_experiment_id_seq', 'the next number is 1']],
    rows: true,
  },
  {
    title: 'a table of another engine',
    kinds: ['mysql', 'mariadb'],
    harm: () => ['ALTER TABLE alembic_version ENGINE = MyISAM'],
    told: [['table-engine', 'error', 'alembic_version', 'MyISAM']],
  },
  {
    title: 'an index that no query uses',
    kinds: ['mysql', 'mariadb'],
    harm: ({ kind }) => [
      `ALTER TABLE spans ALTER INDEX index_spans_experiment_id_type_status ${kind === 'mysql' ? 'INVISIBLE' : 'IGNORED'}`,
    ],
    told: [['index-unusable', 'warning', 'spans.index_spans_experiment_id_type_status', 'I']],
  },
  {
    title: 'a check that is not enforced',
    kinds: ['mysql'],
    harm: () => ['ALTER TABLE runs ALTER CHECK runs_lifecycle_stage NOT ENFORCED'],
    told: [['constraint-unchecked', 'warning', 'runs.runs_lifecycle_stage', 'NOT ENFORCED']],
  },
  {
    title: 'tables of another collation, with a foreign key between them',
    kinds: ['mysql', 'mariadb'],
    harm: ({ kind }) => [
      'SET foreign_key_checks = 0',
      ...(kind === 'mariadb' ? ['ALTER TABLE webhook_events DROP FOREIGN KEY webhook_events_ibfk_1'] : []),
      ...['webhooks', 'webhook_events'].map(
        (table) => `ALTER TABLE ${table} CONVERT TO CHARACTER SET latin1`,
      ),
      ...(kind === 'mariadb'
        ? [
            'ALTER TABLE webhook_events ADD FOREIGN KEY (webhook_id) REFERENCES webhooks (webhook_id) ON DELETE CASCADE',
          ]
        : []),
    ],
    told: [
      ['table-collation', 'warning', 'webhook_events', 'latin1'],
      ['table-collation', 'warning', 'webhooks', 'latin1'],
    ],
  },
  {
    title: 'a database of another collation than its tables',
    kinds: ['mysql', 'mariadb'],
    harm: ({ uri }) => [`ALTER DATABASE ${uri.split('/').at(-1)} CHARACTER SET latin1`],
    told: [['database-charset', 'warning', '', 'latin1']],
  },
  {
    title: 'rows that point nowhere, though the key is there',
    kinds: ['mysql', 'mariadb', 'sqlite'],
    harm: ({ kind }) => [
      ...(kind === 'sqlite' ? [] : ['SET foreign_key_checks = 0']),
      run('lost1'),
      run('lost2'),
    ],
    told: [['rows-orphaned', 'error', 'runs.', '2 rows without: 77']],
    rows: true,
    undo: ["DELETE FROM runs WHERE run_uuid LIKE 'lost%'"],
  },
  {
    title: 'rows that point nowhere, where the key is gone',
    kinds: ['postgresql'],
    harm: () => ['ALTER TABLE runs DROP CONSTRAINT runs_experiment_id_fkey', run('lost1')],
    told: [
      ['foreign-key-missing', 'error', 'runs.', ''],
      ['rows-orphaned', 'error', 'runs.', '1 row without: 77'],
    ],
    rows: true,
    undo: [
      "DELETE FROM runs WHERE run_uuid LIKE 'lost%'",
      'ALTER TABLE runs ADD CONSTRAINT runs_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES experiments (experiment_id)',
    ],
  },
  {
    title: 'a row that breaks a check',
    kinds: ['sqlite'],
    harm: () => [
      "INSERT INTO experiments (experiment_id, name) VALUES (77, 'x')",
      ...['PRAGMA ignore_check_constraints = 1', run('odd').replace('FINISHED', 'ODD')],
    ],
    told: [['rows-damaged', 'error', 'runs', '1 row that breaks it']],
    rows: true,
    undo: ["DELETE FROM runs WHERE run_uuid = 'odd'", 'DELETE FROM experiments'],
  },
];

/** Whatever the database's default: MLflow takes it as it is, and only where case matters asks for its own. */
const collations = ['latin1_swedish_ci', 'utf8mb3_general_ci', 'utf8mb4_bin', 'utf8mb4_unicode_ci'];

describe.each(availableServers().filter((kind) => kind === 'mysql' || kind === 'mariadb'))('%s', (kind) => {
  it.each(shareOf(kind, collations))('finds nothing wrong in a database of %s', async (collation) => {
    const database = await createDatabase(kind);
    const charset = collation.split('_', 1)[0];
    await database.run(`ALTER DATABASE ${nameOf(database)} CHARACTER SET ${charset} COLLATE ${collation}`);
    // What the server adds to a text of its own is left out, as MLflow's statements leave it out.
    const ddl = ddlAt(head, kind).map((sql) =>
      sql
        .replace(/ (DEFAULT )?CHARSET=\w+| COLLATE=\w+/g, '')
        .replace(/ COLLATE utf8mb4_(0900_ai|general)_ci/g, ''),
    );
    await database.run(...ddl);
    const checked = await checkOf(database, true);
    expect(findingsOf(checked)).toEqual([]);
    expect(checked.findings.map(({ rule }) => rule)).toEqual(
      charset === 'utf8mb4' ? [] : ['database-charset'],
    );
    await database.drop();
  });
});

/** What is found beside what the user may have added. */
const findingsOf = ({ findings }: Checked): Reported[] =>
  findings.filter(({ severity }) => severity !== 'note');

const placeOf = ({ table, name }: Reported) => [table, name].filter((part) => part !== null).join('.');

it('tells a damaged page and an index that lost its rows, each with its table', async () => {
  const database = await databaseAt('sqlite', head);
  await database.run(
    "INSERT INTO experiments (experiment_id, name) VALUES (77, 'x')",
    ...[...Array(10).keys()].map((i) => run(`r${i}`)),
    ...[...Array(10).keys()].map((i) => `INSERT INTO params VALUES ('k', 'v', 'r${i}')`),
  );
  const rootOf = async (name: string) =>
    Number((await database.rows(`SELECT rootpage FROM sqlite_master WHERE name = '${name}'`))[0]?.rootpage);
  const [index, other] = [await rootOf('index_params_run_uuid'), await rootOf('experiment_tags')];
  const file = openSync(fileOf(database), 'r+');
  // The cells of the root are pointers to leaves; without them the index has no rows.
  writeSync(file, Buffer.from([0x0a, 0, 0, 0, 0, 0x10, 0, 0]), 0, 8, (index - 1) * 4096);
  writeSync(file, Buffer.alloc(64, 0xff), 0, 64, (other - 1) * 4096);
  closeSync(file);
  const found = findingsOf(await checkOf(database, true)).filter(({ rule }) => rule === 'rows-damaged');
  expect([...new Set(found.map(({ table }) => table))].sort()).toEqual(['experiment_tags', 'params']);
  expect(found.length).toBeLessThanOrEqual(50);
  expect(found.every(({ repair, severity }) => repair.kind === 'none' && severity === 'error')).toBe(true);
  await database.drop();
});

describe.each(availableServers())('%s: what introspection has no words for', (kind) => {
  let database: Database;
  afterEach(() => database.drop());

  it('finds nothing in a database of MLflow’s own, rows included', async () => {
    database = await databaseAt(kind, head);
    const checked = await checkOf(database, true);
    expect(findingsOf(checked)).toEqual([]);
    expect(checked.notChecked).toEqual([]);
  });

  it.each(cases.filter(({ kinds }) => kinds.includes(kind)))('finds $title, and its repair', async (one) => {
    database = await databaseAt(kind, head);
    await database.run(...one.harm(database));
    const found = findingsOf(await checkOf(database, one.rows));
    expect(found.map(({ rule, severity }) => [rule, severity])).toEqual(
      expect.arrayContaining(one.told.map(([rule, severity]) => [rule, severity])),
    );
    for (const [rule, , place, words] of one.told) {
      const finding = found.find(
        (candidate) => candidate.rule === rule && placeOf(candidate).startsWith(place),
      );
      expect(finding, `${rule} ${place}`).toBeDefined();
      expect(finding?.found ?? '').toContain(words);
      expect(finding?.why).not.toBe('');
    }
    expect(found).toHaveLength(one.told.length);
    for (const { repair } of found) if (one.undo) expect(repair.kind).not.toBe('statements');
    const cures = one.undo ?? found.flatMap(({ sql }) => sql);
    expect(cures.length).toBeGreaterThan(0);
    await database.run(...cures);
    expect(findingsOf(await checkOf(database, one.rows))).toEqual([]);
  });
});
