"""Two databases side by side: every difference as one line that says where it is."""

from rows_common import Rows

import exceptions

SHOWN = 160  # characters of a value in a difference


def facts(mlflow, mltrack, where: str = ""):
    """Lines for the differences of two values made of dicts, lists and scalars."""
    if isinstance(mlflow, dict) and isinstance(mltrack, dict):
        for key in sorted(mlflow.keys() | mltrack.keys(), key=str):
            if key not in mltrack:
                yield f"{where}{key}: MLflow has it, mltrack has not: {_short(mlflow[key])}"
            elif key not in mlflow:
                yield f"{where}{key}: mltrack has it, MLflow has not: {_short(mltrack[key])}"
            else:
                yield from facts(mlflow[key], mltrack[key], f"{where}{key}, ")
    elif isinstance(mlflow, list) and isinstance(mltrack, list) and mlflow != mltrack:
        yield from _lists(mlflow, mltrack, where)
    elif mlflow != mltrack:
        yield f"{where.removesuffix(', ')}: MLflow {_short(mlflow)}, mltrack {_short(mltrack)}"


def _lists(mlflow, mltrack, where):
    """Columns and the like: by position if they are as many, else what only one side has."""
    if len(mlflow) == len(mltrack):
        for number, pair in enumerate(zip(mlflow, mltrack)):
            yield from facts(*pair, f"{where}[{number}], ")
        return
    for side, has, lacks in (("MLflow", mlflow, mltrack), ("mltrack", mltrack, mlflow)):
        for item in has:
            if item not in lacks:
                yield f"{where.removesuffix(', ')}: only {side} has {_short(item)}"
    yield f"{where.removesuffix(', ')}: MLflow has {len(mlflow)}, mltrack {len(mltrack)}"


def rows(mlflow: dict, mltrack: dict, mlflow_window, mltrack_window):
    """Lines for the differences of all rows; both arguments are {table: Rows}."""
    for table in sorted(mlflow.keys() & mltrack.keys()):
        ours, theirs = mlflow[table], mltrack[table]
        if ours.columns != theirs.columns:
            yield f"rows of {table}: not compared, its columns differ"
            continue
        by_key, other = _by_key(ours), _by_key(theirs)
        for key in sorted(by_key.keys() | other.keys(), key=repr):
            pairs = (by_key.get(key, []), other.get(key, []))
            yield from _same_key(table, ours, key, *pairs, mlflow_window, mltrack_window)


def _by_key(side: Rows):
    """{key: rows}. Without a primary key the whole row is the key, and it may come twice."""
    grouped = {}
    for row in side.rows:
        key = tuple(row[at] for at in side.key) if side.key else tuple(row)
        grouped.setdefault(key, []).append(row)
    return grouped


def _same_key(table, side, key, mlflow, mltrack, *windows):
    where = f"rows of {table}, {_short([value and value[1] for value in key])}"
    if len(mlflow) != len(mltrack):
        yield f"{where}: MLflow has {len(mlflow)}, mltrack {len(mltrack)}"
        return
    for ours, theirs in zip(mlflow, mltrack):
        for column, expected, found in zip(side.columns, ours, theirs):
            if expected != found and not _excepted(table, column, expected, found, side.named(ours), windows):
                yield f"{where}, {column}: MLflow {_short(expected)}, mltrack {_short(found)}"


def _excepted(table, column, expected, found, row, windows):
    same = exceptions.VALUES.get((table, column))
    # Only values of one type: an exception is about the value.
    if same is None or expected is None or found is None or expected[0] != found[0]:
        return False
    return same(exceptions.Pair(expected[1], found[1], row, *windows))


def _short(value):
    text = ascii(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"
