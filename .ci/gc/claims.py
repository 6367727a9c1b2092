"""What docs/gc.md says of `mlflow gc`, asserted of the real one, and of mltrack in the same case.

These are the selections on which the two cannot be compared, because MLflow stops or deletes what was not named.
"""

import os
import subprocess
import sys

import collect
from copies import OURS, THEIRS
from selections import RICH, TEAM

DONE, USAGE, PARTIAL = 0, 2, 8


class Case:
    """A fresh pair of copies and what both collections did with it."""

    def __init__(self, copies, statements, options, *ours):
        copies.fresh(statements)
        copies.fresh_artifacts()
        self.theirs = collect.mlflow_gc(copies.target.url(THEIRS), options)
        self.their_files, self.their_rows = copies.files(), copies.rows(THEIRS)
        copies.fresh_artifacts()
        self.ours = collect.mltrack_gc(copies.target.url(OURS), options, *ours)
        self.our_files, self.our_rows = copies.files(), copies.rows(OURS)
        # What mltrack left says nothing where it fell over.
        require(self.ours.code in (DONE, USAGE, PARTIAL), f"mltrack gc: exit {self.ours.code}: {self.ours.text[-800:]}")

    def there(self, tables, table, id_) -> bool:
        """Whether a row with this first key is there."""
        rows = tables[table]
        return any(row[rows.key[0]][1] == id_ for row in rows.rows)

    def left(self, table, id_) -> tuple:
        """(MLflow left the row, mltrack left it)."""
        return self.there(self.their_rows, table, id_), self.there(self.our_rows, table, id_)

    def stops(self, words) -> None:
        """MLflow ended with an error that says so; mltrack did not."""
        require(self.theirs.code != DONE and words in self.theirs.error, f"mlflow gc: {self.theirs}")
        require(self.ours.code == DONE, f"mltrack gc: exit {self.ours.code}: {self.ours.text[-800:]}")

    def reason(self, id_) -> str:
        """Why mltrack kept an item."""
        return next((kept["reason"] for kept in self.ours.event()["kept"] if kept.get("id") == id_), "")


def require(holds, problem) -> None:
    """AssertionError with the problem."""
    if not holds:
        raise AssertionError(problem)


def check(copies, made):
    """Yield (name, None or what is wrong)."""
    for claim in CLAIMS:
        try:
            claim(copies, made)
            yield claim.__doc__, None
        except Exception as error:
            yield claim.__doc__, f"{type(error).__name__}: {error}"


def _named(copies, made):
    """--run-ids and --job-ids also delete every deleted experiment"""
    for options in (["--run-ids", made.runs["old 1"]], ["--job-ids", made.jobs["old"]]):
        case = Case(copies, (), options)
        require(case.theirs.code == DONE == case.ours.code, f"{case.theirs} {case.ours}")
        require(case.left("experiments", made.experiments["old"]) == (False, True), f"{options}: the experiment")
        require(case.left("logged_models", made.models["young in active"]) == (False, True), f"{options}: the model")
    require(case.left("runs", made.runs["old 2"]) == (False, True), "--job-ids: the run")


def _experiments_named(copies, made):
    """--experiment-ids and --logged-model-ids also delete every deleted run"""
    for options in (["--experiment-ids", made.experiments["old"]], ["--logged-model-ids", made.models["old in active"]]):
        case = Case(copies, (), options, "--include-active-models")
        require(case.left("runs", made.runs["young"]) == (False, True), f"{options}: {case.theirs} {case.ours}")


def _unknown(copies, made):
    """an id that is unknown, active or too young ends the command"""
    for id_, words, reason in (("0" * 31 + "a", "not found", "there is no such run"),
                               (made.runs["alive"], "not in `deleted` lifecycle stage", "the run is not deleted"),
                               (made.runs["young"], "not older than the required age", "younger")):
        case = Case(copies, (), ["--run-ids", f"{id_}", "--older-than", "30d"])
        case.stops(words)
        found = case.reason(id_)
        require(found and (reason in found or reason == "younger"), f"{id_}: kept because: {found!r}: {case.ours.text[-500:]}")


def _younger_run(copies, made):
    """an old experiment with a younger deleted run ends the command"""
    run = made.runs["old in old 1"]
    case = Case(copies, (f"UPDATE runs SET deleted_time = 1000 + (SELECT m FROM (SELECT max(deleted_time) AS m FROM runs) AS x)"
                         f" WHERE run_uuid = '{run}'",), ["--older-than", "30d"], "--include-active-models")
    case.stops("not older than the required age")
    require(case.there(case.our_rows, "experiments", made.experiments["old"]), "mltrack did not keep the experiment")
    require(case.there(case.our_rows, "runs", run), "mltrack did not keep the younger run")
    require(not case.there(case.our_rows, "runs", made.runs["old in old 2"]), "mltrack kept the older run")


def _younger_model(copies, made):
    """a younger deleted model goes with its old experiment, its artifacts stay"""
    model = made.models["young in old"]
    case = Case(copies, ("UPDATE logged_models SET last_updated_timestamp_ms = (SELECT m FROM (SELECT max(deleted_time) AS m"
                         f" FROM runs) AS x) WHERE model_id = '{model}'",), ["--older-than", "30d"], "--include-active-models")
    require(case.left("logged_models", model) == (False, True), f"{case.theirs} {case.ours}")
    require(any(model in path for path in case.their_files), "MLflow removed its artifacts")
    require(any(model in path for path in case.our_files), "mltrack removed its artifacts")


def _active_run(copies, made):
    """active runs go with their experiment's rows, their artifacts stay"""
    run = made.runs["old in old 1"]
    case = Case(copies, (f"UPDATE runs SET lifecycle_stage = 'active', deleted_time = NULL WHERE run_uuid = '{run}'",), [],
                "--include-active-models")
    require(case.left("runs", run) == (False, True), f"the run: {case.theirs} {case.ours}")
    require(case.left("experiments", made.experiments["old"]) == (False, True), "the experiment")
    require(any(run in path for path in case.their_files), "MLflow removed its artifacts")


def _active_model(copies, made):
    """active models go with their experiment's rows, their artifacts stay"""
    model = made.models["alive in old"]
    case = Case(copies, (), [])
    require(case.left("logged_models", model) == (False, True), f"{case.theirs} {case.ours}")
    require(any(model in path for path in case.their_files), "MLflow removed its artifacts")


def _ages(copies, made):
    """--older-than '' means no limit; 1w is refused"""
    case = Case(copies, (), ["--older-than", ""])
    require(case.theirs.code == DONE and case.left("runs", made.runs["young"]) == (False, True), f"'': {case.theirs}")
    require(case.ours.code == USAGE, f"'': {case.ours}")
    case = Case(copies, (), ["--older-than", "1w"])
    case.stops("Could not parse")
    require(not case.there(case.our_rows, "runs", made.runs["old 1"]), "1w: mltrack kept the old run")


def _artifact(copies, made):
    """one artifact that cannot be removed ends the command"""
    run = made.runs["old 1"]
    case = Case(copies, (f"UPDATE runs SET artifact_uri = 'foo://bucket/{run}/artifacts' WHERE run_uuid = '{run}'",),
                ["--run-ids", f"{run},{made.runs['old 2']}"])
    require(case.theirs.code != DONE and "foo" in case.theirs.error, f"{case.theirs}")
    require(case.ours.code == PARTIAL and case.there(case.our_rows, "runs", run), f"{case.ours}")
    require(not case.there(case.our_rows, "runs", made.runs["old 2"]), "mltrack stopped at it")


def _restored(copies, made):
    """a run restored meanwhile is deleted"""
    import mlflow.cli

    real, run = mlflow.cli.get_artifact_repository, made.runs["old 1"]

    def restoring(uri, **options):
        # In the moment between MLflow's look at the run and its removal.
        if run in uri:
            copies.execute(THEIRS, [f"UPDATE runs SET lifecycle_stage = 'active', deleted_time = NULL WHERE run_uuid = '{run}'"])
        return real(uri, **options)

    mlflow.cli.get_artifact_repository = restoring
    try:
        case = Case(copies, (), ["--run-ids", run])
    finally:
        mlflow.cli.get_artifact_repository = real
    require(case.theirs.code == DONE and not case.there(case.their_rows, "runs", run), f"{case.theirs}")


def _tracking(copies, _made):
    """a tracking URI must be set"""
    # As its own process: the option's default is read when mlflow.cli is imported.
    copies.fresh(())
    env = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    done = subprocess.run([sys.executable, "-m", "mlflow", "gc", "--backend-store-uri", copies.target.url(THEIRS)], env=env,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
    require(done.returncode != DONE and "Tracking URL is not set" in done.stderr, f"{done}")
    ours = collect.mltrack_gc(copies.target.url(OURS), ["--keep-artifacts"])
    require(ours.code == DONE, f"{ours}")


def _guardrail(copies, made):
    """an experiment whose scorer a guardrail uses ends the command"""
    rich = made.experiments["rich"]
    case = Case(copies, [line.format(rich=rich) for line in RICH if line.startswith("UPDATE")], [],
                "--include-active-models", "--include-registered")
    case.stops("IntegrityError")
    require(case.there(case.our_rows, "experiments", rich), "mltrack did not keep the experiment")
    require("guardrail" in case.reason(rich), f"reason: {case.reason(rich)!r}")


def _workspaces(copies, made):
    """what lies in other workspaces ends the command without MLFLOW_ENABLE_WORKSPACES"""
    case = Case(copies, [line.format(old=made.experiments["old"], young=made.experiments["young"], job=made.jobs["old"])
                         for line in TEAM], [], "--include-active-models")
    case.stops("workspace")
    require(case.there(case.our_rows, "experiments", made.experiments["old"]), "mltrack took another workspace's")


CLAIMS = (_guardrail, _workspaces, _named, _experiments_named, _unknown, _younger_run, _younger_model, _active_run, _active_model, _ages,
          _artifact, _restored, _tracking)
