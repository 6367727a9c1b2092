"""`mltrack gc` again and again beside a live MLflow server whose users create, log, delete and restore.

    python live.py [--dialects sqlite,postgresql,mysql,mariadb] [--seconds 20] [--users 3] [--port 21400]

In the end every run and experiment that a user holds active must be there whole, with its metrics and files; no row
may point nowhere, no file be without its run, and the server must not have failed. A run that was restored in the
window that docs/gc.md describes has lost files; it counts as whole only if mltrack named it, and is counted.
mltrack is what MLTRACK_CMD says. Exit code 0: all whole; 1: not; 2: could not run.
"""

import argparse
import collections
import json
import os
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"  # an error is to be seen

import live_paths

import live_client
import mlflow_server
import servers
import targets
from mlflow import MlflowClient

DATABASE = "live"
DONE, PARTIAL = 0, 8


def main(argv=None) -> int:
    """Run from the command line; see the module for the exit codes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dialects", default="sqlite,postgresql,mysql,mariadb")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--users", type=int, default=3)
    parser.add_argument("--port", type=int, default=21400, help="where the MLflow server listens")
    args = parser.parse_args(argv)
    servers.exit_on_sigterm()
    wrong = 0
    for dialect in args.dialects.split(","):
        try:
            problems, held, told = live(dialect, args)
        except (servers.ServerUnavailable, mlflow_server.ServerFailed) as error:
            print(f"live {dialect}: NOT RUN: {error}", file=sys.stderr)
            return 2
        for problem in problems[:20]:
            print(f"{dialect}: {problem}")
        print(f"live {dialect}: {held - min(held, len(problems))} of {held} equal; {told}", flush=True)
        wrong += len(problems)
    return 1 if wrong else 0


def live(dialect, args):
    """(problems, number of things held, a line about the rest)"""
    with targets.start(dialect) as server, tempfile.TemporaryDirectory(prefix="mltrack-live-") as name:
        directory, target = Path(name), targets.TARGETS[dialect](server)
        target.copies(lambda url: None, [DATABASE])
        url = target.url(DATABASE)
        with mlflow_server.running(url, args.port, directory) as address:
            ledger, over = live_client.Ledger(), threading.Event()
            users = [live_client.User(address, ledger, over, seed) for seed in range(args.users)]
            for user in users:
                user.start()
            collected = collect(url, directory, time.monotonic() + args.seconds, users)
            over.set()
            for user in users:
                user.join(60)
            collected.append(gc(url, directory))
            window = {item["id"] for one in collected for item in one.get("failed", [])}
            problems = ledger.errors + [one["problem"] for one in collected if "problem" in one]
            problems += list(lost(MlflowClient(address), ledger, directory, window))
        problems += list(leftovers(url, target, directory))
        problems += server_errors(directory, ledger)
    gone = sum(one.get("gone", {}).get("run", 0) for one in collected)
    if gone == 0 or not ledger.runs:
        problems.append("nothing was collected, or nothing held: this proves nothing")
    told = (f"{len(collected)} collections took {gone} of {ledger.deleted} deleted runs; {len(ledger.restored)} were restored"
            f" in time, {len(window & set(ledger.runs))} of them in the window and named, {ledger.gone} restores came too late,"
            f" {ledger.crossed} met the deletion")
    return problems, len(ledger.runs) + len(ledger.experiments), told


def collect(url, directory, until, users):
    """Collects again and again. No age: what is deleted may go at once."""
    collected = []
    while time.monotonic() < until and any(user.is_alive() for user in users):
        collected.append(gc(url, directory))
    return collected


def mltrack(*arguments):
    command = [*shlex.split(os.environ.get("MLTRACK_CMD", "node bin/mltrack.js")), *arguments]
    return subprocess.run(command, cwd=live_paths.PROJECT, capture_output=True, text=True, check=False)


def gc(url, directory):
    done = mltrack("gc", "--backend-store-uri", url, "--artifacts-destination", str(directory / "artifacts"), "--yes", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    result = next((event for event in events if event["event"] == "gc"), {})
    if done.returncode not in (DONE, PARTIAL):
        result["problem"] = f"mltrack gc ended with {done.returncode}: {(done.stderr or done.stdout)[-1500:]}"
    for item in result.get("failed", []):
        if "restored while its artifacts were removed" not in item["reason"]:
            result["problem"] = f"{item['kind']} {item['id']}: {item['reason']}"
    return result


def lost(client, ledger, directory, window):
    """What is held and not whole."""
    for experiment in ledger.experiments:
        if client.get_experiment(experiment).lifecycle_stage != "active":
            yield f"experiment {experiment} is not active"
    for run, experiment in ledger.runs.items():
        try:
            found = client.get_run(run)
            history = client.get_metric_history(run, "m")
        except Exception as error:
            yield f"run {run}: {error}"
            continue
        if found.info.lifecycle_stage != "active" or found.data.params != {"p": "v"} or len(history) != live_client.METRICS:
            yield f"run {run} is not what was logged: {len(history)} metrics"
        place = directory / "artifacts" / experiment / run / "artifacts"
        if run not in window and not all((place / path).is_file() for path in live_client.FILES):
            yield f"run {run} has lost files, and nobody said so{' (restored)' if run in ledger.restored else ''}"


def leftovers(url, target, directory):
    """Rows that point nowhere, and files whose run is gone."""
    checked = mltrack("db", "check", "--rows", "--json", url)
    answers = [json.loads(line) for line in checked.stdout.splitlines()]
    found = [answer for answer in answers if answer["event"] == "check"]
    if len(found) != 1:
        yield f"mltrack db check ended with {checked.returncode}: {checked.stdout[-1500:]}"
        return
    yield from (f"{finding['id']}: {finding['message']}" for finding in found[0]["findings"] if finding["severity"] != "note")
    dry = mltrack("gc", "--backend-store-uri", url, "--orphans", "--keep-artifacts", "--yes", "--json")
    orphans = next(json.loads(line) for line in dry.stdout.splitlines() if json.loads(line)["event"] == "gc").get("orphans")
    yield from (f"{n} rows of {table} point nowhere" for table, n in (orphans or {}).items())
    _, rows = target.read(DATABASE)
    ids = {rows["runs"].named(row)["run_uuid"] for row in rows["runs"].rows}
    for place in (directory / "artifacts").glob("*/*"):
        if place.name not in ids and any(path.is_file() for path in place.rglob("*")):
            yield f"{place} has files and no run"


def server_errors(directory, ledger):
    """Failures in the server's log that no restore was told of."""
    text = (directory / "mlflow-server.log").read_text(errors="replace")
    found = collections.Counter(line.strip() for line in text.splitlines() if '" 500' in line or " 500 Internal" in line)
    excess = sum(found.values()) - ledger.crossed
    return [f"the server failed {excess} times: {found.most_common(3)}"] if excess > 0 else []


if __name__ == "__main__":
    sys.exit(main())
