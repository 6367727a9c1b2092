"""Runs in the environment of an MLflow release: makes and upgrades databases as that release does.

    python worker.py JOBS

JOBS is a JSON list of [what, url], `what` being one of the functions below. Prints one JSON line a job: null, or what went wrong.
"""

import json
import logging
import os
import sys
import tempfile
import warnings

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

from mlflow.store.db import utils  # noqa: E402
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore  # noqa: E402


def create(url: str) -> None:
    """What `mlflow server` does with an empty database: tables, revisions, the default experiment."""
    with tempfile.TemporaryDirectory(prefix="mltrack-alarms-") as artifacts:
        SqlAlchemyStore(url, artifacts).engine.dispose()


def upgrade(url: str) -> None:
    """What `mlflow db upgrade` does."""
    engine = utils.create_sqlalchemy_engine_with_retry(url)
    utils._upgrade_db(engine)
    engine.dispose()


def prepopulate(url: str) -> None:
    """What `mlflow db prepopulate-trace-analytics` does."""
    from mlflow.store.db.trace_analytics_prepopulation import prepopulate_trace_analytics

    engine = utils.create_sqlalchemy_engine_with_retry(url)
    prepopulate_trace_analytics(engine, progress_callback=lambda *_: None)
    engine.dispose()


def main() -> None:
    """Command line."""
    jobs = {"create": create, "upgrade": upgrade, "prepopulate": prepopulate}
    for what, url in json.loads(sys.argv[1]):
        try:
            jobs[what](url)
            problem = None
        except Exception as error:  # whatever a release raises is for our caller to print
            problem = f"{type(error).__name__}: {error}"[:1500]
        print(json.dumps(problem), flush=True)


if __name__ == "__main__":
    main()
