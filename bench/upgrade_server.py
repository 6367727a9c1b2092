"""A throw-away server of one kind, on which real MLflow makes databases of old releases; asked in lines of JSON.

    python upgrade_server.py sqlite|postgresql|mysql|mariadb

The first line printed says what it is; then each line read, {"do": ..., ...}, is answered with one.
Run it with the interpreter that has MLflow. Nothing here is timed: the timed upgrades are processes of their own.
"""

import json
import logging
import os
import sys
import traceback
import warnings
from pathlib import Path

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # read when mlflow is imported
warnings.simplefilter("ignore")
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "fixtures/tools"), str(ROOT / ".ci/parity"), str(ROOT / "bench")]

import servers
import sqlalchemy
import upgrade_copy
import upgrade_digest
import upgrade_schema


def migrate(url: str, revision: str | None) -> None:
    """Takes an empty database to a revision, with MLflow's own scripts; None leaves it empty."""
    if revision is None:
        return
    from alembic import command
    from mlflow.store.db.utils import _get_alembic_config, create_sqlalchemy_engine
    from mlflow.store.tracking.dbmodels.initial_models import Base

    logging.disable(logging.CRITICAL)
    engine = create_sqlalchemy_engine(url)
    try:
        Base.metadata.create_all(engine)
        config = _get_alembic_config(url)
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    finally:
        engine.dispose()


def fill(url: str, statements: list) -> None:
    """Runs the statements in one transaction, then lets the server count what it holds, as its autovacuum would."""
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
                connection.exec_driver_sql(f"PRAGMA {setting}")
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%") if engine.dialect.name != "sqlite" else statement)
        connection.commit()
        tables = sqlalchemy.inspect(connection).get_table_names()
        connection.commit()
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
        elif engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
        else:
            connection.exec_driver_sql(f"ANALYZE TABLE {', '.join(f'`{table}`' for table in tables)}")
        connection.commit()


class Databases:
    """What can be asked of the server, by the name of the question."""

    def __init__(self, server):
        self.server = server
        self.copier = upgrade_copy.COPIERS[server.dialect](server, migrate)
        self.seen = {}

    def build(self, name, revision, statements):
        """A database at a revision with rows; it stays the template of its copies."""
        url = self.copier.create(name)
        migrate(url, revision)
        if revision is not None:
            fill(url, statements)
        return {"url": url}

    def copy(self, source, name, revision):
        """A copy, in files and pages as one that was just written."""
        return {"url": self.copier.copy(source, name, revision)}

    def drop(self, name):
        """Removes a database."""
        self.copier.drop(name)
        return {}

    def read(self, name, label):
        """Reads rows and schema, for `compare`; returns how many rows there are."""
        url = self.copier.url(name)
        self.seen[label] = upgrade_digest.rows(url), upgrade_schema.read(url, self.server.dialect)
        return {"rows": {table: count for table, (count, _) in self.seen[label][0].items()}}

    def compare(self, one, other, shape):
        """Lines for what differs between two databases that were read: rows, and the schema (see upgrade_schema)."""
        (rows, schema), (others, other_schema) = self.seen[one], self.seen[other]
        tables = sorted(rows.keys() | others.keys())
        return {"rows": [f"rows of {table}: {rows.get(table)}, {others.get(table)}" for table in tables
                         if rows.get(table) != others.get(table)],
                "schema": upgrade_schema.differences(schema, other_schema, shape)}

    def delta(self, source, head):
        """The statements that take the schema of one database to another's: see upgrade_schema."""
        return upgrade_schema.delta(self.copier.url(source), self.copier.url(head), self.server)


def main(kind: str) -> None:
    """Serves until its input ends; the server and its files are gone then."""
    servers.exit_on_sigterm()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what MLflow and Alembic print is no answer

    def say(answer):
        print(json.dumps(answer), file=answers, flush=True)

    with servers.START[kind]() as server:
        databases = Databases(server)
        databases.copier.settle()
        say({"version": server.version, "pid": _child(), "user": server.user, "host": server.host,
             "port": server.port, "bin": server.bin_dir})
        for line in sys.stdin:
            question = json.loads(line)
            try:
                say(getattr(databases, question.pop("do"))(**question))
            except Exception:
                say({"error": traceback.format_exc()})


def _child():
    """The process of the server, our only child; none for SQLite."""
    found = [pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]
    return int(found[0]) if found else None


if __name__ == "__main__":
    main(sys.argv[1])
