"""All selections on one dialect's server; runs in a process of its own, because MLflow's state is the process's."""

import logging
import os
import tempfile
import traceback
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import live_paths

import claims
import collect
import differ
import intended
import selections
import targets
import world
from copies import BASE, OURS, THEIRS, Copies

DONE = 0


@dataclass
class Result:
    """What came of one dialect. `differences`: {selection: lines}; `counted`: rows and files that went."""

    dialect: str
    differences: dict = field(default_factory=dict)
    counted: dict = field(default_factory=dict)
    used: set = field(default_factory=set)
    seconds: dict = field(default_factory=lambda: {"mlflow gc": 0.0, "mltrack gc": 0.0})
    selftest: list = field(default_factory=list)
    claims: list = field(default_factory=list)


def run(dialect: str, server, only: str | None) -> Result:
    """Fill a database on a running server and compare. `only`: the selections whose name holds this text."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    os.environ["MLFLOW_SQLALCHEMYSTORE_POOLCLASS"] = "NullPool"  # a copy that is dropped must have no client
    os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "false"
    result = Result(dialect)
    with tempfile.TemporaryDirectory(prefix="mltrack-gc-") as directory:
        target = targets.TARGETS[dialect](server)
        copies = Copies(target, dialect, Path(directory).resolve())
        made = []
        target.copies(lambda url: made.append(world.build(url, copies.home)), [BASE])
        copies.save_artifacts()
        for selection in selections.SELECTIONS:
            if only is None or only in selection.name:
                try:
                    lines = _compare(copies, selection, made[0], result)
                except Exception:
                    lines = [f"the harness itself failed: {traceback.format_exc()}"]
                result.differences[selection.name] = lines
        result.selftest = list(_selftest(copies, made[0]))
        if dialect == "sqlite" and only is None:
            # They are of MLflow's Python and not of its SQL, so one dialect says it for all.
            result.claims = list(claims.check(copies, made[0]))
        os.chdir(live_paths.PROJECT)
    return result


def _compare(copies, selection, made, result):
    copies.fresh(selections.prepared(selection, made))
    before, options = copies.rows(OURS), selection.options(made)
    copies.fresh_artifacts()
    files = copies.files()
    theirs = collect.mlflow_gc(copies.target.url(THEIRS), options, selection.workspaces)
    their_files = copies.files()
    copies.fresh_artifacts()
    ours = collect.mltrack_gc(copies.target.url(OURS), options, *selection.ours)
    result.seconds["mlflow gc"] += theirs.seconds
    result.seconds["mltrack gc"] += ours.seconds
    failed = [f"mlflow gc: exit {theirs.code}: {theirs.error or theirs.text[-500:]}"] if theirs.code != DONE else []
    failed += [f"mltrack gc: exit {ours.code}: {ours.text[-1500:]}"] if ours.code != DONE else []
    our_rows, our_files = copies.rows(OURS), copies.files()
    found = _differences(copies.rows(THEIRS), our_rows, their_files, our_files, before, made, selection.name)
    result.used |= {what for kind, what in found if kind == "used"}
    gone = {table: len(rows.rows) - len(our_rows[table].rows) for table, rows in before.items()}
    result.counted[selection.name] = (sum(gone.values()), len(files) - len(our_files))
    if not any(gone.values()):
        failed.append("nothing was collected, so nothing was compared")
    return failed + [what for kind, what in found if kind == "differs"]


def _differences(theirs, ours, their_files, our_files, before, made, name):
    look = intended.Look(_dicts(before), _dicts(ours), made)
    return [*differ.tables(theirs, ours, look, name), *differ.files(their_files, our_files, look, name)]


def _dicts(tables):
    return {table: [rows.named(row) for row in rows.rows] for table, rows in tables.items()}


# One change each to what mltrack left; the comparison must notice every one.
WRONG = {
    "a metric more deleted": "DELETE FROM metrics WHERE run_uuid = '{alive}' AND step = 3",
    "an edge of a run that is there deleted": "DELETE FROM inputs WHERE destination_id = '{alive}'",
    "a tag of a run that is gone left behind":
        "INSERT INTO input_tags (input_uuid, name, value) VALUES ('nowhere', 'k', 'v')",
    "a value changed": "UPDATE params SET value = '0.2' WHERE run_uuid = '{alive}'",
    "an id cleared whose run is there": "UPDATE logged_models SET source_run_id = NULL WHERE source_run_id = '{rich}'",
    "a run marked as deleted": "UPDATE runs SET lifecycle_stage = 'deleted' WHERE run_uuid = '{alive}'",
}


def _selftest(copies, made):
    """Yield (name, whether it was noticed)."""
    ids = {"alive": made.runs["alive"], "rich": made.runs["rich"]}
    copies.fresh(())
    before, files = copies.rows(OURS), copies.files()
    for name, statement in WRONG.items():
        copies.fresh(())
        copies.execute(OURS, [statement.format(**ids)])
        found = _differences(before, copies.rows(OURS), files, files, before, made, "")
        yield name, any(kind == "differs" for kind, _ in found)
    path = next(path for path in sorted(files) if made.runs["alive"] in path)
    found = _differences(before, before, files, files - {path}, before, made, "")
    yield "a file more deleted", any(kind == "differs" for kind, _ in found)
