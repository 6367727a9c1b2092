"""A database that MLflow 3.18's own client filled, rich in everything `mlflow gc` can meet; ages come from SQL.

    build(url, home, sums) -> World

Everything of fixtures/tools/fill_*.py (scorers, gateway, reviews, evaluation datasets, jobs …) in one experiment,
and beside it experiments of each kind: active and deleted, with runs, models and traces that were deleted long ago,
yesterday, and at an unknown time.
"""

import logging
import os
import socket
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import sqlalchemy

DAY = 86_400_000
OLD, YOUNG = 40 * DAY, DAY


@dataclass
class World:
    """Ids by what they stand for: `runs["old 1"]`, `models["young"]`, `experiments["rich"]`, `jobs["old"]`."""

    runs: dict = field(default_factory=dict)
    models: dict = field(default_factory=dict)
    experiments: dict = field(default_factory=dict)
    jobs: dict = field(default_factory=dict)
    assessed: dict = field(default_factory=dict)  # assessment: the run that made it


def build(url: str, home: Path, sums: bool = True) -> World:
    """Fill the empty database at `url`; artifacts go below `home`, which becomes the working directory.

    `sums`: with daily sums over traces, on which a server that does not make them refuses to start.
    """
    warnings.simplefilter("ignore")
    os.chdir(home)  # the default artifact root is ./mlruns
    import mlflow

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(url)
    made = SimpleNamespace(url=url, mlflow=mlflow, version=(3, 18), client=mlflow.MlflowClient(url, url))
    made.store = made.client._tracking_client.store
    world = World()
    _fillers(made)
    world.experiments["rich"] = made.experiment
    world.runs["rich"] = made.run
    _experiment(made, world, "active", ("old 1", "old 2", "young", "undated", "alive", "registered"))
    _experiment(made, world, "old", ("old in old 1", "old in old 2"))
    _experiment(made, world, "young", ("young in young",))
    _experiment(made, world, "undated", ("old in undated",))
    made.client.create_registered_model("kept")
    made.client.create_model_version("kept", f"runs:/{world.runs['registered']}/m", world.runs["registered"])
    _jobs(made, world)
    _delete(made, world)
    _ages(url, world, sums)
    return world


def _fillers(made):
    """Without fill_edges: its rows no client can write, and this schema has other columns."""
    import fill_gateway
    import fill_genai
    import fill_models
    import fill_review
    import fill_runs
    import fill_traces

    # MLflow resolves a webhook's host to see that it is public; it sends nothing there.
    real = socket.getaddrinfo
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 0))]
    socket.getaddrinfo = lambda host, *rest, **options: (
        public if host == "example.com" else real(host, *rest, **options))
    try:
        for filler in (fill_runs, fill_models, fill_traces, fill_genai, fill_gateway, fill_review):
            filler.fill(made)
    finally:
        socket.getaddrinfo = real


def _experiment(made, world, name, runs):
    from mlflow.entities import AssessmentSource, LoggedModelInput, LoggedModelOutput
    from mlflow.entities.assessment import Feedback

    client, store = made.client, made.store
    experiment = client.create_experiment(f"gc {name}", tags={"mlflow.note.content": name, "team": "ü"})
    world.experiments[name] = experiment
    for kind in ("old", "young", "alive"):
        model = client.create_logged_model(experiment, name=f"m-{kind}", params={"lr": "0.1"}, tags={"a": "b"})
        world.models[f"{kind} in {name}"] = model.model_id
        _files(model.artifact_location, f"{kind} model")
    for run_name in runs:
        world.runs[run_name] = _run(made, experiment, run_name, world.models[f"old in {name}"],
                                    world.models[f"alive in {name}"])
    owned = client.create_logged_model(experiment, name="m-owned", source_run_id=world.runs[runs[0]])
    world.models[f"owned in {name}"] = owned.model_id
    made.mlflow.set_experiment(experiment_id=experiment)
    traces = []
    for number in range(2):
        with made.mlflow.start_span(name=f"{name} {number}") as span:
            span.set_inputs({"q": number})
            made.mlflow.update_current_trace(tags={"env": "prod"})
        traces.append(span.trace_id)
        _files(store.get_trace_info(span.trace_id).tags["mlflow.artifactLocation"], "trace")
    store.link_traces_to_run(traces, world.runs[runs[0]])
    source = AssessmentSource(source_type="HUMAN", source_id="ada")
    first = store.create_assessment(Feedback(name="good", value=True, source=source, trace_id=traces[0]))
    second = store.create_assessment(Feedback(name="good", value=False, source=source, trace_id=traces[0],
                                              overrides=first.assessment_id))
    world.assessed[second.assessment_id] = world.runs[runs[0]]
    store.register_scorer(experiment, "tone", '{"name": "tone"}')
    dataset = store.create_dataset(f"golden {name}", {"team": "a"}, [experiment])
    store.upsert_dataset_records(dataset.dataset_id, [{"inputs": {"q": name}}])
    store.create_issue(experiment, f"slow {name}", "")
    client.log_inputs(world.runs[runs[0]], models=[LoggedModelInput(model_id=world.models[f"alive in {name}"])])
    client.log_outputs(world.runs[runs[0]], [LoggedModelOutput(model_id=world.models[f"young in {name}"], step=1)])


def _run(made, experiment, name, old_model, alive_model):
    from mlflow.entities import Dataset, DatasetInput, InputTag

    client = made.client
    run = client.create_run(experiment, run_name=name, tags={"colour": "blue", "note": "ü 测"}).info
    for step in range(5):
        client.log_metric(run.run_id, "loss", 1 / (step + 1), step=step)
    client.log_metric(run.run_id, "acc", 0.5, model_id=old_model, dataset_name="sales", dataset_digest="d1")
    client.log_param(run.run_id, "rate", "0.1")
    data = Dataset(name="sales", digest="d1", source_type="local", source="{}")
    client.log_inputs(run.run_id, [DatasetInput(data, [InputTag("mlflow.data.context", "training")])])
    # After the dataset is there, so that the metric names it.
    client.log_metric(run.run_id, "f1", 0.7, model_id=alive_model, dataset_name="sales", dataset_digest="d1")
    _files(run.artifact_uri, name)
    client.set_terminated(run.run_id)
    return run.run_id


def _files(uri, text):
    from mlflow.utils.file_utils import local_file_uri_to_path

    place = Path(local_file_uri_to_path(uri))
    (place / "model").mkdir(parents=True, exist_ok=True)
    (place / "a.txt").write_text(text)
    (place / "model" / "weights ü.bin").write_bytes(text.encode() * 9)


def _jobs(made, world):
    from mlflow.store.jobs.sqlalchemy_store import SqlAlchemyJobStore

    store = SqlAlchemyJobStore(made.url)
    for name in ("old", "old failed", "young", "old running", "old pending"):
        job = store.create_job("evaluate", '{"a": 1}', 60.0).job_id
        world.jobs[name] = job
        if name != "old pending":
            store.start_job(job)
        if name in ("old", "young"):
            store.finish_job(job, "{}")
        if name == "old failed":
            store.fail_job(job, "no")


def _delete(made, world):
    client = made.client
    for name, run in world.runs.items():
        if name not in ("alive", "rich"):
            client.delete_run(run)
    for name, model in world.models.items():
        if not name.startswith(("alive", "owned")):
            client.delete_logged_model(model)
    for name in ("old", "young", "undated"):
        client.delete_experiment(world.experiments[name])


def _ages(url, world, sums):
    now = time.time_ns() // 1_000_000
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    with engine.begin() as connection:
        def set_(table, column, key, id_, value):
            connection.execute(sqlalchemy.text(f"UPDATE {table} SET {column} = :value WHERE {key} = :id"),
                               {"value": value, "id": id_})

        for name, run in world.runs.items():
            if name not in ("alive", "rich"):
                value = None if name == "undated" else now - (YOUNG if name.startswith("young") else OLD)
                set_("runs", "deleted_time", "run_uuid", run, value)
        for name, model in world.models.items():
            set_("logged_models", "last_updated_timestamp_ms", "model_id", model,
                 now - (YOUNG if name.startswith("young") and name != "young in old" else OLD))
        for name, value in (("old", now - OLD), ("young", now - YOUNG), ("undated", None)):
            set_("experiments", "last_update_time", "experiment_id", int(world.experiments[name]), value)
        for name, job in world.jobs.items():
            set_("jobs", "creation_time", "id", job, now - (YOUNG if name == "young" else OLD))
            set_("jobs", "last_update_time", "id", job, now - (YOUNG if name == "young" else OLD))
        if sums:
            _sums(connection, world)
        # delete_run removes what names the run in its metadata; a client that filled this column alone stays.
        for assessment, run in world.assessed.items():
            set_("assessments", "run_id", "assessment_id", assessment, run)
    engine.dispose()


def _sums(connection, world):
    """Metrics and daily sums of traces, which a server's housekeeping writes; of an experiment that goes and one that
    stays."""
    quoted = connection.dialect.identifier_preparer.quote_identifier  # MySQL has a word "key"

    def insert(table, **columns):
        connection.execute(sqlalchemy.text(f"INSERT INTO {table} ({', '.join(map(quoted, columns))})"
                                           f" VALUES ({', '.join(':' + name for name in columns)})"), columns)

    number = 0
    for name in ("active", "old"):
        experiment = int(world.experiments[name])
        day = {"experiment_id": experiment, "rollup_day": "2026-01-02"}
        insert("sql_trace_rollup_rebuild_queue", **day, rollup_family="trace")
        for table in ("sql_trace_metric_daily_rollups", "sql_span_cost_daily_rollups", "sql_assessment_daily_rollups"):
            number += 1
            insert(table, id=number, **day, metric_name="m", grouping_set="all", sample_count=1, sum_value=0.5)
        spans = connection.execute(sqlalchemy.text("SELECT trace_id, span_id FROM spans WHERE experiment_id = :id"),
                                   {"id": experiment}).fetchall()
        for trace, span in spans:
            insert("trace_metrics", request_id=trace, key="input_tokens", value=3.0)
            insert("span_metrics", trace_id=trace, span_id=span, key="total_cost", value=0.1)
