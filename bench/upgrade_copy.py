"""Databases of one server, created, copied and dropped by name."""

import contextlib
import shutil
from pathlib import Path

import sqlalchemy


class Copier:
    """What the kinds of server share: a URL for each name, and statements outside transactions."""

    admin = ""

    def __init__(self, server, migrate):
        self.server, self.migrate = server, migrate
        self.base = server.url.rpartition("/")[0]

    def url(self, name):
        """The database's URL as MLflow's users write it."""
        return f"{self.base}/{name}"

    def settle(self):
        """Settings of the server that every measurement shares."""

    def create(self, name):
        """An empty database; its URL."""
        self.drop(name)
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def execute(self, *statements):
        """Runs statements on one connection, each by itself; the rows of the last one that has any."""
        engine = sqlalchemy.create_engine(self.url(self.admin), isolation_level="AUTOCOMMIT",
                                          poolclass=sqlalchemy.pool.NullPool)
        rows = []
        with engine.connect() as connection:
            for statement in statements:
                result = connection.exec_driver_sql(statement)
                rows = result.fetchall() if result.returns_rows else rows
        return rows


class Sqlite(Copier):
    """Files in one folder; a copy is a copy of the file."""

    def url(self, name):
        return f"sqlite:///{self._file(name)}"

    def create(self, name):
        self.drop(name)
        return self.url(name)

    def copy(self, source, name, revision):
        """A copy of the file; no file is an empty database."""
        self.drop(name)
        if self._file(source).exists():
            shutil.copyfile(self._file(source), self._file(name))
        return self.url(name)

    def drop(self, name):
        """The file, and what an upgrade put beside it."""
        for path in self._file(name).parent.glob(f"{name}.db*"):
            path.unlink()

    def _file(self, name):
        return Path(sqlalchemy.make_url(self.server.url).database).parent / f"{name}.db"


class Postgresql(Copier):
    """A copy is made from a template, file by file, and written out."""

    admin = "postgres"

    def copy(self, source, name, revision):
        """A database that is byte for byte the source."""
        self.drop(name)
        self.execute(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY", "CHECKPOINT")
        return self.url(name)

    def drop(self, name):
        """Whoever is still connected."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class Mysql(Copier):
    """The schema is made by MLflow again, since one made from SHOW CREATE TABLE forgets which indexes the server made
    by itself for foreign keys; then the rows are copied in the order of their primary keys, and written out."""

    admin = "information_schema"

    def settle(self):
        self.execute(f"SET GLOBAL innodb_buffer_pool_size = {1 << 30}")

    def copy(self, source, name, revision):
        """A database with the source's rows."""
        url = self.create(name)
        self.migrate(url, revision)
        tables = [table for (table,) in self.execute(
            f"SELECT TABLE_NAME FROM TABLES WHERE TABLE_SCHEMA = '{source}' AND TABLE_TYPE = 'BASE TABLE'")]
        copies = ["SET SESSION foreign_key_checks = 0, unique_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'"]
        for table in tables:
            columns = ", ".join(f"`{column}`" for (column,) in self.execute(
                f"SELECT COLUMN_NAME FROM COLUMNS WHERE TABLE_SCHEMA = '{source}' AND TABLE_NAME = '{table}' "
                "AND COALESCE(GENERATION_EXPRESSION, '') = '' ORDER BY ORDINAL_POSITION"))
            copies += [f"DELETE FROM {name}.`{table}`",
                       f"INSERT INTO {name}.`{table}` ({columns}) SELECT {columns} FROM {source}.`{table}`"]
        if tables:
            listed = ", ".join(f"{name}.`{table}`" for table in tables)
            # FOR EXPORT writes the pages out, so that no upgrade pays for them.
            copies += [f"ANALYZE TABLE {listed}", f"FLUSH TABLES {listed} FOR EXPORT", "UNLOCK TABLES"]
        self.execute(*copies)
        return url

    def drop(self, name):
        """A database, if it is there; what a client that was killed left running on it ends first."""
        for process in self.execute("SHOW FULL PROCESSLIST"):
            if process[3] == name:
                with contextlib.suppress(sqlalchemy.exc.DBAPIError):  # it may have ended by itself
                    self.execute(f"KILL {process[0]}")
        self.execute(f"DROP DATABASE IF EXISTS {name}")


COPIERS = {"sqlite": Sqlite, "postgresql": Postgresql, "mysql": Mysql, "mariadb": Mysql}
