"""Fill a start state with rows: every table there gets some, the same ones in every run.

    seed(url, dialect, ordinal, fixtures_dir)

Which tables and columns there are comes from the fixtures' "schema" at that state. Hand-made rows
(seeds/tracking.py and its neighbours) may name columns the state does not have yet or any more.
"""

import sqlalchemy

import rebuild
from seeds import bulk, generic, registry, tracking, traces, user_content, work
from seeds.context import Context

HAND_MADE = {**tracking.TABLES, **registry.TABLES, **traces.TABLES, **work.TABLES}
CHUNK = 100  # rows in one INSERT


def seed(url: str, dialect: str, ordinal: int, fixtures_dir, readable: bool = False) -> dict:
    """Insert the rows of one state and commit; returns {table: number of rows}.

    `readable` leaves out what MLflow's server cannot show, though its upgrade can move it.
    """
    _, tables = rebuild.fold(ordinal, dialect, fixtures_dir)
    schemas = {name: said["schema"] for name, said in tables.items() if name != "alembic_version"}
    context = Context(dialect, ordinal, schemas, readable=readable)
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    # The driver's own cursor: text with % and : in it is nobody's parameter.
    connection = engine.raw_connection()
    cursor = connection.cursor()
    if dialect in ("mysql", "mariadb"):
        cursor.execute("SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
    for table in generic.order(schemas):
        given = HAND_MADE[table](context) if table in HAND_MADE else None
        if given is not None and ordinal in bulk.STATES:
            given = [*given, *bulk.rows(table)]
        context.rows[table] = generic.rows(context, table, given)
        _insert(cursor, dialect, table, context.rows[table])
    if dialect == "postgresql":
        _move_sequences(cursor, ordinal)
    for statement in user_content.statements(dialect, ordinal, readable):
        cursor.execute(statement)
    if dialect == "sqlite":
        _require_valid_references(cursor, ordinal)
    connection.commit()
    connection.close()
    engine.dispose()
    return {table: len(rows) for table, rows in context.rows.items()}


def _insert(cursor, dialect, table, rows):
    """Insert in order; consecutive rows with the same columns share a statement."""
    quote, mark = ("`", "%s") if dialect in ("mysql", "mariadb") else ('"', "%s")
    mark = "?" if dialect == "sqlite" else mark
    position = 0
    while position < len(rows):
        names = rows[position].keys()
        group = []
        for row in rows[position:position + CHUNK]:
            if row.keys() != names:
                break
            group.append(row)
        position += len(group)
        columns = ", ".join(f"{quote}{name}{quote}" for name in names)
        places = ", ".join([f"({', '.join([mark] * len(names))})"] * len(group))
        cursor.execute(f"INSERT INTO {quote}{table}{quote} ({columns}) VALUES {places}",
                       [row[name] for row in group for name in names])


def _move_sequences(cursor, ordinal):
    """Set every sequence past the seeded keys, called or not in turn: both must survive."""
    cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1")
    for (name,) in cursor.fetchall():
        cursor.execute("SELECT setval(%s::regclass, %s, %s)", (name, 1000 + ordinal, ordinal % 2 == 0))


def _require_valid_references(cursor, ordinal):
    cursor.execute("PRAGMA foreign_key_check")
    wrong = [row for row in cursor.fetchall() if row[0] not in user_content.orphans(ordinal)]
    if wrong:
        raise ValueError(f"the seeds of state {ordinal} break foreign keys: {wrong[:5]}")
