"""Traces, spans and assessments: what revision 75868b020152 moves into columns of their own."""

from seeds import hostile_json
from seeds.tracking import uuid

TOKENS = ["input_tokens", "output_tokens", "total_tokens", "cache_read_input_tokens",
          "cache_creation_input_tokens", "cache_creation_input_tokens_above_1hr"]
COSTS = ["input_cost", "output_cost", "total_cost"]
TOKEN_USAGE, COST = "mlflow.trace.tokenUsage", "mlflow.trace.cost"
SESSION, GATEWAY, NAME = "mlflow.trace.session", "mlflow.gateway.endpointId", "mlflow.traceName"
SUMMED_PREFIX = "tr-gw-"  # traces whose total_cost is a sum over their spans; see exceptions.py

SESSIONS = ["s" * 249, "s" * 250, "s" * 251, "s" * 249 + "😀tail", "s" * 248 + "😀😀tail", "😀" * 251, "e\u0301" * 126,
            "", " padded ", None, "it's %s"]
NAMES = ["n" * 4095, "n" * 4096, "n" * 4097, "n" * 4095 + "😀tail", "n" * 8000, "😀" * 4097, "", None, "predict", " ",
         "\u0301" + "n" * 4096]

# Spans of the gateway traces: the total costs of their spans, and the trace's own cost if it has one.
# No sum whose terms cancel each other out: SQLite adds with compensation since 3.43, so that
# 1e300 + 1e-300 - 1e300 depends on whose SQLite it is, Python's or Node's.
GATEWAY_TRACES = [([0.1, 0.2, 0.3], None), ([0.1, None, 0.7], None), ([], None), ([None], None), ([0.5], '{"total_cost": 2}'),
                  ([0.25], '{"input_cost": 1}'), ([0.25, -0.25], None), ([1e300, 1e-300, 3.0], None),
                  ([0.5], '{"total_cost": "abc"}'), ([0.1] * 10, None)]
# Like them, but without the gateway's mark: no sum.
PLAIN_COSTS = [([0.1, 0.2], None), ([0.5], '{"total_cost": 2}')]

_PROVIDER, _MODEL = "mlflow.llm.provider", "mlflow.llm.model"
DIMENSIONS = [
    None, "null", "{}", f'{{"{_MODEL}": "gpt-5", "{_PROVIDER}": "openai"}}', f'{{"{_MODEL}": null}}',
    f'{{"{_PROVIDER}": "only provider"}}', f'{{"{_MODEL}": "{"m" * 499}"}}', f'{{"{_MODEL}": "{"m" * 500}"}}',
    f'{{"{_MODEL}": "{"m" * 501}", "{_PROVIDER}": "{"p" * 600}"}}', f'{{"{_MODEL}": "{"m" * 499}😀tail"}}',
    f'{{"{_MODEL}": "{"😀" * 501}"}}', f'{{"{_MODEL}": ""}}', f'{{ "{_MODEL}":"a", "{_MODEL}":"b" }}',
    f'{{"{_MODEL}": "\\ud83d\\ude00 \\u00e9", "{_PROVIDER}": "it\'s %s"}}',
    f'"{{\\"{_MODEL}\\": \\"text in text\\"}}"', '"null"', f'{{"{_MODEL}": "m", "{_PROVIDER}": null}}',
]
# Metrics that are no costs stay; a cost that is NULL or infinite moves as NULL.
SPAN_METRICS = [("input_cost", 0.25), ("output_cost", None), ("latency", 1.5), ("clé", -0.0), ("total_cost", 0.75)]
INFINITE = float("inf")
OVERRIDES = [("input_tokens", 5.0), ("output_tokens", 5.5), ("total_tokens", None), ("cache_read_input_tokens", -3.0),
             ("cache_creation_input_tokens", 1e300), ("my_metric", 0.125), ("input_tokens", 2.0**53),
             ("output_tokens", 9.3e18), ("total_tokens", 9.2e18), ("cache_read_input_tokens", INFINITE)]


def _chunks(items, size):
    return [items[at:at + size] for at in range(0, len(items), size)]


def _object(keys, values):
    return "{" + ", ".join(f'"{key}": {value}' for key, value in zip(keys, values)) + "}"


def _metadata():
    """{trace id: {key: value}} of every hand-made trace, in order."""
    traces = {}
    for number, values in enumerate(_chunks(hostile_json.NUMBERS, len(TOKENS))):
        traces[f"tr-tokens-{number:03}"] = {TOKEN_USAGE: _object(TOKENS, values)}
    for number, values in enumerate(_chunks(hostile_json.NUMBERS, len(COSTS))):
        traces[f"tr-cost-{number:03}"] = {COST: _object(COSTS, values)}
    for number, text in enumerate(hostile_json.OBJECTS):
        traces[f"tr-object-{number:03}"] = {TOKEN_USAGE: text.replace("KEY", "input_tokens"),
                                            COST: text.replace("KEY", "input_cost"), "other": text[:50]}
    for number, session in enumerate(SESSIONS):
        traces[f"tr-session-{number:03}"] = {SESSION: session, "mlflow.user": "alice"}
    for number, (_, cost) in enumerate(GATEWAY_TRACES):
        own = {COST: cost} if cost else {}
        traces[f"{SUMMED_PREFIX}{number:03}"] = {GATEWAY: None if number == 1 else f"endpoint {number}", **own}
    for number, (_, cost) in enumerate(PLAIN_COSTS):
        traces[f"tr-plain-{number:03}"] = {COST: cost} if cost else {}
    for number in range(len(NAMES)):
        traces[f"tr-name-{number:03}"] = {}
    for number in range(len(OVERRIDES)):
        usage = {TOKEN_USAGE: _object(TOKENS, [10 + n for n in range(len(TOKENS))])}
        traces[f"tr-override-{number:03}"] = usage if number % 2 == 0 else {}
    return traces


def trace_info(context):
    """The traces of `_metadata`, over all experiments."""
    return [{"request_id": trace, "experiment_id": number % 8, "timestamp_ms": 1_700_000_000_000 + number}
            for number, trace in enumerate(_metadata())]


def trace_request_metadata(context):
    """Token usage, costs, sessions and the gateway's mark."""
    return [{"request_id": trace, "key": key, "value": value}
            for trace, metadata in _metadata().items() for key, value in metadata.items()]


def trace_tags(context):
    """Trace names, and tags that stay."""
    names = [{"request_id": f"tr-name-{number:03}", "key": NAME, "value": name}
             for number, name in enumerate(NAMES)]
    return names + [{"request_id": trace, "key": f"tag {number % 5}"}
                    for number, trace in enumerate(list(_metadata())[::7])]


def trace_metrics(context):
    """Metrics that override the token usage of the metadata, NULL included; and others."""
    special = [float("nan")] if context.dialect == "postgresql" else []
    rows = [{"request_id": f"tr-override-{number:03}", "key": key, "value": value}
            for number, (key, value) in enumerate(OVERRIDES)]
    return _storable(context, rows + [{"request_id": "tr-override-000", "key": "total_tokens", "value": value}
                                      for value in special])


def spans(context):
    """Spans with every kind of dimension attributes, and those whose costs are summed."""
    # SQLAlchemy takes MariaDB's JSON for the text it is, so MLflow parses it once less and stops at text in text.
    plain = [(f"tr-tokens-{number % 5:03}", f"span-{number:03}",
              None if text and text.startswith('"') and context.dialect == "mariadb" else text)
             for number, text in enumerate(DIMENSIONS)]
    summed = [(trace, f"cost-{number:03}", None) for trace, number, _ in _costly_spans()]
    return [{"trace_id": trace, "span_id": span, "dimension_attributes": text, "experiment_id": number % 8,
             "start_time_unix_nano": 1_700_000_000_123_456_789 + number,
             "end_time_unix_nano": None if number % 5 == 0 else 1_700_000_001_000_000_001, "type": "LLM"}
            for number, (trace, span, text) in enumerate(plain + summed)]


def _costly_spans():
    listed = [(f"{SUMMED_PREFIX}{n:03}", costs) for n, (costs, _) in enumerate(GATEWAY_TRACES)]
    listed += [(f"tr-plain-{n:03}", costs) for n, (costs, _) in enumerate(PLAIN_COSTS)]
    return [(trace, number, cost) for trace, costs in listed for number, cost in enumerate(costs)]


def span_metrics(context):
    """The total costs to sum, and other metrics of the plain spans."""
    rows = [{"trace_id": trace, "span_id": f"cost-{number:03}", "key": "total_cost", "value": cost}
            for trace, number, cost in _costly_spans()]
    for number in range(0, len(DIMENSIONS), 2):
        rows += [{"trace_id": f"tr-tokens-{number % 5:03}", "span_id": f"span-{number:03}", "key": key, "value": value}
                 for key, value in SPAN_METRICS[:1 + number % len(SPAN_METRICS)]]
    place = {"trace_id": "tr-tokens-001", "span_id": "span-001"}
    rows.append({**place, "key": "input_cost", "value": INFINITE})
    if context.case_sensitive:  # elsewhere MLflow takes it for total_cost and stops with a KeyError
        rows.append({**place, "key": "Total_Cost", "value": 9.0})
    return _storable(context, rows)


def _storable(context, rows):
    """MySQL and MariaDB store neither infinity nor NaN."""
    if context.dialect in ("mysql", "mariadb"):
        return [row for row in rows if row["value"] != INFINITE]
    return rows


def assessments(context):
    """An assessment for every kind of value."""
    traces = context.values("trace_info", "request_id")
    values = ['"yes"', "3.5", "true", "null", '{"a": 1}'] if context.readable else hostile_json.ASSESSMENTS
    return [{"assessment_id": f"a-{number:03}", "trace_id": traces[number * 3 % len(traces)], "value": value,
             "assessment_type": "feedback", "source_type": "HUMAN", "run_id": uuid("run", number % 5),
             "name": f"quality {number % 4}", "created_timestamp": 1_700_000_000_000 + number, "error": None,
             "assessment_metadata": None if number % 3 else '{"clé": "1"}'}
            for number, value in enumerate(values)]


TABLES = {"trace_info": trace_info, "trace_request_metadata": trace_request_metadata, "trace_tags": trace_tags,
          "trace_metrics": trace_metrics, "spans": spans, "span_metrics": span_metrics,
          "assessments": assessments}
