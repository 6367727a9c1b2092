"""The dialects that can be compared. One entry each; the rest of the harness asks only these methods.

To add MySQL or MariaDB: a Target whose `copies` calls `make` for each name (neither can copy a
database; the seeds are the same every time), a facts_mysql.py and a rows reader, and an entry in
TARGETS. The seeds already mind case-insensitive keys and single-precision FLOAT.
"""

import shutil
from pathlib import Path

import sqlalchemy

import facts_postgresql
import facts_sqlite
import rows_postgresql
import rows_sqlite
import servers


class Target:
    """A running server on which databases are made, copied, read and dropped by name."""

    facts = None  # module with read(engine) -> {object: facts}
    rows = None  # module with read(engine) -> {table: Rows}

    def __init__(self, server):
        self.server = server
        self.base = server.url.rpartition("/")[0]

    def url(self, name: str) -> str:
        """The database's URL as MLflow users write it."""
        return f"{self.base}/{name}"

    def copies(self, make, names: list) -> None:
        """Create the databases `names` with the same content, which `make(url)` puts into an empty one."""
        raise NotImplementedError

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected; it may not exist."""
        raise NotImplementedError

    def read(self, name: str):
        """(facts, rows) of a database."""
        engine = sqlalchemy.create_engine(self.url(name), poolclass=sqlalchemy.pool.NullPool)
        try:
            return self.facts.read(engine), self.rows.read(engine)
        finally:
            engine.dispose()


class Sqlite(Target):
    """Files in one directory; a copy is a copy of the file."""

    facts, rows = facts_sqlite, rows_sqlite

    def url(self, name: str) -> str:
        return f"sqlite:///{self._file(name)}"

    def copies(self, make, names: list) -> None:
        for name in names:
            self.drop(name)
        make(self.url(names[0]))
        for name in names[1:]:
            shutil.copyfile(self._file(names[0]), self._file(name))

    def drop(self, name: str) -> None:
        # With its -wal, -shm and -journal, and whatever an upgrade put beside it.
        for path in self._file(name).parent.glob(f"{name}.db*"):
            path.unlink()

    def _file(self, name):
        return Path(sqlalchemy.make_url(self.server.url).database).parent / f"{name}.db"


class Postgresql(Target):
    """Databases of one server; a copy is made from a template."""

    facts, rows = facts_postgresql, rows_postgresql

    def copies(self, make, names: list) -> None:
        for name in names:
            self.drop(name)
        self._execute(f"CREATE DATABASE {names[0]}")
        make(self.url(names[0]))
        for name in names[1:]:
            self._execute(f"CREATE DATABASE {name} TEMPLATE {names[0]}")

    def drop(self, name: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _execute(self, statement):
        engine = sqlalchemy.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT",
                                          poolclass=sqlalchemy.pool.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


TARGETS = {"sqlite": Sqlite, "postgresql": Postgresql}


def start(dialect: str):
    """A context manager that runs the dialect's throw-away server."""
    return servers.START[dialect]()
