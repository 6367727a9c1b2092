"""What is printed and written of a comparison."""

import datetime
import importlib.metadata
import json
import platform

import exceptions
import upgrades

LINES = 6  # differences shown for a state; --keep writes them all


def state_line(result) -> str:
    """One line for a start state, and some of its differences."""
    rows = sum(result.compared.values())
    verdict = (f"equal  {len(result.compared):3} tables {rows:6} rows" if result.equal
               else f"DIFFERS in {len(result.differences)} places")
    lines = [f"{result.dialect:10} {result.ordinal:03} {result.revision or 'base':13} {verdict}"
             f"  MLflow {result.mlflow_seconds:5.1f} s, mltrack {result.mltrack_seconds:5.1f} s"]
    lines += [f"    {line}" for line in result.differences[:LINES]]
    if len(result.differences) > LINES:
        lines.append(f"    ... {len(result.differences) - LINES} more")
    return "\n".join(lines)


def rows_by_table(results: list) -> dict:
    """{table: rows compared in all states}."""
    total = {}
    for result in results:
        for table, count in result.compared.items():
            total[table] = total.get(table, 0) + count
    return dict(sorted(total.items()))


def tables_without_rows(results: list) -> list:
    """Tables that had no row at the start in any state: their rows were never put to the test.

    A table that only an upgrade creates counts as soon as a state that has it is among the results.
    """
    seeded = {}
    for result in results:
        for table, count in result.seeded.items():
            seeded[table] = seeded.get(table, 0) + count
    return sorted(table for table, count in seeded.items()
                  if count == 0 and table not in exceptions.EMPTY_TABLES)


def last_line(dialect: str, results: list, states: int) -> str:
    """The sentence that sums a dialect up."""
    tables = {table: count for table, count in rows_by_table(results).items() if count}
    equal = sum(result.equal for result in results)
    return (f"parity {dialect}: {equal} of {states} states equal, "
            f"{sum(tables.values())} rows compared in {len(tables)} tables")


def document(by_dialect: dict, servers: dict, states: int, seconds: float) -> str:
    """The dated result as JSON."""
    return json.dumps({
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "mlflow": importlib.metadata.version("mlflow"), "python": platform.python_version(),
        "command": upgrades.command(), "seconds": round(seconds, 1), "states": states,
        "dialects": {dialect: {
            "server": servers[dialect], "equal": sum(result.equal for result in results),
            "tables": rows_by_table(results), "withoutRows": tables_without_rows(results),
            "mlflowSeconds": round(sum(result.mlflow_seconds for result in results), 1),
            "mltrackSeconds": round(sum(result.mltrack_seconds for result in results), 1),
            "differs": [{"ordinal": result.ordinal, "revision": result.revision,
                         "differences": result.differences[:50]} for result in results if not result.equal],
        } for dialect, results in by_dialect.items()},
    }, indent=1) + "\n"
