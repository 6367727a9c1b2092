"""The dialects that can be compared. One entry each; the rest of the harness asks only these methods."""

import shutil
from pathlib import Path

import sqlalchemy

import clone_mysql
import facts_mysql
import facts_postgresql
import facts_sqlite
import rows_mysql
import rows_postgresql
import rows_sqlite
import servers

LOCK_WAIT_SECONDS = 60
# Servers of one dialect, slow ones: with --turns each takes every other case.
TWINS = ("mysql", "mariadb")


def turn(dialect: str, place: int) -> bool:
    """Whether it is a dialect's turn at a place in a list; one without a twin takes the even ones."""
    return place % len(TWINS) == (TWINS.index(dialect) if dialect in TWINS else 0)


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

    def clone(self, source: str, name: str) -> None:
        """Create database `name` with the content of another; what is read of the two is equal."""
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
            self.clone(names[0], name)

    def clone(self, source: str, name: str) -> None:
        shutil.copyfile(self._file(source), self._file(name))

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
            self.clone(names[0], name)

    def clone(self, source: str, name: str) -> None:
        self._execute(f"CREATE DATABASE {name} TEMPLATE {source}")

    def drop(self, name: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _execute(self, statement):
        engine = sqlalchemy.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT",
                                          poolclass=sqlalchemy.pool.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


class Mysql(Target):
    """Databases of one MySQL or MariaDB server.

    A clone made from SHOW CREATE reads the same, but behaves another way: an index that the server
    made for a foreign key goes when another one serves, and one that was asked for stays. So start
    states, which are upgraded afterwards, are all made anew; the seeds are the same every time.
    """

    facts, rows = facts_mysql, rows_mysql

    def copies(self, make, names: list) -> None:
        for name in names:
            self.drop(name)
            self._execute(f"CREATE DATABASE {name}")
            make(self.url(name))

    def clone(self, source: str, name: str) -> None:
        self.drop(name)
        self._execute(f"CREATE DATABASE {name}")
        clone_mysql.clone(self.url(name), source)

    def drop(self, name: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS {name}")

    def _execute(self, statement):
        engine = sqlalchemy.create_engine(self.url("information_schema"), isolation_level="AUTOCOMMIT",
                                          poolclass=sqlalchemy.pool.NullPool)
        with engine.connect() as connection:
            # A client that was killed may still hold a table until the server notices.
            connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {LOCK_WAIT_SECONDS}")
            connection.exec_driver_sql(statement)


TARGETS = {"sqlite": Sqlite, "postgresql": Postgresql, "mysql": Mysql, "mariadb": Mysql}


def start(dialect: str):
    """A context manager that runs the dialect's throw-away server."""
    return servers.START[dialect]()
