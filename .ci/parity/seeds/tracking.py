"""Experiments, runs and what hangs on them.

Two revisions read these rows: 90e64c465722 turns runs.user_id into tags (and, by a mistake in its
model, looks at one run an experiment: the first one read), 89d4b8295536 computes the latest metrics.
"""

import hashlib

BIG, EXACT = 1.7976931348623157e308, 2**53

# (experiment, user_id, whether the run has its own mlflow.user tag), in the order of insertion,
# which is the order a scan reads. Experiment 3 has no runs.
RUNS = [
    (1, None, False), (0, "alice", False), (0, "bob", False), (2, "dan", True), (1, "carol", False),
    (0, "", False), (2, "eve", False), (4, "", False), (4, "frank", False), (5, "ü" * 249 + "😀", False),
    (6, " ", False), (5, "grace", True), (7, "O'Neil %s", False), (0, "heidi", True),
]

# (key, run, step, timestamp, value, is_nan). Never a NaN and a number at one (run, key, step,
# timestamp): MLflow's revision would fail on it.
METRICS = [
    *[("loss", 0, step, 1000 + step, 1.0 / (step + 1), False) for step in range(5)],
    ("ties in step", 0, 7, 10, 5.0, False), ("ties in step", 0, 7, 30, 3.0, False),
    ("ties in step", 0, 7, 20, 9.0, False), ("ties in step", 0, 6, 99, 11.0, False),
    ("ties in time", 1, 1, 50, 2.5, False), ("ties in time", 1, 1, 50, 2.75, False),
    ("ties in time", 1, 1, 50, -4.0, False), ("negative", 1, -5, 5, -1.0, False),
    ("negative", 1, -1, -7, -2.0, False), ("negative", 1, -1, -8, 100.0, False),
    ("ends in NaN", 2, 1, 10, 0.5, False), ("ends in NaN", 2, 2, 11, 0.0, True),
    ("was NaN", 2, 1, 10, 0.0, True), ("was NaN", 2, 3, 9, 0.0, False), ("only NaN", 3, 0, 1, 0.0, True),
    ("infinite", 3, 0, 1, BIG, False), ("infinite", 3, 0, 2, -BIG, False),
    ("huge", 3, 4, 4, 1e308, False), ("huge", 3, 4, 4, -1e308, False), ("tiny", 3, 0, 0, 5e-324, False),
    ("past 2**53", 4, EXACT, 1, 1.0, False), ("past 2**53", 4, EXACT + 1, 1, 2.0, False),
    ("past 2**53", 4, EXACT - 1, 9, 3.0, False), ("late", 4, 0, EXACT, 1.0, False),
    ("late", 4, 0, EXACT + 1, 0.5, False), ("last step", 5, 2**63 - 1, 0, 0.1 + 0.2, False),
    ("zero", 6, 0, 0, 0.0, False), ("clé 日本 😀", 7, 0, 1, 1e16, False), ("loss", 5, 0, 1, 1.5, False),
    ("loss", 6, 0, 1, 1.25, False),
]


def uuid(kind: str, number: int) -> str:
    """A 32-character id whose order is not the order of insertion."""
    return hashlib.md5(f"{kind} {number}".encode(), usedforsecurity=False).hexdigest()


def experiments(context):
    """Eight experiments, 0 being MLflow's own Default."""
    names = ["Default", "expérience 😀", "deleted one", "without runs", "e4", "e5", "e6", "e7"]
    return [{"experiment_id": number, "name": name, "workspace": "default",
             "artifact_location": f"file:///mlruns/{number}",
             "lifecycle_stage": "deleted" if number == 2 else "active"}
            for number, name in enumerate(names)]


def runs(context):
    """RUNS, with everything but their ids, users and experiments left open."""
    return [{"run_uuid": uuid("run", number), "experiment_id": experiment,
             "user_id": "nobody" if user is None and context.readable else user,
             "artifact_uri": f"file:///mlruns/{experiment}/{number}/artifacts"}
            for number, (experiment, user, _) in enumerate(RUNS)]


def tags(context):
    """The users that are tags already, and a few tags on every other run."""
    named = [{"run_uuid": uuid("run", number), "key": "mlflow.user", "value": f"tagged {user}"}
             for number, (_, user, tagged) in enumerate(RUNS) if tagged]
    return named + [{"run_uuid": uuid("run", number), "key": f"clé {number % 3} {number}"}
                    for number in range(0, len(RUNS), 2)]


def metrics(context):
    """METRICS, as far as the state has the columns to hold them."""
    single = any(c["name"] == "value" and c["type"] == "float" for c in context.tables["metrics"]["columns"])
    with_nan = context.has("metrics", "is_nan")
    return [{"key": key, "run_uuid": uuid("run", run), "step": step, "timestamp": time, "value": value,
             "is_nan": is_nan}
            for key, run, step, time, value, is_nan in METRICS
            if (with_nan or not is_nan) and not (single and abs(value) > 1e38)]


def latest_metrics(context):
    """One row for every (run, key), as a server of that release would have left it."""
    latest = {}
    for row in metrics(context):
        place = (row["run_uuid"], row["key"])
        rank = (row["step"], row["timestamp"], row["value"])
        if place not in latest or rank > latest[place][0]:
            latest[place] = (rank, row)
    names = ("key", "run_uuid", "step", "timestamp", "value", "is_nan")
    return [{name: row[name] for name in names} for _, row in latest.values()]


def datasets(context):
    """Datasets with ids that `inputs` refers to without a foreign key."""
    return [{"dataset_uuid": uuid("dataset", number), "experiment_id": number, "name": f"données {number}",
             "digest": f"d{number}"} for number in range(4)]


def inputs(context):
    """Datasets as inputs of runs, as MLflow joins them when it searches runs."""
    return [{"input_uuid": uuid("input", number), "source_type": "DATASET",
             "source_id": uuid("dataset", number), "destination_type": "RUN",
             "destination_id": uuid("run", number + 1)} for number in range(4)]


def input_tags(context):
    """A context tag on every input, and one more."""
    return [{"input_uuid": uuid("input", number), "name": name}
            for number in range(4) for name in ("mlflow.data.context", "extra")]


TABLES = {"experiments": experiments, "runs": runs, "tags": tags, "metrics": metrics,
          "latest_metrics": latest_metrics, "datasets": datasets, "inputs": inputs,
          "input_tags": input_tags}
