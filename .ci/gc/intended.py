"""The differences from `mlflow gc` that are meant, as data; docs/gc.md names them to users.

Each explains rows of one table, no more than it says, and each must occur: run() of equivalence.py fails otherwise.
`stays`: MLflow leaves the row behind, mltrack deletes it. `cleared`: MLflow leaves the id, mltrack sets NULL.
`kept`: MLflow deletes the row, mltrack keeps it.
"""

from collections.abc import Callable
from dataclasses import dataclass

# Where MLflow's _get_deleted_runs, which compares a time with NULL, decides on runs of active experiments.
UNDATED = {"nothing", "nothing, registered kept", "--jobs", "the default workspace", "--all-workspaces --jobs"}
REGISTERED = {"nothing, registered kept", "--older-than 719.5h30m, registered kept"}


@dataclass(frozen=True)
class Difference:
    """`holds(row, look)`: whether it explains this row; `look` is a Look."""

    table: str
    kind: str
    reason: str
    holds: Callable
    column: str = ""
    selections: frozenset = frozenset()  # empty: all

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.table} {self.column or self.kind}: {self.reason}"


class Look:
    """What was there before, and what mltrack left; rows as dicts of text by table."""

    def __init__(self, before, ours, world):
        self.before, self.ours, self.world = before, ours, world
        self._gone = {}

    def gone(self, table, column):
        """The ids that are in no row of the table any more."""
        if (table, column) not in self._gone:
            was, still = ({row[column] for row in rows[table]} for rows in (self.before, self.ours))
            self._gone[table, column] = was - still
        return self._gone[table, column]


RUNS, MODELS = ("runs", "run_uuid"), ("logged_models", "model_id")
TRACES, EXPERIMENTS = ("trace_info", "request_id"), ("experiments", "experiment_id")
INPUT_ENDS = {"RUN": RUNS, "RUN_INPUT": RUNS, "RUN_OUTPUT": RUNS, "MODEL_INPUT": MODELS, "MODEL_OUTPUT": MODELS,
              "DATASET": ("datasets", "dataset_uuid")}
ENTITY_ENDS = {"run": RUNS, "trace": TRACES, "experiment": EXPERIMENTS,
               "evaluation_dataset": ("evaluation_datasets", "dataset_id")}


def _edge(ends):
    def holds(row, look):
        return any(row[f"{side}_type"] in ends and row[f"{side}_id"] in look.gone(*ends[row[f"{side}_type"]])
                   for side in ("source", "destination"))
    return holds


def _to(column, target, **when):
    return lambda row, look: (all(row[name] == value for name, value in when.items())
                              and row[column] in look.gone(*target))


def _of_gone_edge(row, look):
    edges = [edge for edge in look.before["inputs"] if edge["input_uuid"] == row["input_uuid"]]
    return bool(edges) and all(_edge(INPUT_ENDS)(edge, look) for edge in edges)


def _undated(row, look):
    return row["run_uuid"] == look.world.runs["undated"]


def _registered(row, look):
    # By the row's run, whatever its column is called.
    return look.world.runs["registered"] in (row.get("run_uuid"), row.get("run_id"))


OF_RUNS = ("runs", "params", "tags", "metrics", "latest_metrics")

DIFFERENCES = [
    Difference("inputs", "stays", "an edge of a run, model or dataset that is gone", _edge(INPUT_ENDS)),
    Difference("input_tags", "stays", "a tag of such an edge", _of_gone_edge),
    Difference("entity_associations", "stays", "an edge of a run, trace or experiment that is gone", _edge(ENTITY_ENDS)),
    Difference("assessments", "stays", "made by a run that is gone", _to("run_id", RUNS)),
    Difference("endpoint_bindings", "stays", "binds a scorer that is gone",
               _to("resource_id", ("scorers", "scorer_id"), resource_type="scorer")),
    Difference("logged_models", "cleared", "names a run that is gone", _to("source_run_id", RUNS), "source_run_id"),
    *(Difference(table, "stays", "of a run without deleted_time", _undated, selections=frozenset(UNDATED))
      for table in OF_RUNS),
    *(Difference(table, "kept", "of a registered run", _registered, selections=frozenset(REGISTERED))
      for table in OF_RUNS),
    Difference("logged_model_metrics", "stays", "of a run without deleted_time",
               lambda row, look: row["run_id"] == look.world.runs["undated"], selections=frozenset(UNDATED)),
    Difference("logged_model_metrics", "kept", "of a registered run", _registered, selections=frozenset(REGISTERED)),
]


@dataclass(frozen=True)
class FileDifference:
    """Artifacts that only one of the two left. `holds(path, look)`: path from the place of all artifacts."""

    kind: str
    reason: str
    holds: Callable
    selections: frozenset = frozenset()

    @property
    def name(self) -> str:
        """For messages."""
        return f"files {self.kind}: {self.reason}"


def _in_gone_experiment(path, look):
    """mlruns/EXPERIMENT/traces/TRACE/… of an experiment that is gone."""
    _, experiment, folder, *_ = path.split("/")
    return folder == "traces" and experiment in look.gone(*EXPERIMENTS)


def _model_of_gone_experiment(path, look):
    """mlruns/EXPERIMENT/models/MODEL/…: MLflow deletes the row by the experiment's foreign key alone."""
    _, experiment, folder, model, *_ = path.split("/")
    return folder == "models" and experiment in look.gone(*EXPERIMENTS) and model in look.gone(*MODELS)


FILES = [
    FileDifference("stays", "artifacts of models that were not chosen and go with their experiment",
                   _model_of_gone_experiment),
    FileDifference("stays", "artifacts of traces", _in_gone_experiment),
    FileDifference("stays", "of a run without deleted_time",
                   lambda path, look: path.split("/")[2] == look.world.runs["undated"], frozenset(UNDATED)),
    FileDifference("kept", "of a registered run",
                   lambda path, look: path.split("/")[2] == look.world.runs["registered"], frozenset(REGISTERED)),
]
