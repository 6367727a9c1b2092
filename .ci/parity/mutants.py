"""Ways to get an upgrade wrong. The comparison must notice every one of them.

Each is what an upgraded database gets done to it, by dialect; made for start state STATE, which has
rows in all the tables concerned and the users' own content too.
"""

import mutants_mysql

STATE = 58


def _edit(table, old, new, *more):
    """SQLite: rebuild the table with a detail of its CREATE text changed; then run `more`."""
    return [(table, old, new), *more]


def _both(*statements):
    return {"sqlite": list(statements), "postgresql": list(statements)}


_TRACE_FK = "fk_trace_info_experiment_id"
MUTANTS = {
    # Rows
    "one value changed": _both("UPDATE params SET value = value || ' ' WHERE key = (SELECT min(key) FROM params)"),
    "one value NULL": _both("UPDATE runs SET name = NULL WHERE run_uuid = (SELECT min(run_uuid) FROM runs WHERE name IS NOT NULL)"),
    "empty text for NULL": _both("UPDATE runs SET name = '' WHERE run_uuid = (SELECT min(run_uuid) FROM runs WHERE name IS NULL)"),
    "one row gone": _both("DELETE FROM tags WHERE key = (SELECT min(key) FROM tags)"),
    "one row more": _both("INSERT INTO experiment_tags (key, value, experiment_id) VALUES ('extra', 'x', 0)"),
    "a float one bit off": _both("UPDATE spans SET total_cost = total_cost * (1 + 3e-16) WHERE total_cost = 0.7"),
    "a sum off by 1e-9": _both("UPDATE trace_info SET total_cost = total_cost * (1 + 1e-9) WHERE request_id = 'tr-gw-000'"),
    "a plain cost off by 1e-13": _both("UPDATE trace_info SET total_cost = total_cost * (1 + 1e-13) WHERE request_id = 'tr-plain-001'"),
    "a sum missing": _both("UPDATE trace_info SET total_cost = NULL WHERE request_id = 'tr-gw-009'"),
    "an integer past 2**53 rounded": _both("UPDATE metrics SET step = step - 1 WHERE step = 9007199254740993"),
    "cut by UTF-16 units": _both("UPDATE trace_info SET session_id = substr(session_id, 1, 249) WHERE request_id = 'tr-session-003'"),
    "waiting jobs not cancelled": _both("UPDATE jobs SET status = 0 WHERE id = 'job-0-1'"),
    "a finished job cancelled": _both("UPDATE jobs SET status = 5 WHERE id = 'job-2-1'"),
    "cancelled in seconds": _both("UPDATE jobs SET last_update_time = last_update_time / 1000 WHERE id = 'job-1-0'"),
    "cancelled without a time": _both("UPDATE jobs SET last_update_time = 1600000000501 WHERE id = 'job-1-0'"),
    "an already cancelled job touched": _both("UPDATE jobs SET last_update_time = last_update_time + 1 WHERE id = 'job-5-0'"),
    "a category's spelling": _both("UPDATE issue_categories SET category = lower(category) WHERE category = ' HALLUCINATION'"),
    "legacy tags left": _both("INSERT INTO trace_tags (request_id, key, value) VALUES ('tr-name-001', 'mlflow.traceName', 'x')"),
    "user's row changed": _both("UPDATE user_notes SET note = 'other' WHERE id = 2"),
    "another storage class": {"sqlite": ["UPDATE params SET value = CAST(value AS BLOB) WHERE key = (SELECT max(key) FROM params)"]},
    "odd storage class cast": {"sqlite": ["UPDATE runs SET start_time = 1 WHERE start_time = 1.5"]},
    "JSON respelled": {"postgresql": ["UPDATE evaluation_dataset_records SET inputs = inputs::jsonb::json"]},
    # Stamp
    "not stamped": _both("UPDATE alembic_version SET version_num = '8b6ad64cb8f5'"),
    "stamped twice": _both("INSERT INTO alembic_version VALUES ('8b6ad64cb8f5')"),
    "stamp gone": _both("DELETE FROM alembic_version"),
    # Tables, columns
    "a table left over": _both("CREATE TABLE _alembic_tmp_runs (id integer)"),
    "a table gone": _both("DROP TABLE skill_aliases"),
    "an empty table gone": _both("DROP TABLE scheduler_leases"),
    "a column too many": _both("ALTER TABLE runs ADD COLUMN mltrack integer"),
    "user's column gone": _both("ALTER TABLE runs DROP COLUMN team"),
    "another length": {"sqlite": _edit("params", "VARCHAR(8000)", "VARCHAR(6000)"),
                       "postgresql": ["ALTER TABLE params ALTER value TYPE varchar(8001)"]},
    "another type": {"sqlite": _edit("runs", "start_time BIGINT", "start_time INTEGER"),
                     "postgresql": ["ALTER TABLE trace_info ALTER execution_time_ms TYPE numeric"]},
    "another default": {"sqlite": _edit("experiments", "DEFAULT 'default'", "DEFAULT 'Default'"),
                        "postgresql": ["ALTER TABLE experiments ALTER workspace SET DEFAULT 'Default'"]},
    "a default gone": {"sqlite": _edit("inputs", "DEFAULT '0' NOT NULL", "NOT NULL"),
                       "postgresql": ["ALTER TABLE inputs ALTER step DROP DEFAULT"]},
    "NULL allowed": {"sqlite": _edit("assessments", "is_numeric_value BOOLEAN DEFAULT 0 NOT NULL", "is_numeric_value BOOLEAN DEFAULT 0"),
                     "postgresql": ["ALTER TABLE assessments ALTER is_numeric_value DROP NOT NULL"]},
    "columns in another order": {"sqlite": _edit("skill_tags", '"key" VARCHAR(250) NOT NULL, \n\tvalue TEXT', 'value TEXT, \n\t"key" VARCHAR(250) NOT NULL'),
                                 "postgresql": ["DROP TABLE scheduler_leases", "CREATE TABLE scheduler_leases (lease_key varchar(255) NOT NULL CONSTRAINT scheduler_leases_pk PRIMARY KEY, ttl_seconds integer NOT NULL, acquired_at bigint NOT NULL)"]},
    "a generated column not stored": {"sqlite": _edit("spans", "STORED", "VIRTUAL")},
    "a generated column plain": {"postgresql": ["ALTER TABLE spans ALTER duration_ns DROP EXPRESSION"]},
    "another identity": {"postgresql": ["ALTER TABLE sql_span_cost_daily_rollups ALTER id SET GENERATED ALWAYS"]},
    "another collation": {"sqlite": _edit("webhooks", "url VARCHAR(500)", "url VARCHAR(500) COLLATE NOCASE"),
                          "postgresql": ['ALTER TABLE webhooks ALTER url TYPE varchar(500) COLLATE "C"']},
    # Constraints
    "primary key renamed": {"sqlite": _edit("runs", "CONSTRAINT run_pk", "CONSTRAINT runs_pk"),
                            "postgresql": ["ALTER TABLE runs RENAME CONSTRAINT run_pk TO runs_pk"]},
    "primary key in another order": {"sqlite": _edit("registered_model_tags", 'KEY (workspace, "key", name)', 'KEY (workspace, name, "key")'),
                                     "postgresql": ["ALTER TABLE registered_model_tags DROP CONSTRAINT registered_model_tag_pk", "ALTER TABLE registered_model_tags ADD CONSTRAINT registered_model_tag_pk PRIMARY KEY (workspace, name, key)"]},
    "foreign key's rule gone": {"sqlite": _edit("trace_info", "(experiment_id) ON DELETE CASCADE", "(experiment_id)"),
                                "postgresql": [f"ALTER TABLE trace_info DROP CONSTRAINT {_TRACE_FK}, ADD CONSTRAINT {_TRACE_FK} FOREIGN KEY (experiment_id) REFERENCES experiments"]},
    "foreign key renamed": {"sqlite": _edit("trace_info", _TRACE_FK, "fk_other"),
                            "postgresql": [f"ALTER TABLE trace_info RENAME CONSTRAINT {_TRACE_FK} TO fk_other"]},
    "foreign key given a name": {"sqlite": _edit("runs", "FOREIGN KEY(experiment_id)", "CONSTRAINT runs_fk FOREIGN KEY(experiment_id)")},
    "foreign key not validated": {"postgresql": [f"ALTER TABLE trace_info DROP CONSTRAINT {_TRACE_FK}, ADD CONSTRAINT {_TRACE_FK} FOREIGN KEY (experiment_id) REFERENCES experiments ON DELETE CASCADE NOT VALID"]},
    "a check gone": {"sqlite": _edit("runs", "CONSTRAINT runs_lifecycle_stage CHECK (lifecycle_stage IN ('active', 'deleted')), ", ""),
                     "postgresql": ["ALTER TABLE runs DROP CONSTRAINT runs_lifecycle_stage"]},
    "a check allows more": {"sqlite": _edit("runs", "'KILLED'", "'KILLED', 'killed'"),
                            "postgresql": ["ALTER TABLE runs DROP CONSTRAINT source_type, ADD CONSTRAINT source_type CHECK (source_type IN ('NOTEBOOK', 'JOB', 'LOCAL', 'UNKNOWN', 'PROJECT', 'project'))"]},
    "a unique constraint an index": {"sqlite": _edit("experiments", ", \n\tCONSTRAINT uq_experiments_workspace_name UNIQUE (workspace, name)", "", "CREATE UNIQUE INDEX uq_experiments_workspace_name ON experiments (workspace, name)"),
                                     "postgresql": ["ALTER TABLE experiments DROP CONSTRAINT uq_experiments_workspace_name", "CREATE UNIQUE INDEX uq_experiments_workspace_name ON experiments (workspace, name)"]},
    # Indexes, triggers and the rest
    "an index gone": _both("DROP INDEX index_params_run_uuid"),
    "an index renamed": _both("DROP INDEX index_params_run_uuid", "CREATE INDEX ix_params_run_uuid ON params (run_uuid)"),
    "an index in another order": _both("DROP INDEX index_issues_experiment_last_seen", "CREATE INDEX index_issues_experiment_last_seen ON issues (last_seen_timestamp, experiment_id)"),
    "an index not unique": _both("DROP INDEX index_scorers_experiment_id_scorer_name", "CREATE INDEX index_scorers_experiment_id_scorer_name ON scorers (experiment_id, scorer_name)"),
    "an index not descending": _both("DROP INDEX idx_mcp_server_versions_latest", "CREATE INDEX idx_mcp_server_versions_latest ON mcp_server_versions (workspace, name, status, version_major, version_minor, version_patch)"),
    "user's index gone": _both("DROP INDEX user_runs_{}"),
    "user's index without its condition": {"sqlite": ["DROP INDEX user_tags_partial", "CREATE INDEX user_tags_partial ON tags (key)"],
                                           "postgresql": ["DROP INDEX user_params_unique", "CREATE UNIQUE INDEX user_params_unique ON params (run_uuid, key) INCLUDE (value)"]},
    "an index without INCLUDE": {"postgresql": ["DROP INDEX idx_spans_cost_exp_time_cover", "CREATE INDEX idx_spans_cost_exp_time_cover ON spans (experiment_id, start_time_unix_nano) WHERE input_cost IS NOT NULL OR output_cost IS NOT NULL OR total_cost IS NOT NULL"]},
    "a trigger gone": _both("DROP TRIGGER prevent_secrets_aad_mutation{}"),
    "a trigger's function changed": {"postgresql": ["CREATE OR REPLACE FUNCTION prevent_secrets_aad_mutation() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"]},
    "a function left over": {"postgresql": ["CREATE FUNCTION left_over() RETURNS int LANGUAGE sql AS 'SELECT 1'"]},
    "a sequence set back": {"postgresql": ["SELECT setval('experiments_experiment_id_seq', 1)"]},
    "a sequence called": {"postgresql": ["SELECT nextval('sql_span_cost_daily_rollups_id_seq')"]},
    "an uncalled sequence moved": {"postgresql": ["SELECT setval('sql_span_cost_daily_rollups_id_seq', 5, false)"]},
    "user's sequence gone": {"postgresql": ["DROP SEQUENCE user_sequence"], "sqlite": ["DELETE FROM sqlite_sequence"]},
    "user's schema gone": {"postgresql": ["DROP SCHEMA team CASCADE"]},
    "a comment gone": {"postgresql": ["COMMENT ON TABLE runs IS NULL"]},
    "another journal mode": {"sqlite": ["PRAGMA journal_mode = WAL"]},
    "another user_version": {"sqlite": ["PRAGMA user_version = 1"]},
    "a view gone": _both("DROP VIEW user_view"),
}
# What an upgrade may do another way: the comparison must not notice.
ALLOWED = {
    "a sum off by 1e-13": _both("UPDATE trace_info SET total_cost = total_cost * (1 + 2e-13) WHERE request_id = 'tr-gw-000'"),
    "rows in another order": {"sqlite": ["UPDATE tags SET rowid = rowid + 100000 WHERE key = (SELECT min(key) FROM tags)"],
                              "postgresql": ["UPDATE tags SET value = value WHERE key = (SELECT min(key) FROM tags)"]},
    "another spelling of the text": {"sqlite": _edit("runs", "CONSTRAINT run_pk PRIMARY KEY", "constraint   run_pk primary key")},
}
for _entries, _more in ((MUTANTS, mutants_mysql.MUTANTS), (ALLOWED, mutants_mysql.ALLOWED)):
    for _name, _statements in _more.items():
        _entries.setdefault(_name, {}).update(mutants_mysql.by_dialect(_statements))
# Where the SQL of SQLite and PostgreSQL differs by a word.
WORDS = {"user's index gone": {"sqlite": "start", "postgresql": "lower"},
         "a trigger gone": {"sqlite": "", "postgresql": " ON secrets"}}


def names(dialect: str) -> list:
    """The mutants, and what is allowed, that there are for a dialect."""
    return [name for name, by_dialect in (MUTANTS | ALLOWED).items() if dialect in by_dialect]


def apply(name: str, engine) -> None:
    """Do it to a database; an error if a statement changed nothing."""
    connection = engine.raw_connection()
    dialect = "mariadb" if getattr(engine.dialect, "is_mariadb", False) else engine.dialect.name
    word = WORDS.get(name, {}).get(dialect, "{}")
    if dialect == "sqlite":
        connection.driver_connection.isolation_level = None  # PRAGMAs do nothing in a transaction
    cursor = connection.cursor()
    for statement in (MUTANTS | ALLOWED)[name][dialect]:
        if isinstance(statement, tuple):
            _rebuild(cursor, *statement)
            continue
        cursor.execute(statement.replace("{}", word))
        if statement.startswith(("UPDATE", "DELETE")) and cursor.rowcount == 0:
            raise ValueError(f"mutant {name!r} changes no row: {statement}")
    connection.commit()
    connection.close()


def _rebuild(cursor, table, old, new):
    """SQLite's way to alter what ALTER TABLE cannot: a new table, the rows, the old indexes."""
    texts = cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL"
                           " ORDER BY type = 'table' DESC", (table,)).fetchall()
    (created,), *others = texts
    if old not in created:
        raise ValueError(f"the mutant expects {old!r} in the text of {table}: {created}")
    columns = ", ".join(f'"{row[1]}"' for row in cursor.execute(f"PRAGMA table_xinfo({table})")
                        if row[6] == 0)
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.execute("PRAGMA legacy_alter_table = ON")
    cursor.execute(f"ALTER TABLE {table} RENAME TO replaced")
    cursor.execute(created.replace(old, new, 1))
    cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM replaced")
    cursor.execute("DROP TABLE replaced")
    for (text,) in others:
        cursor.execute(text)
