"""One start state of one dialect, from its DDL to the comparison; runs in a worker process."""

import logging
import traceback
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy

import compare
import rebuild
import seed
import targets
import upgrades


@dataclass
class Result:
    """What came of one start state. `compared`: {table: rows}; `seeded`: rows at the start."""

    dialect: str
    ordinal: int
    revision: str | None
    differences: list = field(default_factory=list)
    compared: dict = field(default_factory=dict)
    seeded: dict = field(default_factory=dict)
    mlflow_seconds: float = 0.0
    mltrack_seconds: float = 0.0

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def run(server, dialect: str, ordinal: int, fixtures, keep: str | None, options=()) -> Result:
    """Make the state twice, upgrade one with MLflow and one with mltrack (and its `options`), compare, clean up."""
    # MLflow logs each revision and warns of its own old code.
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    revision, _ = rebuild.fold(ordinal, dialect, fixtures)
    result = Result(dialect, ordinal, revision)
    target = targets.TARGETS[dialect](server)
    names = [f"state_{ordinal:03}_mlflow", f"state_{ordinal:03}_mltrack"]
    try:
        _compare(target, names, result, fixtures, options)
    except upgrades.UpgradeFailed as error:
        result.differences.append(str(error))
    except Exception:
        result.differences.append(f"the harness itself failed: {traceback.format_exc()}")
    finally:
        if keep and not result.equal:
            _write(Path(keep), result)
        for name in names:
            target.drop(name)
    return result


def _compare(target, names, result, fixtures, options):
    def make(url):
        rebuild.build_state(url, result.ordinal, fixtures)
        result.seeded = seed.seed(url, result.dialect, result.ordinal, fixtures)

    target.copies(make, names)
    by_mlflow = upgrades.run_mlflow(target.url(names[0]))
    by_mltrack = upgrades.run_mltrack(target.url(names[1]), options)
    result.mlflow_seconds, result.mltrack_seconds = by_mlflow.seconds, by_mltrack.seconds
    judge = target.read(names[0])
    result.differences += differences(target, names, by_mlflow, by_mltrack, judge)
    result.compared = {table: len(found.rows) for table, found in judge[1].items()}


def differences(target, names, mlflow_window, mltrack_window, judge):
    """Lines for all that differs between two databases, [MLflow's, mltrack's]; `judge` is the
    first one already read."""
    facts, rows = judge
    other_facts, other_rows = target.read(names[1])
    yield from _stamp(target, names)
    yield from compare.facts(facts, other_facts)
    yield from compare.rows(rows, other_rows, mlflow_window, mltrack_window)


def _stamp(target, names):
    """alembic_version must hold exactly MLflow's one row."""
    stamps = []
    for name in names:
        engine = sqlalchemy.create_engine(target.url(name), poolclass=sqlalchemy.pool.NullPool)
        with engine.connect() as connection:
            if not sqlalchemy.inspect(connection).has_table("alembic_version"):
                stamps.append("no table alembic_version")
                continue
            stamps.append(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all())
        engine.dispose()
    return [] if stamps[0] == stamps[1] else [f"alembic_version: MLflow {stamps[0]}, mltrack {stamps[1]}"]


def _write(directory, result):
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{result.dialect}_{result.ordinal:03}_{result.revision or 'base'}.txt"
    path.write_text("\n".join([f"{result.dialect}, upgraded from {result.revision or 'the base schema'}:"
                               f" {len(result.differences)} differences", "", *result.differences, ""]))
