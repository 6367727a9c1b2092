"""The schema of a database, two of them compared, and the least DDL between two: the schema work of the floor."""

import compare
import facts_common
import facts_mysql
import facts_postgresql
import facts_sqlite
import sqlalchemy
import upgrade_delta

FACTS = {"sqlite": facts_sqlite, "postgresql": facts_postgresql, "mysql": facts_mysql, "mariadb": facts_mysql}
DELTAS = {"sqlite": upgrade_delta.sqlite, "postgresql": upgrade_delta.postgresql, "mysql": upgrade_delta.mysql,
          "mariadb": upgrade_delta.mysql}


def read(url: str, dialect: str) -> dict:
    """Everything of the schema that .ci/parity compares, and apart from it columns, keys and indexes alone."""
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    return {"all": FACTS[dialect].read(engine), "shape": facts_common.inspected(sqlalchemy.inspect(engine))}


def differences(one: dict, other: dict, shape: bool) -> list:
    """Lines for what differs; with `shape` only columns, indexes and keys are looked at, not their order or texts."""
    if not shape:
        return list(compare.facts(one["all"], other["all"]))
    return list(compare.facts(_loose(one["shape"]), _loose(other["shape"])))


def _loose(tables):
    """By name, without the texts that servers and rebuilds spell in several ways."""
    return {table: {
        "columns": {column["name"]: [column["type"], column["nullable"]] for column in found["columns"]},
        "primary key": found["primary key"]["constrained_columns"],
        "indexes": {index["name"]: [index["column_names"], bool(index["unique"])] for index in found["indexes"]},
        "foreign keys": sorted([key["constrained_columns"], key["referred_table"], key["referred_columns"],
                                {name.lower(): str(rule).lower() for name, rule in key["options"].items()}]
                               for key in found["foreign keys"]),
    } for table, found in tables.items()}


def delta(source: str, head: str, server) -> dict:
    """{"before": SQL, "after": SQL, "tables": [of the source]}: the DDL around the row work."""
    engines = [sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool) for url in (source, head)]
    with engines[0].connect() as one, engines[1].connect() as other:
        tables = sqlalchemy.inspect(one).get_table_names()
        before, after = DELTAS[server.dialect](one, other, tables, server)
        revision = other.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        new = set(sqlalchemy.inspect(other).get_table_names()) - set(tables)
        after += [insert for table in sorted(new) for insert in _inserts(other, table)]
        if "alembic_version" in tables:
            after.append(f"UPDATE alembic_version SET version_num = '{revision}'")
    return {"before": before, "after": after, "tables": tables}


def _inserts(connection, table):
    """The rows that MLflow itself gives a new table: the default workspace, the stamp."""
    for row in connection.exec_driver_sql(f"SELECT * FROM {table}").mappings():
        values = ["NULL" if value is None else repr(value) for value in row.values()]
        yield f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(values)})"


