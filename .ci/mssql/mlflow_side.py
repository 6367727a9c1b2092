"""Real MLflow's revisions, run for SQL Server over a DBAPI that reaches no server.

What MLflow sends goes to the stand-in `server.Server`, and what SQLAlchemy's inspector asks is answered from it, so
that MLflow sees its own schema and nothing of mltrack's.
"""

import logging
import os
import re

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import sqlalchemy as sa
from alembic import command
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base as InitialBase
from sqlalchemy import event

from fake_dbapi import driver
from inspector import answer_inspector
from server import Server


class Recorder:
    """A server, and the statements that reached it since `take` was last called."""

    def __init__(self):
        self.server = Server()
        self.statements, self.rows = [], []
        self.version = None

    def take(self):
        taken = (self.statements, self.rows)
        self.statements, self.rows = [], []
        return taken

    def run(self, sql, params, columns):
        """The rows of a statement."""
        text = sql.strip()
        if re.search(r"alembic_version", text):
            return self.stamp(text, params)
        answer = self.catalog(text, params)
        if answer is not None:
            return answer
        if self.server.execute(text):
            self.statements.append(text)
            return []
        if not re.match(r"set\s", text, re.IGNORECASE):
            self.rows.append(text)
        return [(0,)] if re.match(r"SELECT count\(", text) and len(columns) == 1 else []

    def stamp(self, text, params):
        if text.startswith("SELECT"):
            return [(self.version,)] if self.version else []
        given = re.match(
            r"(?:INSERT .*VALUES \(|UPDATE alembic_version SET version_num=)'(\w+)'", text, re.DOTALL
        )
        if given:
            self.version = given[1]
        return [(self.version,)]

    def catalog(self, text, params):
        """What the inspector does not ask: the dialect's own questions, and MLflow's for unique constraints."""
        if "ProductVersion" in text:
            return [("15.0.4000.0",)]
        if text.lower().startswith("select schema_name()"):
            return [("dbo",)]
        if "fn_listextendedproperty" in text or "CAST('test max support'" in text:
            return [("x",)]
        if "sys.system_views" in text:
            return [("sys.dm_exec_sessions",)]
        if "transaction_isolation_level" in text:
            return [("READ COMMITTED",)]
        if "sys.key_constraints kc" in text:
            table = self.server.table(params[0])
            return [(unique.name, ",".join(unique.columns)) for unique in table.uniques]
        if re.search(r"\b(sys\.|INFORMATION_SCHEMA)", text) and text.upper().startswith("SELECT"):
            raise AssertionError(f"an unknown question to the catalog: {text}")
        return None


def engine_on(recorder):
    engine = sa.create_engine(
        "mssql+pyodbc://sa:x@nowhere:1433/mlflow?driver=none",
        module=driver(recorder),
        poolclass=sa.NullPool,
        use_setinputsizes=False,
    )

    @event.listens_for(engine, "before_cursor_execute")
    def tell_columns(conn, cursor, statement, parameters, context, executemany):
        compiled = getattr(context, "compiled", None)
        results = getattr(compiled, "_result_columns", None) or []
        cursor.columns = [str(column.keyname) for column in results]

    answer_inspector(engine.dialect, recorder)
    return engine


def revisions(recorder):
    """Yields (revision, statements, row statements) for the base and then for each revision, in order."""
    logging.disable(logging.INFO)
    engine = engine_on(recorder)
    InitialBase.metadata.create_all(engine)
    yield (None, *recorder.take())
    config = _get_alembic_config("mssql+pyodbc://nowhere")
    config.attributes["configure_logger"] = False
    from alembic.script import ScriptDirectory

    chain = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    for revision in chain:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
        if recorder.version != revision:
            raise AssertionError(f"MLflow did not stamp {revision}")
        yield (revision, *recorder.take())
