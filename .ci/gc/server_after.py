"""Does the real MLflow server work on a database that mltrack has collected?

    python server_after.py [--dialects sqlite,postgresql,mysql,mariadb] [--port 21390]

MLflow's client fills a database (world.py), `mltrack gc --older-than 30d` collects it, then `mlflow server` is started on
the rest: what the parity harness asks of a server on an upgraded database (server_calls.py), and that what was collected
is unknown, what was kept can be read, restored and written to. Exit code 0: all passed; 1: not; 2: could not run.
"""

import argparse
import dataclasses
import logging
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported
os.environ["MLFLOW_SQLALCHEMYSTORE_POOLCLASS"] = "NullPool"
os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "false"
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
warnings.simplefilter("ignore")

import live_paths

import collect
import mlflow_server
import server_calls
import servers
import sqlalchemy
import targets
import world
from server_calls import equal

OPTIONS = ["--older-than", "30d", "--jobs", "--include-active-models"]


def main(argv=None) -> int:
    """Run from the command line; see the module for the exit codes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dialects", default="sqlite,postgresql,mysql,mariadb")
    parser.add_argument("--port", type=int, default=21390, help="where the MLflow server listens")
    args = parser.parse_args(argv)
    servers.exit_on_sigterm()
    logging.disable(logging.WARNING)
    failed = 0
    for dialect in args.dialects.split(","):
        try:
            results = list(_check(dialect, args.port))
        except (servers.ServerUnavailable, mlflow_server.ServerFailed) as error:
            print(f"gc server {dialect}: NOT RUN: {error}", file=sys.stderr)
            return 2
        wrong = [(name, problem) for name, problem in results if problem]
        for name, problem in wrong:
            print(f"{dialect}, {name}: {problem}")
        print(f"gc server {dialect}: {len(results) - len(wrong)} passed, {len(wrong)} failed", flush=True)
        failed += len(wrong)
    return 1 if failed else 0


def _check(dialect, port):
    with targets.start(dialect) as server, tempfile.TemporaryDirectory(prefix="mltrack-gc-server-") as directory:
        # Its own name: MLflow remembers what it found at an address, and the next server may have this one's port.
        database = f"server_after_{dialect}"
        target, made = targets.TARGETS[dialect](server), []
        home = Path(directory).resolve()
        target.copies(lambda url: made.append(world.build(url, home, sums=False)), [database])
        os.chdir(live_paths.PROJECT)
        engine = sqlalchemy.create_engine(target.url(database), poolclass=sqlalchemy.pool.NullPool)
        with engine.begin() as connection:
            # MLflow takes them and cannot show them: its answer to a search is 500, collected or not.
            connection.exec_driver_sql("DELETE FROM assessments WHERE value IN ('NaN', 'Infinity')")
        done = collect.mltrack_gc(target.url(database), OPTIONS)
        gone = done.event()["gone"] if done.code == 0 else {}
        yield "mltrack gc", None if all(gone.get(kind) for kind in ("run", "model", "experiment", "job")) else f"FAILED: {done}"
        rows = _listed(target.read(database)[1])
        with mlflow_server.running(target.url(database), port, home) as address:
            rest = server_calls.Rest(address)
            for name, run in [*_after(rest, made[0]), *server_calls.checks(rest, rows)]:
                try:
                    run()
                    yield name, None
                except Exception as error:
                    yield name, f"FAILED: {type(error).__name__}: {error}"


def _listed(tables):
    """Without prompts and deleted versions, which the registry's searches leave out."""
    def without(table, hidden):
        rows = tables[table]
        return dataclasses.replace(rows, rows=[row for row in rows.rows if not hidden(rows.named(row))])

    return tables | {
        "registered_models": without("registered_models", lambda row: row["name"] == "greeting"),
        "model_versions": without("model_versions", lambda row: row["name"] == "greeting"
                                  or row["current_stage"] == "Deleted_Internal"),
    }


def _after(rest, made):
    """[(name, function)] of what a collection must and must not have changed."""
    runs, experiments, models = made.runs, made.experiments, made.models

    def run_info(run):
        return rest("GET", f"2.0/mlflow/runs/get?run_id={run}")["run"]

    def unknown(method, path):
        try:
            rest(method, path)
        except RuntimeError as error:
            if "RESOURCE_DOES_NOT_EXIST" in str(error):
                return
            raise
        raise AssertionError(f"{path}: it is still there")

    def collected_is_unknown():
        for run in ("old 1", "old 2", "old in old 1"):
            unknown("GET", f"2.0/mlflow/runs/get?run_id={runs[run]}")
        unknown("GET", f"2.0/mlflow/experiments/get?experiment_id={experiments['old']}")
        unknown("GET", f"2.0/mlflow/logged-models/{models['alive in old']}")

    def kept_is_whole():
        run = run_info(runs["alive"])
        equal({metric["key"] for metric in run["data"]["metrics"]}, {"loss", "acc", "f1"})
        equal([given["dataset"]["name"] for given in run["inputs"]["dataset_inputs"]], ["sales"])
        history = rest("GET", f"2.0/mlflow/metrics/get-history?run_id={runs['alive']}&metric_key=loss")["metrics"]
        equal(len(history), 5)
        equal(run_info(runs["registered"])["info"]["lifecycle_stage"], "deleted")

    def young_is_restored():
        rest("POST", "2.0/mlflow/runs/restore", {"run_id": runs["young"]})
        rest("POST", "2.0/mlflow/runs/log-metric", {"run_id": runs["young"], "key": "later", "value": 1, "timestamp": 1})
        equal(run_info(runs["young"])["info"]["lifecycle_stage"], "active")
        rest("POST", "2.0/mlflow/experiments/restore", {"experiment_id": experiments["young"]})
        equal(run_info(runs["young in young"])["info"]["lifecycle_stage"], "active")

    def logged_models():
        found = rest.pages("2.0/mlflow/logged-models/search", {"experiment_ids": [experiments["active"]]}, "models")
        names = {model["info"]["name"] for model in found}
        equal(names, {"m-alive", "m-owned"})
        owned = next(model for model in found if model["info"]["name"] == "m-owned")
        # Its run is collected.
        equal(owned["info"].get("source_run_id", ""), "")

    def traces_of_gone_run():
        location = [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiments["active"]}}]
        body = {"locations": location, "max_results": 100}
        equal(len(rest.pages("3.0/mlflow/traces/search", body, "traces")), 2)
        gone = body | {"filter": f"request_metadata.`mlflow.sourceRun` = '{runs['old 1']}'"}
        equal(rest.pages("3.0/mlflow/traces/search", gone, "traces"), [])

    steps = [collected_is_unknown, kept_is_whole, logged_models, traces_of_gone_run]
    # Restoring comes after what compares with the rows as they were.
    return [(step.__name__.replace("_", " "), step) for step in [*steps, young_is_restored]]


if __name__ == "__main__":
    sys.exit(main())
