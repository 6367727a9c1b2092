"""Databases whose analytics columns were filled ahead of the upgrade, by MLflow, by mltrack, or by one after the other.

    python prepopulated.py [--dialects sqlite,postgresql,mysql,mariadb]

`mlflow db prepopulate-trace-analytics` and `mltrack db upgrade --prepopulate` add and fill columns of revision
75868b020152 while the stamp stays at b7e2c1a4d9f3. They may have been stopped half-way, and the server goes on
writing until the upgrade comes. The judge is what `mlflow db upgrade` alone makes of the same rows.
Exit code 0: all equal; 1: not; 2: could not run.
"""

import argparse
import json
import logging
import os
import shlex
import subprocess
import sys
import warnings

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported

import sqlalchemy
from mlflow.store.db.trace_analytics_prepopulation import prepopulate_trace_analytics

from paths import FIXTURES, PROJECT

import one_state
import rebuild
import seed
import servers
import targets
import upgrades

STATE = 65  # b7e2c1a4d9f3
# The progress line at which a killed mltrack dies.
KILLED_AT = b'"fill spans"'
CHILDREN = ("span_metrics", "spans", "assessments", "trace_tags", "trace_request_metadata", "trace_metrics")


class Stopped(Exception):
    """Raised in the middle of MLflow's command, as a dead process would leave it."""


def by_mlflow(stop=None):
    """Fills with MLflow's command, which dies after the first batch of so many of the three tables."""

    def fill(url):
        filled = 0

        def count(_entity, _stats):
            nonlocal filled
            filled += 1
            if filled == stop:
                raise Stopped

        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
        try:
            prepopulate_trace_analytics(engine, progress_callback=count)
            if stop is not None:
                raise RuntimeError(f"the command ended after {filled}, before it was stopped")
        except Stopped:
            pass
        finally:
            engine.dispose()

    return fill


def by_mltrack(killed=False, batch_rows=None):
    """Fills with mltrack, which is killed amid the spans where that is asked for."""

    def fill(url):
        command = [*shlex.split(upgrades.command()), "db", "upgrade", url, "--prepopulate", "--json"]
        rows = 50 if killed else batch_rows
        command += [] if rows is None else ["--batch-size", str(rows)]
        with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as child:
            said = b""
            for line in child.stdout:
                said += line
                if killed and KILLED_AT in line:
                    child.kill()
                    break
        if child.returncode != (-9 if killed else 0):
            raise upgrades.UpgradeFailed(f"--prepopulate ended with {child.returncode}: {said[-2000:].decode()}")

    return fill


# What is done ahead, one after the other, and whose upgrade comes then.
ROUTES = {
    "MLflow, upgraded by MLflow": ([by_mlflow()], upgrades.run_mlflow),
    "MLflow": ([by_mlflow()], upgrades.run_mltrack),
    "MLflow, stopped in the traces": ([by_mlflow(1)], upgrades.run_mltrack),
    "MLflow, stopped in the spans": ([by_mlflow(2)], upgrades.run_mltrack),
    "mltrack": ([by_mltrack()], upgrades.run_mltrack),
    "mltrack, upgraded by MLflow": ([by_mltrack()], upgrades.run_mlflow),
    "mltrack, killed": ([by_mltrack(True)], upgrades.run_mltrack),
    "mltrack, killed, upgraded by MLflow": ([by_mltrack(True)], upgrades.run_mlflow),
    "MLflow, stopped, then mltrack": ([by_mlflow(2), by_mltrack()], upgrades.run_mltrack),
    "mltrack, killed, then MLflow": ([by_mltrack(True), by_mlflow()], upgrades.run_mltrack),
}


def main(argv=None) -> int:
    """Run from the command line; see the module for the exit codes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dialects", default="sqlite,postgresql,mysql,mariadb", help="comma-separated")
    dialects = parser.parse_args(argv).dialects.split(",")
    servers.exit_on_sigterm()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    unequal = 0
    for dialect in dialects:
        try:
            with targets.start(dialect) as server:
                found = _differences(targets.TARGETS[dialect](server), dialect)
        except servers.ServerUnavailable as error:
            print(f"prepopulated {dialect}: NOT RUN: {error}", file=sys.stderr)
            return 2
        for route, differences in found.items():
            for line in differences[:20]:
                print(f"  filled by {route}: {line}")
        equal = sum(not differences for differences in found.values())
        unequal += len(found) - equal
        print(f"prepopulated {dialect}: {equal} of {len(found)} states equal", flush=True)
    return 1 if unequal else 0


def _differences(target, dialect):
    """{route: lines for all that differs from MLflow's plain upgrade}."""

    def make(url):
        rebuild.build_state(url, STATE, FIXTURES)
        seed.seed(url, dialect, STATE, FIXTURES)

    judge, name = "prepopulated_judge", "prepopulated_route"
    found = {}
    try:
        target.copies(make, [judge])
        work_on(target.url(judge))
        window = upgrades.run_mlflow(target.url(judge))
        expected = target.read(judge)
        for route, (fills, upgrade) in ROUTES.items():
            try:
                target.copies(make, [name])
                for fill in fills:
                    fill(target.url(name))
                work_on(target.url(name))
                windows = window, upgrade(target.url(name))
                found[route] = list(one_state.differences(target, [judge, name], *windows, expected))
            except upgrades.UpgradeFailed as error:
                found[route] = [str(error)]
    finally:
        for made in (judge, name):
            target.drop(made)
    return found


def work_on(url):
    """What a server does to traces before the upgrade comes: all over the order of keys rows change, go and come."""
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    metadata = sqlalchemy.MetaData()
    with engine.begin() as connection:
        metadata.reflect(connection, only=["trace_info", "experiments", *CHILDREN])
        tables = metadata.tables
        info = tables["trace_info"]
        ids = sorted(connection.execute(sqlalchemy.select(info.c.request_id)).scalars())
        ours = [id_ for id_ in ids if id_.isascii()]
        for share in (0.1, 0.5, 0.9):
            place = int(len(ours) * share)
            changed, gone, fewer = ours[place : place + 3]
            of = lambda table, id_: _owner(tables[table]) == id_
            for table in ("trace_tags", "trace_request_metadata"):
                connection.execute(tables[table].update().where(of(table, changed)).values(value=f"other {share}"))
            connection.execute(tables["span_metrics"].update().where(of("span_metrics", changed)).values(value=share))
            connection.execute(tables["assessments"].update().where(of("assessments", changed)).values(value='"no"'))
            connection.execute(tables["trace_metrics"].delete().where(of("trace_metrics", fewer)))
            connection.execute(tables["span_metrics"].delete().where(of("span_metrics", fewer)))
            for table in CHILDREN:
                connection.execute(tables[table].delete().where(of(table, gone)))
            connection.execute(info.delete().where(info.c.request_id == gone))
            _new_trace(connection, tables, f"{changed[:30]}-{share}")
    engine.dispose()


def _owner(table):
    return table.c.trace_id if "trace_id" in table.c else table.c.request_id


def _dimensions(spans):
    """MariaDB's JSON is a text."""
    found = {"mlflow.llm.model": "m"}
    return found if isinstance(spans.c.dimension_attributes.type, sqlalchemy.JSON) else json.dumps(found)


def _new_trace(connection, tables, id_):
    experiment = connection.execute(sqlalchemy.select(sqlalchemy.func.min(tables["experiments"].c.experiment_id))).scalar()
    rows = {
        "trace_info": {"request_id": id_, "experiment_id": experiment, "timestamp_ms": 5, "status": "OK"},
        "trace_tags": {"request_id": id_, "key": "mlflow.traceName", "value": "came later"},
        "trace_request_metadata": {"request_id": id_, "key": "mlflow.gateway.endpointId", "value": "e"},
        "trace_metrics": {"request_id": id_, "key": "total_tokens", "value": 12.0},
        "spans": {"trace_id": id_, "experiment_id": experiment, "span_id": "s", "status": "OK", "content": "{}",
                  "start_time_unix_nano": 1, "dimension_attributes": _dimensions(tables["spans"])},
        "span_metrics": {"trace_id": id_, "span_id": "s", "key": "total_cost", "value": 0.25},
        "assessments": {"assessment_id": f"a-{id_}"[:50], "trace_id": id_, "name": "n", "assessment_type": "feedback",
                        "value": "0.5", "created_timestamp": 1, "last_updated_timestamp": 1, "source_type": "HUMAN",
                        "valid": True},
    }
    for table, values in rows.items():
        connection.execute(tables[table].insert().values(values))


if __name__ == "__main__":
    sys.exit(main())
