"""Stop a real MLflow upgrade right before a statement, as if its process had died there."""

import contextlib
import time

import sqlalchemy
from mlflow.store.db.utils import _upgrade_db, create_sqlalchemy_engine

# What does not write: a stop before it leaves the same database as one before the next statement.
READS = ("SELECT", "SHOW", "DESCRIBE", "PRAGMA", "SET ", "EXPLAIN")
GONE_SECONDS = 30


class Stopped(BaseException):
    """Not an Exception: no migration's own `except Exception` may go on after it."""


class Counter:
    """Counts an engine's statements that write; before number `stop` (the first is 1) it closes the
    sockets. `at_commit`: before the first COMMIT that has only `stop` - 1 statements behind it.
    `progress` is told the number of each statement before it runs."""

    def __init__(self, engine, stop: int | None = None, at_commit: bool = False, progress=None):
        self.texts, self.stopped, self._progress = [], False, progress
        self._stop, self._at_commit, self._open = stop, at_commit, []
        sqlalchemy.event.listen(engine, "connect", lambda connection, _: self._open.append(connection))
        sqlalchemy.event.listen(engine, "before_cursor_execute", self._before)
        sqlalchemy.event.listen(engine, "commit", self._commit)

    def _before(self, connection, cursor, statement, parameters, context, executemany):
        if self.stopped:
            raise Stopped
        if statement.lstrip().upper().startswith(READS):
            return
        if len(self.texts) + 1 == self._stop and not self._at_commit:
            self._die()
        self.texts.append(statement)
        if self._progress:
            self._progress(len(self.texts))

    def _commit(self, connection):
        if self._at_commit and len(self.texts) + 1 == self._stop:
            self._die()

    def _die(self):
        self.stopped = True
        for connection in self._open:
            with contextlib.suppress(Exception):  # closed by MLflow before
                connection._sock.close()
        raise Stopped


def run(url: str, stop: int | None = None, at_commit: bool = False, progress=None) -> Counter:
    """Upgrade with MLflow, all the way or up to before statement `stop`; see Counter."""
    engine = create_sqlalchemy_engine(url)
    counter = Counter(engine, stop, at_commit, progress)
    with contextlib.suppress(Stopped):
        _upgrade_db(engine)
    engine.dispose()
    return counter


def wait_until_gone(target, name: str) -> None:
    """Wait until the server has rolled back what the closed connections had open."""
    engine = sqlalchemy.create_engine(target.url("information_schema"), poolclass=sqlalchemy.pool.NullPool)
    deadline = time.monotonic() + GONE_SECONDS
    with engine.connect() as connection:
        while any(row.db == name for row in connection.exec_driver_sql("SHOW PROCESSLIST").fetchall()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the server still has a connection to {name} after {GONE_SECONDS} s")
            time.sleep(0.01)
