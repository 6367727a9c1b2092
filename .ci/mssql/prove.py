"""Proves mltrack's T-SQL without a server: after every revision its tables are those of real MLflow.

    npm run build && /opt/ml/venv/bin/python .ci/mssql/prove.py

MLflow's revisions run over a DBAPI that reaches no server, mltrack prints its statements; both go to the same stand-in
for SQL Server, which refuses what the real one refuses, and the tables they leave are compared revision by revision.
Exit 1 on any difference. What neither side can show here is listed: row work, and everything only a server answers.
"""

import json
import subprocess
import sys
from copy import deepcopy

import mlflow_side
import mutants
import users
from catalog import catalog
from model import differences
from paths import PROJECT
from refused import Refused
from server import Server


def node(script, given=""):
    """What one of the scripts beside this file prints."""
    done = subprocess.run(
        ["node", f".ci/mssql/{script}"], cwd=PROJECT, input=given, capture_output=True, text=True, timeout=300
    )
    if done.returncode:
        sys.exit(f"{script} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def ours():
    """mltrack's statements by revision, and those that create head at once."""
    return node("statements.mjs")


def run(server, statements):
    """Runs statements; a line for the first that the server refuses, else None."""
    for sql in statements:
        try:
            server.execute(sql)
        except (Refused, ValueError) as error:
            return f"SQL Server refuses {sql[:300]!r}: {error}"
    return None


def compare(steps, theirs):
    """{revision: differences} for every revision that brings one; behind a refused statement none is reached."""
    server, found, before, refused = Server(), {}, [], None
    for step, (revision, tables) in zip(steps, theirs, strict=True):
        if step["revision"] != revision:
            raise AssertionError(f"mltrack has {step['revision']} where MLflow has {revision}")
        if refused:
            found[revision] = ["not reached"]
            continue
        refused = run(server, step["statements"])
        lines = [refused] if refused else differences(server.tables, tables)
        # A difference that an earlier revision left is told there.
        fresh = [line for line in lines if line not in before]
        before = lines
        if fresh:
            found[revision] = fresh
    return found


def from_live(ordinals_and_servers):
    """mltrack's statements from each database to head, read from what its catalog tells."""
    catalogs = json.dumps([[ordinal, catalog(server)] for ordinal, server in ordinals_and_servers])
    return node("from_live.mjs", catalogs)


def walks(states):
    """{revision: differences at head} for the start states from which mltrack does not come out equal."""
    head, found = states[-1][1].tables, {}
    for (revision, start), statements in zip(
        states, from_live(enumerate(server for _, server in states)), strict=True
    ):
        server = deepcopy(start)
        refused = run(server, statements)
        lines = [refused] if refused else differences(server.tables, head)
        if lines:
            found[revision] = lines
    return found


def with_user_objects(states):
    """{revision: what went wrong} where somebody has added objects of their own."""
    order = [revision for revision, _ in states]
    cases = list(users.with_users(states))
    found = {}
    plans = from_live((order.index(revision), server) for revision, server, _ in cases)
    for (revision, server, before), statements in zip(cases, plans, strict=True):
        refused = run(server, statements)
        lines = (
            [refused] if refused else [f"{name} is gone or changed" for name in users.lost(server, before)]
        )
        if lines:
            found[revision] = lines
    return found, len(cases)


def main():
    mltrack = ours()
    recorder = mlflow_side.Recorder()
    states, rows = [], []
    for revision, _, row_statements in mlflow_side.revisions(recorder):
        states.append((revision, deepcopy(recorder.server)))
        if row_statements:
            rows.append((revision, len(row_statements)))
    theirs = [(revision, server.tables) for revision, server in states]
    found = compare(mltrack["steps"], theirs)

    head = Server()
    refused = run(head, mltrack["straight"])
    straight = [refused] if refused else differences(head.tables, theirs[-1][1])
    stuck = walks(states)
    hurt, cases = with_user_objects(states)

    for revision, lines in found.items():
        tell(revision or "base", lines)
    tell("an empty database straight to head", straight)
    for revision, lines in stuck.items():
        tell(f"from {revision or 'base'} to head", lines)
    for revision, lines in hurt.items():
        tell(f"with a user's objects, from {revision or 'base'} to head", lines)

    total = len(states) - 1
    equal = total - sum(1 for revision in found if revision)
    print(f"mssql ddl: {equal} of {total} revisions equal, the base {'not' if None in found else 'too'}")
    print(f"mssql ddl: straight to head {'differs' if straight else 'equal'}")
    print(f"mssql ddl: {len(states) - len(stuck)} of {len(states)} start states come out equal at head")
    print(f"mssql ddl: {cases - len(hurt)} of {cases} databases keep a user's objects")
    unnoticed = [] if found else self_test(mltrack["steps"], theirs)
    tell_row_work(mltrack["steps"], dict(rows))
    return 1 if found or straight or stuck or hurt or unnoticed else 0


def self_test(steps, theirs):
    """The mutants that nobody noticed; without a clean run there is nothing to test against."""
    unnoticed = mutants.unnoticed(steps, theirs, compare)
    tell("the self-test failed, nobody noticed", unnoticed)
    tried = mutants.count(steps)
    print(f"mssql ddl: {tried - len(unnoticed)} of {tried} mutants noticed")
    return unnoticed


def tell_row_work(steps, rows):
    print("mssql rows: UNPROVED here (needs a server):")
    for step in steps:
        if step["rows"] or rows.get(step["revision"]):
            print(f"  {step['revision']}: {', '.join(step['rows'] or ['one row inserted'])}")


def tell(what, lines):
    for line in lines:
        print(f"{what}: {line}")


if __name__ == "__main__":
    sys.exit(main())
