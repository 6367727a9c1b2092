import { kinds, type ServerKind } from './databases.js';

/** Rows of MLflow's own. */
export const seed = (kind: ServerKind): string[] => [
  "INSERT INTO experiments (experiment_id, name) VALUES (1, 'one')",
  "INSERT INTO runs (run_uuid, experiment_id, status) VALUES ('r1', 1, 'FINISHED'), ('r2', 1, 'RUNNING')",
  `INSERT INTO params (${kinds[kind].quote('key')}, value, run_uuid) VALUES ('lr', '0.1', 'r1'), ('LR', 'ünï', 'r2')`,
];

/** What a user adds to a database: it must be there afterwards, word for word. */
export const additions = (kind: ServerKind): string[] => [
  "ALTER TABLE runs ADD COLUMN team VARCHAR(20) DEFAULT 'none' NOT NULL",
  'ALTER TABLE params ADD COLUMN note TEXT',
  "UPDATE params SET note = 'kept' WHERE run_uuid = 'r1'",
  'CREATE INDEX my_team ON runs (team, start_time DESC)',
  ...only[kind],
  "INSERT INTO owners VALUES ('r1', 'me')",
  'CREATE VIEW my_runs AS SELECT r.run_uuid, r.team, o.owner FROM runs r LEFT JOIN owners o ON o.run_uuid = r.run_uuid',
];

/** Said within the column by some, and only then understood by older servers elsewhere. */
const owners = 'CREATE TABLE owners (run_uuid VARCHAR(32) REFERENCES runs (run_uuid), owner VARCHAR(20))';
const partial = 'CREATE UNIQUE INDEX my_partial ON params (run_uuid, key) WHERE note IS NOT NULL';

const mysqlOnly = [
  'CREATE UNIQUE INDEX my_prefix ON params (run_uuid, value(20))',
  'CREATE TABLE owners (run_uuid VARCHAR(32), owner VARCHAR(20), CONSTRAINT my_owner FOREIGN KEY (run_uuid) REFERENCES runs (run_uuid))',
  "ALTER TABLE runs COMMENT = 'ours'",
  "ALTER TABLE runs ADD COLUMN stars INT COMMENT 'none to five'",
  'ALTER TABLE runs ADD COLUMN loud VARCHAR(40) GENERATED ALWAYS AS (upper(team)) STORED',
  "ALTER TABLE runs ADD CONSTRAINT my_check CHECK (team <> 'nobody')",
  'ALTER TABLE experiments ADD COLUMN label VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin',
  'ALTER TABLE experiments AUTO_INCREMENT = 500',
  'CREATE TABLE counted (id INTEGER AUTO_INCREMENT PRIMARY KEY, x TEXT)',
  "INSERT INTO counted VALUES (41, 'a')",
  "CREATE TRIGGER my_trigger BEFORE INSERT ON runs FOR EACH ROW SET NEW.team = 'touched'",
];

const only: Readonly<Record<ServerKind, readonly string[]>> = {
  sqlite: [
    ...[partial, owners],
    'ALTER TABLE experiments ADD COLUMN label TEXT COLLATE NOCASE',
    'CREATE INDEX my_expression ON params (lower(value))',
    "CREATE TRIGGER my_trigger AFTER INSERT ON params BEGIN UPDATE runs SET team = 'touched' WHERE run_uuid = NEW.run_uuid; END",
    'CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT)',
    "INSERT INTO counted VALUES (41, 'a')",
    'CREATE TABLE strict_one (k TEXT PRIMARY KEY, n INTEGER) STRICT, WITHOUT ROWID',
    'PRAGMA user_version = 77',
    'PRAGMA application_id = 4711',
    'ANALYZE',
  ],
  postgresql: [
    ...[partial, owners],
    "COMMENT ON TABLE runs IS 'ours'",
    "COMMENT ON COLUMN params.value IS 'long'",
    'GRANT SELECT ON metrics TO PUBLIC',
    'CREATE STATISTICS my_statistics ON run_uuid, key FROM params',
    'ALTER TABLE metrics SET (fillfactor = 90)',
    "SELECT setval('experiments_experiment_id_seq', 500)",
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.team := 'touched'; RETURN NEW; END $$",
    'CREATE TRIGGER my_trigger BEFORE INSERT ON runs FOR EACH ROW EXECUTE FUNCTION touch()',
  ],
  mysql: [...mysqlOnly, 'CREATE INDEX my_expression ON params ((lower(run_uuid)))'],
  mariadb: mysqlOnly,
};

const mysqlAccount = [
  `SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, SEQ_IN_INDEX, COLUMN_NAME, COLLATION, SUB_PART
   FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND INDEX_NAME LIKE 'my%' ORDER BY 2, 4`,
  `SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, COLUMN_DEFAULT, IS_NULLABLE, COLLATION_NAME, COLUMN_COMMENT, GENERATION_EXPRESSION
   FROM information_schema.COLUMNS
   WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_NAME IN ('team', 'note', 'stars', 'loud', 'label') ORDER BY 1, 2`,
  `SELECT CONSTRAINT_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS
   WHERE CONSTRAINT_SCHEMA = DATABASE() AND CONSTRAINT_NAME LIKE 'my%'`,
  `SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'runs'`,
  // MySQL keeps this for a day otherwise; MariaDB reads a comment.
  `SELECT /*+ SET_VAR(information_schema_stats_expiry = 0) */ TABLE_NAME, AUTO_INCREMENT
   FROM information_schema.TABLES
   WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ('experiments', 'counted') ORDER BY 1`,
  ...['TABLE owners', 'TABLE counted', 'VIEW my_runs'].map((name) => `SHOW CREATE ${name}`),
  'SHOW CREATE TRIGGER my_trigger',
  'SELECT run_uuid, team, owner FROM my_runs ORDER BY run_uuid',
  'SELECT `key`, note FROM params ORDER BY run_uuid',
];

/** The server's own account of what the user added. */
export const account: Readonly<Record<ServerKind, readonly string[]>> = {
  sqlite: [
    "SELECT type, name, sql FROM sqlite_master WHERE name LIKE 'my\\_%' ESCAPE '\\' OR name IN ('owners', 'counted', 'strict_one') ORDER BY name",
    'SELECT name, seq FROM sqlite_sequence',
    "SELECT tbl, idx, stat FROM sqlite_stat1 WHERE idx LIKE 'my%' ORDER BY idx",
    'SELECT user_version FROM pragma_user_version',
    'SELECT application_id FROM pragma_application_id',
    'SELECT run_uuid, team, owner FROM my_runs ORDER BY run_uuid',
    'SELECT key, note FROM params ORDER BY key',
    "SELECT sql LIKE '%label TEXT COLLATE NOCASE%' AS collated FROM sqlite_master WHERE name = 'experiments'",
  ],
  postgresql: [
    "SELECT indexdef FROM pg_indexes WHERE indexname LIKE 'my%' ORDER BY 1",
    "SELECT obj_description('runs'::regclass) AS t, col_description('params'::regclass, 2) AS c",
    "SELECT relacl::text, reloptions FROM pg_class WHERE relname = 'metrics'",
    'SELECT stxname FROM pg_statistic_ext',
    'SELECT last_value FROM experiments_experiment_id_seq',
    "SELECT pg_get_triggerdef(oid) AS d FROM pg_trigger WHERE tgname = 'my_trigger'",
    "SELECT pg_get_viewdef('my_runs') AS d",
    'SELECT run_uuid, team, owner FROM my_runs ORDER BY run_uuid',
    'SELECT key, note FROM params ORDER BY key',
  ],
  mysql: mysqlAccount,
  mariadb: mysqlAccount,
};
