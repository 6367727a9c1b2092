"""What users add to MLflow's database by hand: columns, indexes, tables. In a few states only.

Only what MLflow's own upgrade survives, so that it can be the judge; what SQLAlchemy cannot reflect
(a trigger, a column's COLLATE, an index's DESC on SQLite) MLflow loses, so it is not here.
"""

STATES = (3, 5, 15, 23, 40, 48, 58, 65, 70)
# SQLite does not enforce foreign keys unless asked, and MLflow does not ask: orphans are common.
ORPHANS = {"params"}

SQLITE = [
    "ALTER TABLE runs ADD COLUMN team VARCHAR(40) DEFAULT 'red team'",
    "ALTER TABLE experiments ADD COLUMN cost_center INTEGER",
    "UPDATE experiments SET cost_center = experiment_id * 10 WHERE experiment_id > 2",
    "CREATE INDEX user_runs_start ON runs (start_time, status)",
    "CREATE UNIQUE INDEX user_params_unique ON params (run_uuid, key)",
    "CREATE INDEX user_tags_partial ON tags (key) WHERE value IS NOT NULL",
    """CREATE TABLE user_notes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        run_uuid VARCHAR(32) REFERENCES runs (run_uuid) ON DELETE SET NULL,
        note TEXT COLLATE NOCASE DEFAULT (lower('X')),
        amount NUMERIC(10, 2) CHECK (amount > 0),
        twice NUMERIC GENERATED ALWAYS AS (amount * 2) VIRTUAL,
        CONSTRAINT user_notes_once UNIQUE (run_uuid, note))""",
    "INSERT INTO user_notes (run_uuid, note, amount) SELECT run_uuid, 'Note ' || rowid, rowid + 0.5 FROM runs LIMIT 5",
    "DELETE FROM user_notes WHERE id = 5",
    "CREATE INDEX user_notes_newest ON user_notes (amount DESC, lower(note))",
    "CREATE TRIGGER user_notes_guard BEFORE DELETE ON user_notes BEGIN SELECT RAISE(ABORT, 'kept'); END",
    "CREATE VIEW user_view AS SELECT id, upper(note) AS note FROM user_notes",
    'CREATE TABLE "user table" ("key" TEXT PRIMARY KEY, "a b" BLOB) WITHOUT ROWID',
    "INSERT INTO \"user table\" VALUES ('k1', x'00ff'), ('k2', 5), ('k3', NULL)",
    "INSERT INTO params (key, value, run_uuid) VALUES ('orphan', '1', 'no such run')",
]
# SQLite stores any class of value in a column that does not refuse it; MLflow cannot show these.
SQLITE_ODD = [
    "INSERT INTO params (key, value, run_uuid) SELECT 'odd', x'6f6464', run_uuid FROM runs LIMIT 1",
    "UPDATE runs SET start_time = 1.5, end_time = 'not a number' WHERE rowid = 3",
]

POSTGRESQL = [
    "ALTER TABLE runs ADD COLUMN team varchar(40) DEFAULT 'red team'",
    "ALTER TABLE experiments ADD COLUMN labels jsonb NOT NULL DEFAULT '{}', ADD COLUMN added timestamptz",
    "CREATE INDEX user_runs_lower ON runs (lower(name), start_time DESC NULLS LAST)",
    "CREATE UNIQUE INDEX user_params_unique ON params (run_uuid, key) INCLUDE (value) WHERE length(value) < 500",
    "CREATE TYPE user_mood AS ENUM ('ok', 'not ok')",
    """CREATE TABLE user_notes (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        run_uuid varchar(32) REFERENCES runs (run_uuid) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
        note text COLLATE "C" DEFAULT 'none',
        amount numeric(10, 2) CHECK (amount > 0),
        mood user_mood,
        words text[],
        twice numeric GENERATED ALWAYS AS (amount * 2) STORED,
        CONSTRAINT user_notes_once UNIQUE (run_uuid, note))""",
    "INSERT INTO user_notes (run_uuid, amount, mood, words)"
    " SELECT run_uuid, 1.5, 'not ok', ARRAY['a', NULL, 'b c'] FROM runs LIMIT 5",
    "CREATE VIEW user_view AS SELECT id, upper(note) AS note FROM user_notes",
    "CREATE FUNCTION user_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$",
    "CREATE TRIGGER user_notes_guard BEFORE DELETE ON user_notes FOR EACH ROW EXECUTE FUNCTION user_guard()",
    "CREATE SEQUENCE user_sequence START 7",
    # A namesake in another schema must not be taken for MLflow's table.
    "CREATE SCHEMA team",
    "CREATE TABLE team.runs (run_uuid varchar(32) PRIMARY KEY, user_id varchar(10))",
    "INSERT INTO team.runs VALUES ('r1', 'zoe')",
    "COMMENT ON TABLE runs IS 'runs of the team'",
]

MYSQL = [
    "ALTER TABLE runs ADD COLUMN team varchar(40) DEFAULT 'red team'",
    "ALTER TABLE experiments ADD COLUMN cost_center int COMMENT 'who pays'",
    "UPDATE experiments SET cost_center = experiment_id * 10 WHERE experiment_id > 2",
    "CREATE INDEX user_runs_start ON runs (start_time, status)",
    "CREATE UNIQUE INDEX user_params_unique ON params (run_uuid, `key`)",
    """CREATE TABLE user_notes (
        id int AUTO_INCREMENT PRIMARY KEY,
        run_uuid varchar(32),
        note varchar(100) COLLATE utf8mb4_bin DEFAULT 'none',
        amount decimal(10, 2),
        twice decimal(12, 2) AS (amount * 2) STORED,
        mood enum('ok', 'not ok'),
        flags set('a', 'b', 'c'),
        bits bit(10),
        at timestamp(6) NULL,
        CONSTRAINT user_notes_positive CHECK (amount > 0),
        CONSTRAINT user_notes_once UNIQUE (run_uuid, note),
        CONSTRAINT user_notes_run FOREIGN KEY (run_uuid) REFERENCES runs (run_uuid) ON DELETE SET NULL
    ) COMMENT = 'notes'""",
    "INSERT INTO user_notes (run_uuid, amount, mood, flags, bits, at)"
    " SELECT run_uuid, 1.5, 'not ok', 'a,c', b'1000000001', '2026-01-02 03:04:05.000006' FROM runs ORDER BY 1 LIMIT 5",
    "DELETE FROM user_notes WHERE id = 5",
    "CREATE VIEW user_view AS SELECT id, upper(note) AS note FROM user_notes",
    "CREATE TRIGGER user_notes_guard BEFORE DELETE ON user_notes FOR EACH ROW SET @gone = OLD.id",
    "CREATE FUNCTION user_twice(n int) RETURNS int DETERMINISTIC NO SQL RETURN n * 2",
    "CREATE TABLE `user table` (`a b` varchar(20) CHARACTER SET latin1 PRIMARY KEY, `100%` blob) ENGINE = MyISAM",
    "INSERT INTO `user table` VALUES ('é', x'00ff'), ('k2', NULL)",
    "ALTER TABLE runs COMMENT = 'runs of the team'",
]

BY_DIALECT = {"sqlite": SQLITE, "postgresql": POSTGRESQL, "mysql": MYSQL, "mariadb": MYSQL}


def statements(dialect: str, ordinal: int, readable: bool = False) -> list:
    """What to run after the rows of MLflow's tables are in; nothing for most states."""
    if ordinal not in STATES:
        return []
    odd = SQLITE_ODD if dialect == "sqlite" and not readable else []
    return [*BY_DIALECT.get(dialect, []), *odd]


def orphans(ordinal: int) -> set:
    """The SQLite tables whose foreign keys may be broken in this state."""
    return ORPHANS if ordinal in STATES else set()
