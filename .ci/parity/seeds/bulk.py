"""Many plain rows in a few states, so that work done in batches meets more than one batch.

MLflow reads 250 traces, spans or assessments and 500 issues at a time.
"""

STATES = (5, 48, 65, 68)  # before 89d4b8295536, 1b5f0d9ad7c1, 75868b020152, 8b6ad64cb8f5
COUNT = 620


def rows(table: str) -> list:
    """The bulk rows of a table; none for most."""
    return [MADE[table](number) for number in range(COUNT)] if table in MADE else []


def _run(number):
    return {"run_uuid": f"bulk{number:028}", "experiment_id": number % 8, "user_id": f"user {number}"}


def _metric(number):
    return {"key": f"m{number % 40}", "run_uuid": f"bulk{number % 100:028}", "step": number % 7,
            "timestamp": number % 11, "value": float(number % 13), "is_nan": False}


def _trace(number):
    return {"request_id": f"tr-bulk-{number:05}", "experiment_id": number % 8, "timestamp_ms": number}


def _metadata(number):
    return {"request_id": f"tr-bulk-{number:05}", "key": "mlflow.trace.tokenUsage",
            "value": f'{{"input_tokens": {number}, "output_tokens": 1, "total_tokens": {number + 1}}}'}


def _trace_tag(number):
    return {"request_id": f"tr-bulk-{number:05}", "key": "mlflow.traceName", "value": f"name {number}"}


def _span(number):
    return {"trace_id": f"tr-bulk-{number // 3:05}", "span_id": f"bulk-{number:05}", "experiment_id": number % 8,
            "start_time_unix_nano": number, "end_time_unix_nano": number * 2,
            "dimension_attributes": f'{{"mlflow.llm.model": "model {number % 9}"}}'}


def _span_metric(number):
    return {"trace_id": f"tr-bulk-{number // 3:05}", "span_id": f"bulk-{number:05}", "key": "total_cost",
            "value": number / 8}


def _assessment(number):
    return {"assessment_id": f"bulk-{number:05}", "trace_id": f"tr-bulk-{number:05}", "value": str(number % 5),
            "assessment_type": "feedback", "source_type": "CODE",
            "error": None, "assessment_metadata": None}


def _issue(number):
    return {"issue_id": f"bulk-{number:05}", "experiment_id": number % 8, "created_timestamp": number,
            "categories": f'["shared", "own {number}"]'}


MADE = {"runs": _run, "metrics": _metric, "trace_info": _trace, "trace_request_metadata": _metadata,
        "trace_tags": _trace_tag, "spans": _span, "span_metrics": _span_metric, "assessments": _assessment,
        "issues": _issue}
