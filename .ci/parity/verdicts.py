"""Does real MLflow do with a database what `mltrack db status --mlflow-version` says it does?

    python verdicts.py [--states 0,1,6,23,48,65,69,70]

Builds SQLite databases at start states, opens a copy of each with MLflow's own store, as its server
does when it starts, and compares: it starts, or refuses, or migrates by itself. Exit code 1 where
mltrack said something else.
"""

import argparse
import json
import logging
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported
warnings.simplefilter("ignore")

import paths

import rebuild
import sqlalchemy
import upgrades
from mlflow.exceptions import MlflowException
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.version import VERSION


def said(url: str) -> tuple[str, bool]:
    """What mltrack says that this MLflow does: the relation, and whether it migrates by itself."""
    command = [*shlex.split(upgrades.command()), "db", "status", url, "--json", "--mlflow-version", VERSION]
    done = subprocess.run(command, cwd=paths.PROJECT, capture_output=True, text=True, check=False)
    verdict = json.loads(done.stdout.splitlines()[0])["mlflow"]
    return verdict["relation"], verdict["migratesByItself"]


def stamp_of(url: str) -> str | None:
    """The revision in alembic_version; None without one."""
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection:
            return connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).scalar()
    except sqlalchemy.exc.OperationalError:
        return None
    finally:
        engine.dispose()


def done_by_mlflow(url: str, artifacts: str) -> tuple[str, bool]:
    """What MLflow does with the database when its store is opened, in the words of mltrack."""
    before = stamp_of(url)
    try:
        SqlAlchemyStore(url, artifacts)
    except MlflowException as error:
        if "out-of-date database schema" not in str(error):
            raise
        return "behind", False
    return ("accepts", False) if stamp_of(url) == before else ("behind", True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--states", default="0,1,6,23,48,65,69,70")
    ordinals = [int(part) for part in parser.parse_args().states.split(",")]
    logging.disable(logging.ERROR)
    right = 0
    with tempfile.TemporaryDirectory(prefix="mltrack-verdicts-") as directory:
        for ordinal in ordinals:
            ours, theirs = (Path(directory) / f"{ordinal}-{name}.db" for name in ("ours", "theirs"))
            rebuild.build_state(f"sqlite:///{ours}", ordinal, paths.FIXTURES)
            shutil.copyfile(ours, theirs)
            expected, found = done_by_mlflow(f"sqlite:///{theirs}", directory), said(f"sqlite:///{ours}")
            right += expected == found
            print(f"state {ordinal}: MLflow {VERSION} {expected}, mltrack says {found}", flush=True)
    print(f"verdicts sqlite: {right} of {len(ordinals)} states equal")
    return 0 if right == len(ordinals) else 1


if __name__ == "__main__":
    sys.exit(main())
