"""Every row of every table of a PostgreSQL database, each value as the server's exact text."""

from rows_common import Rows

TABLES = """
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       coalesce(a.attnum = ANY (i.indkey), false)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p')
ORDER BY 1, 2, a.attnum"""


def read(engine) -> dict:
    """{table: Rows}; a table outside schema public by its full name."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        # Since PostgreSQL 12 the text of a float is the shortest that is the same float.
        cursor.execute(TABLES)
        tables = {}
        for schema, table, *column in cursor.fetchall():
            tables.setdefault((schema, table), []).append(column)
        return {table if schema == "public" else f"{schema}.{table}": _table(cursor, schema, table, columns)
                for (schema, table), columns in tables.items()}
    finally:
        connection.close()


def _table(cursor, schema, table, columns):
    parts = ", ".join(f'"{name}"::text' for name, _, _ in columns)
    cursor.execute(f'SELECT {parts} FROM "{schema}"."{table}"')
    types = [type_ for _, type_, _ in columns]
    rows = [[None if text is None else (type_, text) for type_, text in zip(types, row)]
            for row in cursor.fetchall()]
    return Rows([name for name, _, _ in columns], [at for at, c in enumerate(columns) if c[2]], rows)
