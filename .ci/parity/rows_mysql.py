"""Every row of every table of a MySQL or MariaDB database, each value with its exact content.

Text and binary come as hexadecimal bytes, so no collation and no connection character set can make
two values one. A float is read as a double (a FLOAT is one exactly) and shown in Python's shortest text.
"""

from decimal import Decimal

from rows_common import Rows

COLUMNS = """
SELECT c.TABLE_NAME, c.COLUMN_NAME, c.COLUMN_TYPE, c.DATA_TYPE, c.COLUMN_KEY = 'PRI'
FROM information_schema.COLUMNS c JOIN information_schema.TABLES t USING (TABLE_SCHEMA, TABLE_NAME)
WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE'
ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION"""

TEXTS = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"}
BYTES = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit"}


def read(engine) -> dict:
    """{table: Rows}."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(COLUMNS)
        tables = {}
        for table, *column in cursor.fetchall():
            tables.setdefault(table, []).append([_word(value) for value in column])
        return {table: _table(cursor, table, columns) for table, columns in tables.items()}
    finally:
        connection.close()


def _table(cursor, table, columns):
    parts = ", ".join(_expression(name, kind) for name, _, kind, _ in columns)
    cursor.execute(f"SELECT {parts} FROM {_quoted(table)}")
    rows = [[_typed(*column[1:3], value) for column, value in zip(columns, row)] for row in cursor.fetchall()]
    return Rows([name for name, *_ in columns], [at for at, column in enumerate(columns) if column[3]], rows)


def _expression(name, kind):
    """What to select so that the driver gives the value exactly."""
    column = _quoted(name)
    if kind in TEXTS or kind in BYTES:
        return f"HEX({column})"
    if kind == "float":
        # Shown as FLOAT, a value has 6 digits, which is not what is stored; as a product it is a DOUBLE
        # (a sum would lose the sign of -0.0).
        return f"{column} * 1e0"
    return f"CAST({column} AS CHAR CHARACTER SET utf8mb4)" if kind in ("json", "decimal") else column


def _typed(type_, kind, value):
    if value is None:
        return None
    if kind in TEXTS:
        value = _readable(value)
    elif isinstance(value, float):
        value = repr(value)
    # Integers beyond 2**53, dates and decimals are exact in Python.
    return type_, format(value, "f") if isinstance(value, Decimal) else str(value)


def _readable(digits):
    """The text of hexadecimal UTF-8, for keys and messages; anything else stays hexadecimal, marked."""
    try:
        return bytes.fromhex(digits).decode("utf-8")
    except UnicodeDecodeError:
        return f"bytes {digits}"


def _quoted(name):
    return "`" + name.replace("`", "``") + "`"


def _word(value):
    return value.decode() if isinstance(value, bytes) else value
