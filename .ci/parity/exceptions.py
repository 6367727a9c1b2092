"""The only places where MLflow and mltrack may differ, each with its reason.

An entry that nothing needs is a hole: keep this file as short as it can be.
"""

import math
from dataclasses import dataclass

from seeds.traces import SUMMED_PREFIX

SUM_TOLERANCE = 1e-12  # relative


@dataclass(frozen=True)
class Pair:
    """Two values of one column in one row, as texts, with what may justify a difference."""

    mlflow: str | None
    mltrack: str | None
    row: dict  # MLflow's row
    mlflow_window: object  # upgrades.Window
    mltrack_window: object


def _same_sum(pair):
    """A sum of floats depends on the order of its terms, and no server promises one; and SQLite
    adds with compensation since 3.43, while MLflow and mltrack bring each their own SQLite."""
    if not pair.row["request_id"].startswith(SUMMED_PREFIX) or None in (pair.mlflow, pair.mltrack):
        return False
    return math.isclose(float(pair.mlflow), float(pair.mltrack), rel_tol=SUM_TOLERANCE, abs_tol=0.0)


def _both_now(pair):
    """Revision dc11669786a5 writes the time at which it cancels a job: each upgrade its own."""
    if pair.row["status"] != "5" or None in (pair.mlflow, pair.mltrack):
        return False
    return pair.mlflow_window.holds(int(pair.mlflow)) and pair.mltrack_window.holds(int(pair.mltrack))


# (table, column): decides whether two unequal values count as the same.
VALUES = {("trace_info", "total_cost"): _same_sum, ("jobs", "last_update_time"): _both_now}

# Tables that may be without rows in every start state: {table: reason}. There is none: the seeds
# fill every table that MLflow has.
EMPTY_TABLES = {}
