"""Crash table (a): real `mlflow db upgrade` cut off at a point, finished by `mltrack db upgrade`.

    python crash.py [--dialects sqlite,mysql,mariadb] [--states 0,48,65] [--every K] [--offset N]
                    [--kills N] [--seed N] [--json FILE]

On MySQL and MariaDB the connection is lost before statement 1, 2, … of the upgrade (every K-th, from
number 1 + N on); on SQLite the process is killed N times at random moments. A cut is healed when the
schema and all rows equal what an undisturbed MLflow upgrade left. mltrack is what MLTRACK_CMD says.
Exit code 0: all healed; 1: not; 2: could not run.
"""

import argparse
import concurrent.futures
import contextlib
import datetime
import importlib.metadata
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported
os.environ.setdefault("PYTHONWARNINGS", "ignore")

import crash_paths  # noqa: F401  (makes the next ones importable)

import by_kill
import by_statement
import servers
import targets
import upgrades

DIALECTS = ("sqlite", "mysql", "mariadb")
WORKERS = 2
# The base schema; the last before workspaces; the last before traces move into columns, with many rows.
STATES = "0,48,65"


def main(argv=None) -> int:
    """Run from the command line; see the module for the exit codes."""
    args = _arguments(argv)
    servers.exit_on_sigterm()
    began, tables = time.monotonic(), []
    with contextlib.ExitStack() as stack:
        try:
            running = {dialect: stack.enter_context(targets.start(dialect)) for dialect in args.dialects}
        except servers.ServerUnavailable as error:
            print(f"crash: NOT RUN: {error}", file=sys.stderr)
            return 2
        for table in _all(running, args):
            tables.append(table)
            print(f"{table.dialect}, state {table.ordinal}: {table.healed} of {table.tried} points healed,"
                  f" of {table.statements} there are; {table.seconds:.0f} s", flush=True)
    for dialect in args.dialects:
        mine = [table for table in tables if table.dialect == dialect]
        healed, tried = (sum(getattr(table, what) for table in mine) for what in ("healed", "tried"))
        print(f"crash {dialect}: {healed} of {tried} healed")
    print(f"{time.monotonic() - began:.0f} s")
    if args.json:
        args.json.write_text(_document(tables, running, args, time.monotonic() - began))
    return 0 if all(table.points and table.healed == table.tried for table in tables) else 1


def _all(running, args):
    """The tables of all dialects and states, as they come; two worker processes."""
    # spawn: a fork would share the drivers' connections.
    with concurrent.futures.ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = []
        for ordinal in args.states:
            for dialect, server in running.items():
                if dialect == "sqlite":
                    waiting.append(pool.submit(by_kill.run, server, ordinal, args.kills, args.seed))
                else:
                    waiting.append(pool.submit(by_statement.run, server, dialect, ordinal, args.every, args.offset))
        try:
            for done in concurrent.futures.as_completed(waiting):
                yield done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _document(tables, running, args, seconds):
    return json.dumps({
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "mlflow": importlib.metadata.version("mlflow"), "command": upgrades.command(),
        "seconds": round(seconds, 1), "every": args.every, "offset": args.offset,
        "kills": args.kills, "seed": args.seed,
        "tables": [{
            "dialect": table.dialect, "server": running[table.dialect].version, "state": table.ordinal,
            "statements": table.statements, "tried": table.tried, "healed": table.healed,
            "seconds": round(table.seconds, 1), "pointsHit": sorted({p.number for p in table.points if p.hit}),
            "notHealed": [vars(point) for point in table.points if point.problem or not point.hit],
        } for table in sorted(tables, key=lambda table: (table.dialect, table.ordinal))],
    }, indent=1) + "\n"


def _arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dialects", default=",".join(DIALECTS), help="comma-separated")
    parser.add_argument("--states", default=STATES, help="start states, comma-separated")
    parser.add_argument("--every", type=int, default=1, help="cut at every K-th point only")
    parser.add_argument("--offset", type=int, default=0, help="skip so many points first")
    parser.add_argument("--kills", type=int, default=100, help="SQLite: cuts of each start state")
    parser.add_argument("--seed", type=int, default=1, help="SQLite: chooses the moments")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the dated result here")
    args = parser.parse_args(argv)
    args.dialects = args.dialects.split(",")
    args.states = [int(ordinal) for ordinal in args.states.split(",")]
    if unknown := set(args.dialects) - set(DIALECTS):
        parser.error(f"no crash table for: {', '.join(sorted(unknown))}")
    if args.every < 1 or args.kills < 1:
        parser.error("--every and --kills are at least 1")
    return args


if __name__ == "__main__":
    sys.exit(main())
