"""Databases that real MLflow releases made and upgraded: `mltrack db check` must have nothing to say.

    python alarms.py [--dialects sqlite,postgresql,postgresql18,mysql,mariadb] [--venvs DIR]

Runs in an environment with MLflow 3.18, SQLAlchemy and the drivers. Prints each alarm, and at last
`alarms: A alarms in N databases`. Exit code 0: none; 1: some; 2: could not run.
"""

import argparse
import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path

import environments
import kinds
import mltrack
import rounds
import servers


def main(argv=None) -> int:
    """Run from the command line; see the module for the exit codes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dialects", default=",".join(kinds.KINDS), help="comma-separated")
    parser.add_argument("--venvs", type=Path,
                        default=Path(os.environ.get("MLTRACK_VENVS") or Path(tempfile.gettempdir(), "mltrack-venvs")))
    options = parser.parse_args(argv)
    servers.exit_on_sigterm()
    options.venvs.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    python = environments.pythons(options.venvs)
    print(f"environments: {time.monotonic() - began:.0f} s", flush=True)
    found = databases = 0
    try:
        with contextlib.ExitStack() as stack:
            running = [kinds.KINDS[name](name, stack.enter_context(kinds.start(name, options.venvs)))
                       for name in options.dialects.split(",")]
            for made in rounds.rounds(running, python):
                found += sum(_print(database, lines) for database, lines in zip(made, mltrack.check(made)))
                databases += len(made)
                print(f"{databases} databases, {time.monotonic() - began:.0f} s", flush=True)
            _require_teeth(running, made)
    except (servers.ServerUnavailable, rounds.Broken, mltrack.NotRun) as error:
        print(f"alarms: NOT RUN: {error}", file=sys.stderr)
        return 2
    print(f"alarms: {found} alarms in {databases} databases")
    return 1 if found else 0


def _require_teeth(running, made) -> None:
    """Nothing found proves something only where something is found: each kind loses a table."""
    for kind in running:
        database = next(one for one in made if one.kind == kind.name)
        kind.execute("DROP TABLE experiment_tags", url=database.url)
        [lines] = mltrack.check([database])
        if len(lines) != 1 or not lines[0].startswith("error table-missing:experiment_tags"):
            raise mltrack.NotRun(f"{kind.name}: a table was dropped, and the check said {lines}")


def _print(made, lines) -> int:
    for line in lines:
        print(f"  {made.kind}: {made.history}: {line}", flush=True)
    return len(lines)


if __name__ == "__main__":
    sys.exit(main())
