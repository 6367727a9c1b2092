"""Does the real MLflow server work on a database that mltrack upgraded?

    python server_check.py [--dialects sqlite,postgresql,mysql,mariadb] [--state 48] [--port 21290]

Builds a start state with rows, runs `mltrack db upgrade`, starts `mlflow server` on it and asks for
old rows and logs new ones (server_calls.py). Exit code 0: all passed; 1: not; 2: could not run.
"""

import argparse
import logging
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported
warnings.simplefilter("ignore")

import paths

import mlflow_server
import rebuild
import seed
import server_calls
import servers
import targets
import upgrades

# State 48 is the last before workspaces: its models are all in the default one, without which
# MLflow would have to be started for workspaces.
DATABASE = "server_check"


def main(argv=None) -> int:
    """Run from the command line; see the module for the exit codes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dialects", default="sqlite,postgresql,mysql,mariadb")
    parser.add_argument("--state", type=int, default=48, help="the start state to upgrade from")
    parser.add_argument("--port", type=int, default=21290, help="where the MLflow server listens")
    args = parser.parse_args(argv)
    servers.exit_on_sigterm()
    logging.disable(logging.WARNING)
    failed = 0
    for dialect in args.dialects.split(","):
        try:
            results = list(check(dialect, args.state, args.port))
        except (servers.ServerUnavailable, mlflow_server.ServerFailed, upgrades.UpgradeFailed) as error:
            print(f"server check {dialect}: NOT RUN: {error}", file=sys.stderr)
            return 2
        wrong = [(name, problem) for name, problem in results if problem]
        for name, problem in results:
            print(f"{dialect}, {name}: {problem or 'passed'}")
        print(f"server check {dialect}: {len(results) - len(wrong)} passed, {len(wrong)} failed")
        failed += len(wrong)
    return 1 if failed else 0


def check(dialect: str, ordinal: int, port: int):
    """Yield (name, None or what went wrong) for every check."""
    def make(url):
        rebuild.build_state(url, ordinal, paths.FIXTURES)
        seed.seed(url, dialect, ordinal, paths.FIXTURES, readable=True)
        upgrades.run_mltrack(url)

    with targets.start(dialect) as server, tempfile.TemporaryDirectory(prefix="mltrack-server-") as directory:
        target = targets.TARGETS[dialect](server)
        target.copies(make, [DATABASE])
        _, rows = target.read(DATABASE)
        with mlflow_server.running(target.url(DATABASE), port, Path(directory)) as address:
            for name, run in server_calls.checks(server_calls.Rest(address), rows):
                try:
                    run()
                    yield name, None
                except Exception as error:
                    yield name, f"FAILED: {type(error).__name__}: {error}"


if __name__ == "__main__":
    sys.exit(main())
