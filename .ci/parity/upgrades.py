"""The two upgrades that must come to the same: MLflow's own, and mltrack's."""

import os
import shlex
import subprocess
import time
from dataclasses import dataclass

from mlflow.store.db.utils import _upgrade_db, create_sqlalchemy_engine

from paths import PROJECT

TIMEOUT_SECONDS = 300
DEFAULT_COMMAND = "node bin/mltrack.js"


@dataclass(frozen=True)
class Window:
    """When an upgrade ran, in milliseconds since 1970; the clock of this machine."""

    start: int
    end: int

    def holds(self, instant: int) -> bool:
        """Whether `instant` lies in it."""
        return self.start <= instant <= self.end

    @property
    def seconds(self) -> float:
        """How long it was."""
        return (self.end - self.start) / 1000


class UpgradeFailed(RuntimeError):
    """An upgrade stopped; the message says whose and why."""


def command() -> str:
    """What runs mltrack: MLTRACK_CMD, else the project's own build."""
    return os.environ.get("MLTRACK_CMD", DEFAULT_COMMAND)


def run_mlflow(url: str) -> Window:
    """What `mlflow db upgrade URL` does to a database that is not empty, in this process."""
    start = _now()
    engine = create_sqlalchemy_engine(url)
    try:
        _upgrade_db(engine)
    except Exception as error:
        raise UpgradeFailed(f"MLflow's own upgrade failed: {type(error).__name__}: {error}") from error
    finally:
        engine.dispose()
    return Window(start, _now())


def run_mltrack(url: str, options=()) -> Window:
    """`mltrack db upgrade URL --yes` as a process of its own, from the project's root."""
    start = _now()
    try:
        done = subprocess.run([*shlex.split(command()), "db", "upgrade", url, "--yes", *options], cwd=PROJECT,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", timeout=TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise UpgradeFailed(f"mltrack did not end in {TIMEOUT_SECONDS} s") from error
    if done.returncode != 0:
        raise UpgradeFailed(f"mltrack failed with exit code {done.returncode}: {done.stdout[-3000:]}")
    return Window(start, _now())


def _now():
    return time.time_ns() // 1_000_000
