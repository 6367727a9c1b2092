"""Every row of every table of a SQLite database, with each value's storage class."""

from rows_common import Rows


def read(engine) -> dict:
    """{table: Rows}; blobs as hexadecimal, floats in the shortest text that is the same float."""
    connection = engine.raw_connection()
    try:
        # Bytes that are no UTF-8 must neither stop the reader nor become equal to others.
        connection.driver_connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        cursor = connection.cursor()
        tables = cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'"
                                " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name").fetchall()
        return {table: _table(cursor, table) for (table,) in tables}
    finally:
        connection.close()


def _table(cursor, table):
    info = cursor.execute(f'PRAGMA table_xinfo("{table}")').fetchall()
    names = [row[1] for row in info]
    parts = ", ".join(f'typeof("{name}"), "{name}"' for name in names)
    rows = [[_typed(*row[at:at + 2]) for at in range(0, len(row), 2)]
            for row in cursor.execute(f'SELECT {parts} FROM "{table}"')]
    return Rows(names, [position for position, row in enumerate(info) if row[5]], rows)


def _typed(storage_class, value):
    if value is None:
        return None
    return storage_class, value.hex() if isinstance(value, bytes) else repr(value) if storage_class == "real" else str(value)
