"""The mutants of mutants.py in the words of MySQL and MariaDB, and those only they have.

A list serves both; a dict gives each its own, or one of them none.
"""


def _first(table, column, how="min", where="TRUE"):
    """A value of a table that the statement changes: MySQL reads that only out of a derived table."""
    return f"(SELECT v FROM (SELECT {how}(`{column}`) AS v FROM `{table}` WHERE {where}) AS derived)"


def _each(mysql, mariadb):
    return {"mysql": [mysql], "mariadb": [mariadb]}


_FK = "fk_trace_info_experiment_id"
_REFERENCES = f"CONSTRAINT {_FK} FOREIGN KEY (experiment_id) REFERENCES experiments (experiment_id)"
_TRIGGER = "CREATE TRIGGER prevent_secrets_aad_mutation BEFORE UPDATE ON secrets FOR EACH ROW"

MUTANTS = {
    # Rows
    "one value changed": [f"UPDATE params SET value = concat(value, ' ') WHERE `key` = {_first('params', 'key')}"],
    "one letter's case": [f"UPDATE params SET value = 'A' WHERE `key` = {_first('params', 'key', 'max')}",
                          f"UPDATE params SET value = 'a' WHERE `key` = {_first('params', 'key', 'max')}"],
    "one value NULL": [f"UPDATE runs SET name = NULL WHERE run_uuid = {_first('runs', 'run_uuid', where='name IS NOT NULL')}"],
    "empty text for NULL": [f"UPDATE runs SET name = '' WHERE run_uuid = {_first('runs', 'run_uuid', where='name IS NULL')}"],
    "one row gone": [f"DELETE FROM tags WHERE `key` = {_first('tags', 'key')}"],
    "one row more": ["INSERT INTO experiment_tags (`key`, value, experiment_id) VALUES ('extra', 'x', 0)"],
    "a float one bit off": ["UPDATE spans SET total_cost = total_cost * (1 + 3e-16) WHERE total_cost = 0.7"],
    "a single float one bit off": ["UPDATE budget_policies SET budget_amount = budget_amount * 1.0000001 WHERE budget_amount = 0.25"],
    # MariaDB has no -0.0.
    "a zero's sign": {"mysql": ["UPDATE metrics SET value = -value WHERE value = 0"]},
    "a byte of a blob": ["UPDATE secrets SET wrapped_dek = x'00' WHERE wrapped_dek = ''"],
    "a sum off by 1e-9": ["UPDATE trace_info SET total_cost = total_cost * (1 + 1e-9) WHERE request_id = 'tr-gw-000'"],
    "a plain cost off by 1e-13": ["UPDATE trace_info SET total_cost = total_cost * (1 + 1e-13) WHERE request_id = 'tr-plain-001'"],
    "a sum missing": ["UPDATE trace_info SET total_cost = NULL WHERE request_id = 'tr-gw-009'"],
    "an integer past 2**53 rounded": ["UPDATE metrics SET step = step - 1 WHERE step = 9007199254740993"],
    "cut by UTF-16 units": ["UPDATE trace_info SET session_id = substr(session_id, 1, 249) WHERE request_id = 'tr-session-003'"],
    "waiting jobs not cancelled": ["UPDATE jobs SET status = 0 WHERE id = 'job-0-1'"],
    "a finished job cancelled": ["UPDATE jobs SET status = 5 WHERE id = 'job-2-1'"],
    "cancelled in seconds": ["UPDATE jobs SET last_update_time = last_update_time div 1000 WHERE id = 'job-1-0'"],
    "a category's spelling": ["UPDATE issue_categories SET category = lower(category) WHERE category = BINARY ' HALLUCINATION'"],
    "legacy tags left": ["INSERT INTO trace_tags (request_id, `key`, value) VALUES ('tr-name-001', 'mlflow.traceName', 'x')"],
    "user's row changed": ["UPDATE user_notes SET note = 'other' WHERE id = 2"],
    # MySQL keeps JSON in a form of its own, MariaDB the text.
    "JSON respelled": {"mariadb": ["UPDATE evaluation_dataset_records SET inputs = concat(inputs, ' ')"]},
    "JSON changed": {"mysql": ["UPDATE evaluation_dataset_records SET inputs = JSON_ARRAY(inputs)"]},
    # Stamp
    "not stamped": ["UPDATE alembic_version SET version_num = '8b6ad64cb8f5'"],
    "stamped twice": ["INSERT INTO alembic_version VALUES ('8b6ad64cb8f5')"],
    "stamp gone": ["DELETE FROM alembic_version"],
    # Tables, columns
    "a table left over": ["CREATE TABLE _alembic_tmp_runs (id integer)"],
    "a table gone": ["DROP TABLE skill_aliases"],
    "an empty table gone": ["DROP TABLE scheduler_leases"],
    "a table's collation": ["ALTER TABLE webhooks COLLATE utf8mb4_unicode_ci"],
    "the database's collation": ["ALTER DATABASE COLLATE utf8mb4_unicode_ci"],
    "a table's character set": ["ALTER TABLE scheduler_leases CONVERT TO CHARACTER SET latin1"],
    "another engine": ["ALTER TABLE alembic_version ENGINE = MyISAM"],
    "another row format": ["ALTER TABLE alembic_version ROW_FORMAT = COMPACT"],
    "a column too many": ["ALTER TABLE runs ADD COLUMN mltrack integer"],
    "user's column gone": ["ALTER TABLE runs DROP COLUMN team"],
    "another length": ["ALTER TABLE params MODIFY value varchar(8001) NOT NULL"],
    "another type": ["ALTER TABLE trace_info MODIFY execution_time_ms decimal(20)"],
    "unsigned": ["ALTER TABLE scheduler_leases MODIFY ttl_seconds int unsigned NOT NULL"],
    "another default": ["ALTER TABLE experiments ALTER workspace SET DEFAULT 'Default'"],
    "a default gone": ["ALTER TABLE inputs ALTER step DROP DEFAULT"],
    "NULL allowed": ["ALTER TABLE assessments MODIFY is_numeric_value tinyint(1) DEFAULT 0"],
    "columns in another order": ["ALTER TABLE scheduler_leases MODIFY acquired_at bigint NOT NULL AFTER ttl_seconds"],
    "a generated column not stored": ["ALTER TABLE user_notes DROP COLUMN twice", "ALTER TABLE user_notes ADD COLUMN twice decimal(12, 2) AS (amount * 2) VIRTUAL"],
    "another generated value": ["ALTER TABLE user_notes MODIFY twice decimal(12, 2) AS (amount * 3) STORED"],
    "a column's collation": ["ALTER TABLE webhooks MODIFY url varchar(500) COLLATE utf8mb4_bin NOT NULL"],
    "a column's collation back": ["ALTER TABLE skill_tags MODIFY `key` varchar(250) COLLATE utf8mb4_unicode_ci NOT NULL"],
    "a comment gone": ["ALTER TABLE runs COMMENT = ''"],
    "a column's comment gone": ["ALTER TABLE experiments MODIFY cost_center int"],
    # Constraints
    "primary key in another order": ["ALTER TABLE registered_model_tags DROP PRIMARY KEY, ADD PRIMARY KEY (workspace, name, `key`)"],
    "foreign key's rule gone": [f"ALTER TABLE trace_info DROP FOREIGN KEY {_FK}", f"ALTER TABLE trace_info ADD {_REFERENCES}"],
    "foreign key renamed": [f"ALTER TABLE trace_info DROP FOREIGN KEY {_FK}", f"ALTER TABLE trace_info ADD {_REFERENCES.replace(_FK, 'fk_other')} ON DELETE CASCADE"],
    "foreign key gone": [f"ALTER TABLE trace_info DROP FOREIGN KEY {_FK}"],
    "a check gone": ["ALTER TABLE runs DROP CONSTRAINT runs_lifecycle_stage"],
    "a check not enforced": {"mysql": ["ALTER TABLE runs ALTER CHECK runs_lifecycle_stage NOT ENFORCED"]},
    "a check renamed": _each("ALTER TABLE runs DROP CHECK runs_chk_1, ADD CONSTRAINT runs_chk_2 CHECK (status IN ('SCHEDULED', 'FAILED', 'FINISHED', 'RUNNING', 'KILLED'))",
                             "ALTER TABLE runs DROP CONSTRAINT CONSTRAINT_1, ADD CONSTRAINT CONSTRAINT_2 CHECK (status IN ('SCHEDULED', 'FAILED', 'FINISHED', 'RUNNING', 'KILLED'))"),
    "a check allows more": ["ALTER TABLE runs DROP CONSTRAINT source_type", "ALTER TABLE runs ADD CONSTRAINT source_type CHECK (source_type IN ('NOTEBOOK', 'JOB', 'LOCAL', 'UNKNOWN', 'PROJECT', 'project'))"],
    # Indexes, triggers and the rest
    "an index gone": ["DROP INDEX index_trace_info_timestamp_ms_request_id ON trace_info"],
    "an index renamed": ["ALTER TABLE params RENAME INDEX index_params_run_uuid TO ix_params_run_uuid"],
    "an implicit index renamed": ["ALTER TABLE runs RENAME INDEX experiment_id TO fk_runs"],
    "an index in another order": ["ALTER TABLE issues DROP INDEX index_issues_experiment_last_seen, ADD INDEX index_issues_experiment_last_seen (last_seen_timestamp, experiment_id)"],
    "an index not unique": ["ALTER TABLE scorers DROP INDEX index_scorers_experiment_id_scorer_name, ADD INDEX index_scorers_experiment_id_scorer_name (experiment_id, scorer_name)"],
    "an index not descending": ["ALTER TABLE mcp_server_versions DROP INDEX idx_mcp_server_versions_latest, ADD INDEX idx_mcp_server_versions_latest (workspace, name, status, version_major, version_minor, version_patch)"],
    "an index on a prefix": ["DROP INDEX user_runs_start ON runs", "CREATE INDEX user_runs_start ON runs (start_time, status(3))"],
    "an index hidden": _each("ALTER TABLE runs ALTER INDEX user_runs_start INVISIBLE", "ALTER TABLE runs ALTER INDEX user_runs_start IGNORED"),
    "user's index gone": ["DROP INDEX user_runs_start ON runs"],
    "a trigger gone": ["DROP TRIGGER prevent_secrets_aad_mutation"],
    "a trigger that does nothing": ["DROP TRIGGER prevent_secrets_aad_mutation", f"{_TRIGGER} SET @nothing = 1"],
    "a trigger in another mode": ["SET SESSION sql_mode = 'ANSI_QUOTES'", "DROP TRIGGER user_notes_guard", "CREATE TRIGGER user_notes_guard BEFORE DELETE ON user_notes FOR EACH ROW SET @gone = OLD.id"],
    "a counter moved on": ["ALTER TABLE sql_span_cost_daily_rollups AUTO_INCREMENT = 500"],
    "a counter's column plain": ["ALTER TABLE user_notes MODIFY id int NOT NULL"],
    "user's function gone": ["DROP FUNCTION user_twice"],
    "a view gone": ["DROP VIEW user_view"],
    "a view changed": ["CREATE OR REPLACE VIEW user_view AS SELECT id, lower(note) AS note FROM user_notes"],
}
ALLOWED = {
    "a sum off by 1e-13": ["UPDATE trace_info SET total_cost = total_cost * (1 + 2e-13) WHERE request_id = 'tr-gw-000'"],
    "indexes in another order": ["ALTER TABLE inputs DROP INDEX index_inputs_input_uuid", "ALTER TABLE inputs ADD INDEX index_inputs_input_uuid (input_uuid)"],
    "rows and statistics anew": ["ALTER TABLE tags FORCE"],
}


def by_dialect(statements) -> dict:
    """{dialect: statements} of an entry above."""
    return statements if isinstance(statements, dict) else {"mysql": statements, "mariadb": statements}
