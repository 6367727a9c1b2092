"""Compare `mltrack db upgrade` with real `mlflow db upgrade` from every start state, rows included.

    python parity.py [--dialects sqlite,postgresql,mysql,mariadb] [--states 0-70] [--keep DIR] [--json FILE]
              [--online] [--turns]

Run it with the interpreter that has MLflow. mltrack is what MLTRACK_CMD says (`node bin/mltrack.js`);
servers and ports are fixtures/tools/servers.py's. Exit code 0: all equal; 1: not; 2: could not run.
"""

import argparse
import concurrent.futures
import contextlib
import multiprocessing
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported
os.environ.setdefault("PYTHONWARNINGS", "ignore")

from paths import FIXTURES

import one_state
import report
import servers
import targets

STATES = len(list(FIXTURES.glob("[0-9][0-9][0-9]_*.json")))
WORKERS = 2
# Every table counts as big, so that small ones go the same way.
ONLINE = ("--online", "--online-from", "0")
# With --turns MySQL and MariaDB take every other state each, and both these; so does a server that is asked for alone.
ENDS = (0, 1, STATES - 3, STATES - 2, STATES - 1)


def main(argv=None) -> int:
    """Run from the command line; see the module for the exit codes."""
    args = _arguments(argv)
    servers.exit_on_sigterm()
    started = time.monotonic()
    by_dialect, versions = {dialect: [] for dialect in args.dialects}, {}
    with contextlib.ExitStack() as stack:
        running = {}
        for dialect in args.dialects:
            try:
                running[dialect] = stack.enter_context(targets.start(dialect))
            except servers.ServerUnavailable as error:
                print(f"parity {dialect}: NOT RUN: {error}", file=sys.stderr)
                return 2
            versions[dialect] = running[dialect].version
        for result in _all(running, args):
            by_dialect[result.dialect].append(result)
            print(report.state_line(result), flush=True)
    for results in by_dialect.values():
        results.sort(key=lambda result: result.ordinal)
    failed = _print(by_dialect, args)
    seconds = time.monotonic() - started
    print(f"{seconds:.0f} s")
    if args.json:
        args.json.write_text(report.document(by_dialect, versions, len(args.states), seconds))
    return 1 if failed else 0


def _all(running, args):
    """The results of all states of all dialects, as they come; two worker processes."""
    # spawn: a fork would share the drivers' connections.
    with concurrent.futures.ProcessPoolExecutor(
            args.workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        # Early states take longest (more revisions), so they come first.
        waiting = [pool.submit(one_state.run, running[dialect], dialect, ordinal, args.fixtures, args.keep,
                               ONLINE if args.online else ())
                   for ordinal in args.states for dialect in running
                   if ordinal in _states_of(dialect, args)]
        try:
            for done in concurrent.futures.as_completed(waiting):
                yield done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _states_of(dialect, args):
    """Those of the states asked for that a dialect takes."""
    if not args.turns or (dialect not in targets.TWINS and len(args.dialects) > 1):
        return args.states
    return [state for state in args.states if state in ENDS or targets.turn(dialect, state)]


def _print(by_dialect, args):
    failed = False
    for dialect, results in by_dialect.items():
        print(f"\nrows compared, {dialect}:")
        for table, count in report.rows_by_table(results).items():
            print(f"  {table:32} {count:7}")
    print()
    for dialect, results in by_dialect.items():
        if empty := report.tables_without_rows(results):
            failed = True
            print(f"parity {dialect}: no rows in any state: {', '.join(empty)}")
        states = len(_states_of(dialect, args))
        failed = failed or not all(result.equal for result in results) or len(results) != states
        left = f" ({states} of {len(args.states)} here; all: npm run parity:full)" if states < len(args.states) else ""
        print(report.last_line(dialect, results, states) + left)
    return failed


def _ordinals(text):
    """[0, 5, 49, 50] of "0,5,49-50"."""
    found = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    if not found <= set(range(STATES)):
        raise argparse.ArgumentTypeError(f"states are 0 to {STATES - 1}")
    return sorted(found)


def _arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dialects", default="sqlite,postgresql,mysql,mariadb", help="comma-separated")
    parser.add_argument("--states", type=_ordinals, default=f"0-{STATES - 1}", help="like 0,5,49 or 0-70")
    parser.add_argument("--fixtures", type=Path, default=FIXTURES)
    parser.add_argument("--keep", metavar="DIR", help="write all differences of a state that differs here")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the dated result here")
    parser.add_argument("--online", action="store_true", help="mltrack upgrades with --online")
    parser.add_argument("--turns", action="store_true", help="MySQL and MariaDB, or a server alone, take every other state")
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes at a time")
    args = parser.parse_args(argv)
    args.dialects = args.dialects.split(",")
    if unknown := set(args.dialects) - targets.TARGETS.keys():
        parser.error(f"unknown dialect: {', '.join(sorted(unknown))}")
    return args


if __name__ == "__main__":
    sys.exit(main())
