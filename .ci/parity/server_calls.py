"""What is asked of the real MLflow server: old rows must come back, new ones go in and come back."""

import json
import urllib.error
import urllib.request

EXPERIMENT = "created after the upgrade"


class Rest:
    """MLflow's REST API at an address."""

    def __init__(self, address: str):
        self.address = address

    def __call__(self, method: str, path: str, body: dict | None = None) -> dict:
        """The JSON of an answer; RuntimeError with the server's words if it is an error."""
        request = urllib.request.Request(f"{self.address}/api/{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or "{}")
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')[:500]}") from None

    def pages(self, path: str, body: dict, field: str) -> list:
        """All items of a search, however many pages it has."""
        found, token = [], None
        while True:
            answer = self("POST", path, body | ({"page_token": token} if token else {}))
            found += answer.get(field, [])
            if not (token := answer.get("next_page_token")):
                return found


def equal(found, expected) -> None:
    """AssertionError that shows both, if they differ."""
    if found != expected:
        raise AssertionError(f"expected {expected!r:.300}, the server says {found!r:.300}")


def checks(rest: Rest, rows: dict) -> list:
    """[(name, function)] in the order to run them. `rows`: rows_common.Rows by table, as upgraded."""
    made = {}

    def named(table):
        return [rows[table].named(row) for row in rows[table].rows]

    def search_experiments():
        found = rest.pages("2.0/mlflow/experiments/search", {"max_results": 100, "view_type": "ALL"}, "experiments")
        equal({e["name"]: e["experiment_id"] for e in found},
              {row["name"]: row["experiment_id"] for row in named("experiments")})

    def search_old_runs():
        found = _runs(rest, [row["experiment_id"] for row in named("experiments")])
        equal(sorted(run["info"]["run_id"] for run in found), sorted(row["run_uuid"] for row in named("runs")))

    def users_are_tags():
        found = _runs(rest, [row["experiment_id"] for row in named("experiments")])
        equal(sorted((run["info"]["run_id"], tag["value"]) for run in found for tag in run["data"].get("tags", [])
                     if tag["key"] == "mlflow.user"),
              sorted((row["run_uuid"], row["value"]) for row in named("tags") if row["key"] == "mlflow.user"))

    def create_experiment():
        made["experiment"] = rest("POST", "2.0/mlflow/experiments/create", {"name": EXPERIMENT})["experiment_id"]
        equal(rest("GET", f"2.0/mlflow/experiments/get?experiment_id={made['experiment']}")["experiment"]["name"], EXPERIMENT)

    def log_run():
        run = rest("POST", "2.0/mlflow/runs/create", {"experiment_id": made["experiment"], "run_name": "new run",
                                                       "start_time": 1_700_000_000_000})["run"]["info"]["run_id"]
        made["run"] = run
        for step, value in enumerate((0.5, 0.25, 0.1 + 0.2)):
            rest("POST", "2.0/mlflow/runs/log-metric", {"run_id": run, "key": "loss", "value": value,
                                                         "timestamp": 1_700_000_000_000 + step, "step": step})
        rest("POST", "2.0/mlflow/runs/log-parameter", {"run_id": run, "key": "rate", "value": "0.1 😀"})
        rest("POST", "2.0/mlflow/runs/set-tag", {"run_id": run, "key": "colour", "value": "blue"})
        rest("POST", "2.0/mlflow/runs/update", {"run_id": run, "status": "KILLED", "end_time": 1_700_000_001_000})

    def read_run():
        run = rest("GET", f"2.0/mlflow/runs/get?run_id={made['run']}")["run"]
        equal(run["info"]["status"], "KILLED")
        equal([(m["key"], m["value"], m["step"]) for m in run["data"]["metrics"]], [("loss", 0.1 + 0.2, 2)])
        equal([(p["key"], p["value"]) for p in run["data"]["params"]], [("rate", "0.1 😀")])
        equal([t["value"] for t in run["data"]["tags"] if t["key"] == "colour"], ["blue"])

    def metric_history():
        found = rest("GET", f"2.0/mlflow/metrics/get-history?run_id={made['run']}&metric_key=loss")["metrics"]
        equal([m["value"] for m in found], [0.5, 0.25, 0.1 + 0.2])

    def search_new_run():
        found = rest.pages("2.0/mlflow/runs/search", {"experiment_ids": [made["experiment"]],
                                                       "filter": "metrics.loss > 0.25 and params.rate LIKE '0.1%'"}, "runs")
        equal([run["info"]["run_id"] for run in found], [made["run"]])

    def search_models():
        found = _get_pages(rest, "2.0/mlflow/registered-models/search", "registered_models")
        equal(sorted(model["name"] for model in found),
              sorted(row["name"] for row in named("registered_models") if row["workspace"] == "default"))

    def search_versions():
        found = _get_pages(rest, "2.0/mlflow/model-versions/search", "model_versions")
        equal(sorted((v["name"], v["version"]) for v in found),
              sorted((row["name"], row["version"]) for row in named("model_versions") if row["workspace"] == "default"))

    def register_model():
        rest("POST", "2.0/mlflow/registered-models/create", {"name": "new model", "tags": [{"key": "k", "value": "v"}]})
        version = rest("POST", "2.0/mlflow/model-versions/create",
                       {"name": "new model", "source": f"runs:/{made['run']}/model", "run_id": made["run"]})["model_version"]
        equal(version["version"], "1")
        rest("POST", "2.0/mlflow/registered-models/alias", {"name": "new model", "alias": "champion", "version": "1"})
        found = rest("GET", "2.0/mlflow/registered-models/alias?name=new%20model&alias=champion")
        equal(found["model_version"]["version"], "1")

    def search_old_traces():
        locations = [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": row["experiment_id"]}}
                     for row in named("experiments")]
        found = rest.pages("3.0/mlflow/traces/search", {"locations": locations, "max_results": 100}, "traces")
        equal(sorted(trace["trace_id"] for trace in found), sorted(row["request_id"] for row in named("trace_info")))

    def start_trace():
        trace = {"trace_id": "tr-after-the-upgrade", "request_time": "2026-01-01T00:00:00Z", "state": "OK",
                 "execution_duration": "1.5s", "tags": {"mlflow.traceName": "new trace"},
                 "trace_metadata": {"mlflow.trace.session": "session 1",
                                    "mlflow.trace.tokenUsage": '{"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}'},
                 "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": made["experiment"]}}}
        rest("POST", "3.0/mlflow/traces", {"trace": {"trace_info": trace}})
        found = rest("GET", "3.0/mlflow/traces/tr-after-the-upgrade")["trace"]["trace_info"]
        equal((found["state"], found["tags"]["mlflow.traceName"], found["trace_metadata"]["mlflow.trace.session"]),
              ("OK", "new trace", "session 1"))

    def assess_trace():
        rest("POST", "3.0/mlflow/traces/tr-after-the-upgrade/assessments",
             {"assessment": {"assessment_name": "quality", "trace_id": "tr-after-the-upgrade",
                             "source": {"source_type": "HUMAN", "source_id": "alice"}, "feedback": {"value": "yes"},
                             "create_time": "2026-01-01T00:00:00Z", "last_update_time": "2026-01-01T00:00:00Z"}})
        found = rest("GET", "3.0/mlflow/traces/tr-after-the-upgrade")["trace"]["trace_info"]["assessments"]
        equal([a["feedback"]["value"] for a in found], ["yes"])

    steps = [search_experiments, search_old_runs, users_are_tags, create_experiment, log_run, read_run, metric_history,
             search_new_run, search_models, search_versions, register_model, search_old_traces, start_trace,
             assess_trace, lambda: spans_by_client(rest.address, made["experiment"])]
    names = [step.__name__.replace("_", " ") for step in steps[:-1]]
    return list(zip([*names, "spans by client"], steps))


def _runs(rest, experiments):
    return rest.pages("2.0/mlflow/runs/search", {"experiment_ids": experiments, "run_view_type": "ALL",
                                                  "max_results": 1000}, "runs")


def _get_pages(rest, path, field):
    """Like Rest.pages, for the searches that are GET."""
    found, token = [], ""
    while True:
        answer = rest("GET", f"{path}?max_results=100" + (f"&page_token={token}" if token else ""))
        found += answer.get(field, [])
        if not (token := answer.get("next_page_token")):
            return found


def spans_by_client(address: str, experiment: str) -> None:
    """A trace with nested spans, logged by MLflow's own client and read back by it."""
    import mlflow

    mlflow.set_tracking_uri(address)
    mlflow.set_experiment(experiment_id=experiment)
    with mlflow.start_span("outer") as outer:
        outer.set_inputs({"question": "why? 😀"})
        with mlflow.start_span("inner", span_type="LLM") as inner:
            inner.set_outputs({"answer": 42})
    mlflow.flush_trace_async_logging()
    trace = mlflow.MlflowClient(tracking_uri=address).get_trace(outer.trace_id)
    equal(sorted(span.name for span in trace.data.spans), ["inner", "outer"])
    equal(trace.data.spans[0].inputs, {"question": "why? 😀"})
