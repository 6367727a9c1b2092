"""Compare `mltrack gc` with real `mlflow gc`: the same database, the same selection, then every row and file.

    python equivalence.py [--dialects sqlite,postgresql,mysql,mariadb] [--only TEXT]

Run it with the interpreter that has MLflow 3.18. mltrack is what MLTRACK_CMD says (`node bin/mltrack.js`); servers
and ports are fixtures/tools/servers.py's. Exit code 0: all equal; 1: not; 2: could not run.
"""

import argparse
import concurrent.futures
import contextlib
import multiprocessing
import os
import sys
import time

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported
os.environ.setdefault("PYTHONWARNINGS", "ignore")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import live_paths  # noqa: F401

import intended
import one_dialect
import selections
import servers
import targets

WORKERS = 2
SHOWN = 20


def main(argv=None) -> int:
    """Run from the command line; see the module for the exit codes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dialects", default="sqlite,postgresql,mysql,mariadb", help="comma-separated")
    parser.add_argument("--only", help="the selections whose name holds this text")
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes at a time")
    args = parser.parse_args(argv)
    servers.exit_on_sigterm()
    started, failed = time.monotonic(), False
    with contextlib.ExitStack() as stack:
        running = {}
        for dialect in args.dialects.split(","):
            try:
                running[dialect] = stack.enter_context(targets.start(dialect))
            except servers.ServerUnavailable as error:
                print(f"gc equivalence {dialect}: NOT RUN: {error}", file=sys.stderr)
                return 2
        # spawn, and one task for each process: MLflow keeps its store and its address in globals.
        pool = stack.enter_context(concurrent.futures.ProcessPoolExecutor(
            args.workers, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1))
        waiting = [pool.submit(one_dialect.run, dialect, server, args.only) for dialect, server in running.items()]
        for done in concurrent.futures.as_completed(waiting):
            failed = _print(done.result(), args.only) or failed
    print(f"{time.monotonic() - started:.0f} s")
    return 1 if failed else 0


def _print(result, only) -> bool:
    dialect, failed = result.dialect, False
    for name, lines in result.differences.items():
        rows, files = result.counted.get(name, (0, 0))
        print(f"{dialect}, {name}: {'equal' if not lines else f'{len(lines)} DIFFERENCES'}, {rows} rows and {files} files went")
        for line in lines[:SHOWN]:
            print(f"    {line}")
    if only is None:
        # A difference that is declared and does not occur would hide one that is new.
        for difference in [*intended.DIFFERENCES, *intended.FILES]:
            if difference.name not in result.used:
                failed = True
                print(f"{dialect}: declared, but does not occur: {difference.name}")
    for name, noticed in result.selftest:
        if not noticed:
            failed = True
            print(f"{dialect}, self test: NOT NOTICED: {name}")
    for name, problem in result.claims:
        if problem:
            failed = True
            print(f"{dialect}, docs/gc.md says: {name}: NOT SO: {problem[:1500]}")
    if result.claims:
        print(f"gc claims {dialect}: {sum(problem is None for _, problem in result.claims)} of {len(result.claims)} hold")
    equal = sum(not lines for lines in result.differences.values())
    expected = len(selections.SELECTIONS) if only is None else len(result.differences)
    took = ", ".join(f"{who} {seconds:.1f} s" for who, seconds in result.seconds.items())
    print(f"gc selftest {dialect}: {sum(noticed for _, noticed in result.selftest)} of {len(one_dialect.WRONG) + 1} noticed")
    print(f"gc equivalence {dialect}: {equal} of {expected} selections equal ({took})", flush=True)
    return failed or equal != expected


if __name__ == "__main__":
    sys.exit(main())
