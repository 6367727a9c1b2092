"""A real MLflow 3.16 server takes traces while `mltrack db upgrade --prepopulate` fills the columns of 3.17.

    python prepopulated_live.py --old DIR [--dialects sqlite,postgresql,mysql,mariadb]

DIR holds MLflow 3.16.1 (pip install --no-deps --target DIR mlflow==3.16.1 mlflow-skinny==3.16.1
mlflow-tracing==3.16.1). A client logs traces with tokens, sessions and feedback all the time, and counts what fails.
Afterwards MLflow 3.18 upgrades a copy and mltrack the database itself: schema and rows must be equal.
Exit code 0: all equal and no request failed; 1: not; 2: could not run.
"""

import argparse
import contextlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported

from alembic import command
from mlflow.store.db.utils import _get_alembic_config

from paths import FIXTURES

import mlflow_server
import one_state
import prepopulated
import rebuild
import seed
import servers
import targets
import upgrades

PORT = 21997
# The last state before workspaces, see server_check.py; MLflow goes on from there to the head of 3.16.
START = 48
REVISION = "b7e2c1a4d9f3"
# Before and after the filling the client works alone for a while.
ALONE_SECONDS = 5
CLIENT = """
import json, sys
import mlflow
from mlflow.entities import AssessmentSource

mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("live")
logged, errors = 0, []
while True:
    try:
        with mlflow.start_span(f"call {logged}", span_type="LLM") as span:
            span.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": logged, "output_tokens": 1, "total_tokens": logged + 1})
            span.set_attribute("mlflow.llm.model", "some model")
            span.set_attribute("mlflow.llm.provider", "somebody")
            mlflow.update_current_trace(metadata={"mlflow.trace.session": f"session {logged}"})
        mlflow.flush_trace_async_logging()
        mlflow.log_feedback(trace_id=span.trace_id, name="good", value=logged % 2 == 0, source=AssessmentSource("HUMAN", "x"))
        logged += 1
    except Exception as error:
        errors.append(repr(error)[:300])
    print(json.dumps({"logged": logged, "errors": errors}), flush=True)
"""


def main(argv=None) -> int:
    """Run from the command line; see the module for the exit codes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--old", required=True, help="a directory with MLflow 3.16.1")
    parser.add_argument("--dialects", default="sqlite,postgresql,mysql,mariadb", help="comma-separated")
    options = parser.parse_args(argv)
    servers.exit_on_sigterm()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    failed = 0
    for dialect in options.dialects.split(","):
        try:
            with targets.start(dialect) as server:
                found = _differences(targets.TARGETS[dialect](server), dialect, options.old)
        except (servers.ServerUnavailable, mlflow_server.ServerFailed) as error:
            print(f"prepopulated live {dialect}: NOT RUN: {error}", file=sys.stderr)
            return 2
        for line in found[:20]:
            print(f"  {line}")
        failed += bool(found)
        print(f"prepopulated live {dialect}: {0 if found else 1} of 1 states equal", flush=True)
    return 1 if failed else 0


def _differences(target, dialect, old):
    """Lines for requests that failed, and for all that differs from MLflow's upgrade of the same rows."""
    names = ["live_mlflow", "live_mltrack"]

    def make(url):
        rebuild.build_state(url, START, FIXTURES)
        seed.seed(url, dialect, START, FIXTURES)
        command.upgrade(_get_alembic_config(url), REVISION)

    try:
        target.copies(make, names[1:])
        url = target.url(names[1])
        with tempfile.TemporaryDirectory() as directory, _old_mlflow(old):
            errors = _fill_beside_a_server(url, Path(directory))
        if errors:
            return errors
        target.clone(names[1], names[0])
        windows = upgrades.run_mlflow(target.url(names[0])), upgrades.run_mltrack(url)
        return list(one_state.differences(target, names, *windows, target.read(names[0])))
    except upgrades.UpgradeFailed as error:
        return [str(error)]
    finally:
        for name in names:
            target.drop(name)


@contextlib.contextmanager
def _old_mlflow(old):
    """Processes that are started meanwhile import MLflow from there."""
    os.environ["PYTHONPATH"] = str(Path(old).resolve())
    try:
        yield
    finally:
        del os.environ["PYTHONPATH"]


def _fill_beside_a_server(url, directory):
    log = directory / "client.log"
    with mlflow_server.running(url, PORT, directory) as address, open(log, "wb") as output:
        client = subprocess.Popen([sys.executable, "-W", "ignore", "-c", CLIENT, address], stdin=subprocess.DEVNULL,
                                  stdout=output, stderr=subprocess.DEVNULL, cwd=directory)
        try:
            _until(lambda: _said(log)["logged"] >= 3, client)
            time.sleep(ALONE_SECONDS)
            before = _said(log)["logged"]
            prepopulated.by_mltrack(batch_rows=20)(url)
            meanwhile = _said(log)["logged"] - before
            time.sleep(ALONE_SECONDS)
        finally:
            client.kill()
            client.wait()
    said = _said(log)
    print(f"  {said['logged']} traces were logged, {meanwhile} of them while columns were filled")
    return [f"a request failed: {error}" for error in said["errors"]] + ([] if meanwhile else ["no trace came meanwhile"])


def _said(log):
    lines = [line for line in log.read_text().splitlines() if line.startswith("{") and line.endswith("}")]
    return json.loads(lines[-1]) if lines else {"logged": 0, "errors": []}


def _until(reached, client, seconds=120):
    deadline = time.monotonic() + seconds
    while not reached():
        if client.poll() is not None or time.monotonic() > deadline:
            raise mlflow_server.ServerFailed("the client logged no trace")
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
