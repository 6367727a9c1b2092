"""A MySQL or MariaDB database's schema: the inspector's view, and the server's own words."""

import re

import sqlalchemy

import facts_common

COUNTER = re.compile(r" AUTO_INCREMENT=\d+")  # compared on its own, see COUNTERS
KEY = re.compile(r"  (?:UNIQUE |FULLTEXT |SPATIAL )?KEY ")
# The account of whoever ran the upgrade, no fact about the schema.
DEFINER = re.compile(r" DEFINER=`(?:[^`]|``)*`@`(?:[^`]|``)*`")

# (view, what its objects are, its column with the database, with the object, with what tells rows
# apart, and what is left out: statistics, clocks, accounts).
STATISTICS = {"VERSION", "TABLE_ROWS", "AVG_ROW_LENGTH", "DATA_LENGTH", "MAX_DATA_LENGTH", "INDEX_LENGTH",
              "DATA_FREE", "MAX_INDEX_LENGTH", "CREATE_TIME", "UPDATE_TIME", "CHECK_TIME", "AUTO_INCREMENT"}
CLOCKS = {"CREATED", "LAST_ALTERED", "STARTS", "DEFINER"}
VIEWS = (
    ("TABLES", "table", "TABLE_SCHEMA", "TABLE_NAME", (), STATISTICS),
    ("COLUMNS", "table", "TABLE_SCHEMA", "TABLE_NAME", ("COLUMN_NAME",), set()),
    ("STATISTICS", "table", "TABLE_SCHEMA", "TABLE_NAME", ("INDEX_NAME", "SEQ_IN_INDEX"), {"CARDINALITY"}),
    ("TABLE_CONSTRAINTS", "table", "TABLE_SCHEMA", "TABLE_NAME", ("CONSTRAINT_TYPE", "CONSTRAINT_NAME"), set()),
    ("KEY_COLUMN_USAGE", "table", "TABLE_SCHEMA", "TABLE_NAME", ("CONSTRAINT_NAME", "ORDINAL_POSITION"), set()),
    ("REFERENTIAL_CONSTRAINTS", "table", "CONSTRAINT_SCHEMA", "TABLE_NAME", ("CONSTRAINT_NAME",), set()),
    # MySQL's checks belong to the database; its TABLE_CONSTRAINTS says which table has them.
    ("CHECK_CONSTRAINTS", "checks of", "CONSTRAINT_SCHEMA", "TABLE_NAME", ("CONSTRAINT_NAME",), set()),
    ("TRIGGERS", "table", "TRIGGER_SCHEMA", "EVENT_OBJECT_TABLE", ("TRIGGER_NAME",), CLOCKS),
    ("VIEWS", "table", "TABLE_SCHEMA", "TABLE_NAME", (), CLOCKS),
    ("ROUTINES", "routine", "ROUTINE_SCHEMA", "ROUTINE_NAME", ("ROUTINE_TYPE",), CLOCKS),
    ("EVENTS", "event", "EVENT_SCHEMA", "EVENT_NAME", (), CLOCKS),
)
COUNTERS = "SELECT TABLE_NAME, AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
TRIGGERS = "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
DATABASE = """SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA
WHERE SCHEMA_NAME = DATABASE()"""


def read(engine) -> dict:
    """{object: facts}: one entry for each table and view, and for the database's other objects."""
    facts = {f"table {table}": found
             for table, found in facts_common.inspected(sqlalchemy.inspect(engine)).items()}
    with engine.connect() as connection:
        query = connection.exec_driver_sql
        database = query("SELECT DATABASE()").scalar()
        # The server would show counters as they were up to a day ago.
        if not connection.dialect.is_mariadb:
            query("SET SESSION information_schema_stats_expiry = 0")
        facts["the database"] = {"character set, collation": list(query(DATABASE).one())}
        for view in VIEWS:
            for name, rows in _view(query, *view, database).items():
                facts.setdefault(name, {})[view[0]] = rows
        for table, kind in query("SHOW FULL TABLES").fetchall():
            kind = "TABLE" if kind == "BASE TABLE" else kind
            facts.setdefault(f"table {table}", {})["SHOW CREATE"] = _created(_text(query, kind, table, 1), database)
        for (name,) in query(TRIGGERS).fetchall():
            facts[f"trigger {name}"] = {"SHOW CREATE": _text(query, "TRIGGER", name, 2)}
        for table, counter in query(COUNTERS).fetchall():
            facts[f"table {table}"]["next AUTO_INCREMENT"] = counter
    return facts


def _view(query, view, kind, schema, named, keys, left_out, database):
    """{object: {row: its columns}} of an information_schema view, for this database."""
    found = {}
    for row in query(f"SELECT * FROM information_schema.{view} WHERE {schema} = DATABASE()").mappings():
        plain = {name.upper(): _plain(value, database) for name, value in row.items()}
        rows = found.setdefault(f"{kind} {plain.get(named, 'the database')}", {})
        key = " ".join(str(plain[part]) for part in keys)
        if key in rows:
            raise ValueError(f"information_schema.{view} has two rows {key!r}: teach VIEWS to tell them apart")
        rows[key] = {name: value for name, value in plain.items() if name not in left_out}
    return found


def _plain(value, database):
    """Bytes as text, and the database's own name (it is in every row) as a word."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    if isinstance(value, str):
        return "(the database)" if value == database else value.replace(f"`{database}`.", "")
    return value if isinstance(value, (int, float)) or value is None else str(value)


def _created(text, database):
    """Lines of SHOW CREATE TABLE. The indexes are sorted: SQLAlchemy keeps them in a set, so two of
    MLflow's own upgrades make them in two orders."""
    lines = [line.removesuffix(",") for line in COUNTER.sub("", text).replace(f"`{database}`.", "").split("\n")]
    keys = [at for at, line in enumerate(lines) if KEY.match(line)]
    for at, line in zip(keys, sorted(lines[at] for at in keys)):
        lines[at] = line
    return lines


def _text(query, kind, name, at):
    # The driver takes a single % for a parameter.
    quoted = name.replace("`", "``").replace("%", "%%")
    return DEFINER.sub("", query(f"SHOW CREATE {kind} `{quoted}`").one()[at])
