"""Databases that `mlflow db prepopulate-trace-analytics` has been at, upgraded by both and compared.

    python prepopulated.py [--dialects sqlite,postgresql,mysql,mariadb]

The command adds and fills columns of revision 75868b020152 while the stamp stays at b7e2c1a4d9f3; it may
have been stopped half-way. Exit code 0: all equal; 1: not; 2: could not run.
"""

import argparse
import logging
import os
import sys
import warnings

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported

import sqlalchemy
from mlflow.store.db.trace_analytics_prepopulation import prepopulate_trace_analytics

from paths import FIXTURES

import one_state
import rebuild
import seed
import servers
import targets
import upgrades

STATE = 65  # b7e2c1a4d9f3
# After how many of traces, spans and assessments the command is stopped; None: not at all.
STOPS = (None, 1, 2)


class Stopped(Exception):
    """Raised in the middle of the command, as a dead process would leave it."""


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
                found = [_differences(targets.TARGETS[dialect](server), dialect, stop) for stop in STOPS]
        except servers.ServerUnavailable as error:
            print(f"prepopulated {dialect}: NOT RUN: {error}", file=sys.stderr)
            return 2
        for stop, differences in zip(STOPS, found):
            for line in differences[:20]:
                print(f"  stopped after {stop} of 3: {line}")
        equal = sum(not differences for differences in found)
        unequal += len(found) - equal
        print(f"prepopulated {dialect}: {equal} of {len(found)} states equal", flush=True)
    return 1 if unequal else 0


def _differences(target, dialect, stop):
    def make(url):
        rebuild.build_state(url, STATE, FIXTURES)
        seed.seed(url, dialect, STATE, FIXTURES)
        _prepopulate(url, stop)

    names = ["prepopulated_mlflow", "prepopulated_mltrack"]
    try:
        target.copies(make, names)
        windows = upgrades.run_mlflow(target.url(names[0])), upgrades.run_mltrack(target.url(names[1]))
        return list(one_state.differences(target, names, *windows, target.read(names[0])))
    except upgrades.UpgradeFailed as error:
        return [str(error)]
    finally:
        for name in names:
            target.drop(name)


def _prepopulate(url, stop):
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


if __name__ == "__main__":
    sys.exit(main())
