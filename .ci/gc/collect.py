"""The two collections that must come to the same: `mlflow gc` in this process, and mltrack's as its own."""

import json
import os
import shlex
import subprocess
import time
from dataclasses import dataclass

import live_paths
from upgrades import command

TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Done:
    """How a collection ended: exit code, what it said, how long it took. `error`: MLflow's exception, if any."""

    code: int
    text: str
    seconds: float
    error: str = ""

    def event(self) -> dict:
        """The event `gc` of mltrack's JSON."""
        for line in self.text.splitlines():
            if line.startswith("{") and (found := json.loads(line)).get("event") == "gc":
                return found
        raise AssertionError(f"no event gc, exit {self.code}: {self.text[-2000:]}")


def mlflow_gc(url: str, options: list, workspaces: bool = False) -> Done:
    """`mlflow gc --backend-store-uri URL OPTIONS` through click's runner; the library's state is this process's."""
    import mlflow
    from click.testing import CliRunner
    from mlflow.cli import gc
    from mlflow.environment_variables import MLFLOW_ENABLE_WORKSPACES
    from mlflow.tracking._tracking_service.utils import _tracking_store_registry

    started = time.monotonic()
    MLFLOW_ENABLE_WORKSPACES.set("true" if workspaces else "false")
    # It remembers the store of an address, which is another class with workspaces than without.
    _tracking_store_registry._get_store_with_resolved_uri.cache_clear()
    mlflow.set_tracking_uri(url)
    try:
        done = CliRunner().invoke(gc, ["--backend-store-uri", url, *options])
    finally:
        MLFLOW_ENABLE_WORKSPACES.unset()
        mlflow.set_tracking_uri(url)
    error = "" if done.exception is None else f"{type(done.exception).__name__}: {done.exception}"
    return Done(done.exit_code, done.output, time.monotonic() - started, error)


def mltrack_gc(url: str, options: list, *more) -> Done:
    """`mltrack gc URL OPTIONS --yes --json` from the project's root, without variables of MLflow."""
    started = time.monotonic()
    env = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    done = subprocess.run([*shlex.split(command()), "gc", url, *options, *more, "--yes", "--json"],
                          cwd=live_paths.PROJECT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=TIMEOUT_SECONDS, check=False)
    return Done(done.returncode, done.stdout, time.monotonic() - started)
