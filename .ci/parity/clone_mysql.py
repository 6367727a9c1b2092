"""Copy a MySQL or MariaDB database inside its server, for mutants: see targets.Mysql on its limits."""

import re

import sqlalchemy

GENERATED = """SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA = '{}' AND EXTRA NOT LIKE '%GENERATED' ORDER BY TABLE_NAME, ORDINAL_POSITION"""
FUNCTIONS = "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '{}' AND ROUTINE_TYPE = 'FUNCTION'"
TRIGGERS = "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '{}'"


def clone(url: str, source: str) -> None:
    """Fill the empty database at `url` from database `source`: tables, rows, views, functions, triggers."""
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()

        def query(statement):
            cursor.execute(statement)
            return cursor.fetchall()

        query("SET SESSION foreign_key_checks = 0, sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
        columns = {}
        for table, column in query(GENERATED.format(source)):
            columns.setdefault(table, []).append(f"`{column}`")
        listed = query(f"SHOW FULL TABLES FROM `{source}`")
        for table in [name for name, kind in listed if kind == "BASE TABLE"]:
            query(query(f"SHOW CREATE TABLE `{source}`.`{table}`")[0][1])
            names = ", ".join(columns[table])
            query(f"INSERT INTO `{table}` ({names}) SELECT {names} FROM `{source}`.`{table}`")
        for view in [name for name, kind in listed if kind == "VIEW"]:
            query(query(f"SHOW CREATE VIEW `{source}`.`{view}`")[0][1].replace(f"`{source}`.", ""))
        # Last, so that no trigger meets a row; both keep the sql_mode they were made in.
        for kind, listed in (("FUNCTION", FUNCTIONS), ("TRIGGER", TRIGGERS)):
            for (name,) in query(listed.format(source)):
                _, mode, text, *_ = query(f"SHOW CREATE {kind} `{source}`.`{name}`")[0]
                query(f"SET SESSION sql_mode = '{mode}'")
                query(re.sub(r" DEFINER=\S+", "", text, count=1))
        connection.commit()
    finally:
        connection.close()
        engine.dispose()
