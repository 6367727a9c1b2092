"""What is given to both collections: options, and what is changed in both copies before.

`mlflow gc` never deletes only what is named: `--run-ids X` takes every deleted experiment and model along, and
`--experiment-ids X` every deleted run. So where one kind is named alone, the others are made active first; that MLflow
would take them is asserted in claims.py.
"""

from collections.abc import Callable
from dataclasses import dataclass

Statement = str
World = object

NO_EXPERIMENTS = ("UPDATE experiments SET lifecycle_stage = 'active' WHERE lifecycle_stage = 'deleted'",)
NO_MODELS = ("UPDATE logged_models SET lifecycle_stage = 'active' WHERE lifecycle_stage = 'deleted'",)
NO_RUNS = ("UPDATE runs SET lifecycle_stage = 'active', deleted_time = NULL WHERE lifecycle_stage = 'deleted'",)
# The experiment of fixtures/tools/fill_*.py, with a scorer, reviews, issues, gateway and all. Its guardrails would
# stop `mlflow gc` on their foreign key, and keep the experiment in mltrack.
RICH = (
    "DELETE FROM guardrail_configs",
    "DELETE FROM guardrails",
    "UPDATE experiments SET lifecycle_stage = 'deleted', last_update_time = 1600000000000 WHERE experiment_id = {rich}",
    "UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = 1600000000000 WHERE experiment_id = {rich}",
)
TEAM = (
    "UPDATE experiments SET workspace = 'team-a' WHERE experiment_id IN ({old}, {young})",
    "UPDATE jobs SET workspace = 'team-a' WHERE id = '{job}'",
)


@dataclass(frozen=True)
class Selection:
    """One case. `options`: for both; `ours`: for mltrack alone; `before`: SQL, with {ids} of the world in it."""

    name: str
    options: Callable[[World], list]
    ours: tuple = ()
    before: tuple = ()
    workspaces: bool = False


def prepared(selection, world) -> list:
    """The SQL of `before` with the ids in."""
    ids = {"rich": world.experiments["rich"], "old": world.experiments["old"],
           "young": world.experiments["young"], "job": world.jobs["old"]}
    return [statement.format(**ids) for statement in selection.before]


def _runs(*names):
    return lambda w: ["--run-ids", ",".join(w.runs[name] for name in names)]


def _experiments(*names):
    return lambda w: ["--experiment-ids", ",".join(w.experiments[name] for name in names)]


def _models(*names):
    return lambda w: ["--logged-model-ids", ",".join(w.models[name] for name in names)]


def _jobs(*names):
    return lambda w: ["--job-ids", ",".join(w.jobs[name] for name in names)]


def _words(*words):
    return lambda w: list(words)


def _all(*options):
    return lambda w: [word for option in options for word in option(w)]


# MLflow's delete_experiment leaves models active, and `mlflow gc` takes them with their experiment.
ALL = ("--include-registered", "--include-active-models")

SELECTIONS = [
    Selection("nothing", _words(), ALL),
    Selection("nothing, registered kept", _words(), ("--include-active-models",)),
    Selection("--older-than 30d", _words("--older-than", "30d"), ALL),
    Selection("--older-than 719.5h30m, registered kept", _words("--older-than", "719.5h30m"), ("--include-active-models",)),
    Selection("--older-than 9d2h3m4s", _words("--older-than", "9d2h3m4s"), ALL),
    Selection("--run-ids", _runs("old 1", "young", "undated"), ALL, NO_EXPERIMENTS + NO_MODELS),
    Selection("--run-ids --older-than", _all(_runs("old 1", "old 2"), _words("--older-than", "30d")), ALL,
              NO_EXPERIMENTS + NO_MODELS),
    Selection("--experiment-ids", _experiments("old", "young"), ALL, NO_MODELS + (
        "UPDATE runs SET lifecycle_stage = 'active' WHERE experiment_id NOT IN ({old}, {young})",)),
    Selection("--experiment-ids --older-than", _all(_experiments("old"), _words("--older-than", "2d")), ALL, (
        "UPDATE runs SET lifecycle_stage = 'active' WHERE experiment_id <> {old}",
        "UPDATE logged_models SET lifecycle_stage = 'active' WHERE experiment_id <> {old}")),
    Selection("--logged-model-ids", _models("old in active", "young in active"), ALL, NO_EXPERIMENTS + NO_RUNS),
    Selection("--logged-model-ids --older-than", _all(_models("old in active"), _words("--older-than", "30d")), ALL,
              NO_EXPERIMENTS + NO_RUNS),
    Selection("runs, experiments and models", _all(
        _runs("old 2", "young"), _experiments("old"), _models("young in active")), ALL),
    Selection("--jobs", _words("--jobs"), ALL),
    Selection("--jobs --older-than", _words("--jobs", "--older-than", "30d"), ALL),
    Selection("--job-ids", _jobs("old", "young", "old running"), ALL, NO_EXPERIMENTS + NO_MODELS + NO_RUNS),
    Selection("--job-ids --older-than", _all(_jobs("old", "young"), _words("--older-than", "30d")), ALL,
              NO_EXPERIMENTS + NO_MODELS + NO_RUNS),
    Selection("an experiment rich in everything", _all(_experiments("rich"), _runs("old 1"), _models("old in active")),
              ALL, RICH),
    Selection("--workspace", _words("--workspace", "team-a", "--older-than", "30d"), ALL, TEAM, True),
    Selection("the default workspace", _words("--jobs"), ALL, TEAM, True),
    Selection("--all-workspaces --jobs", _words("--all-workspaces", "--jobs"), ALL, TEAM, True),
]
