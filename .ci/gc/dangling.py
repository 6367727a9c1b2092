"""After `mltrack gc` no row points at nothing, at five revisions of the schema and on every dialect.

    python dangling.py [--dialects sqlite,postgresql,mysql,mariadb] [--states 17,29,40,52,70]

Every table has rows. Half of the runs, models and experiments are marked as deleted and collected: no link may be
broken that was whole. With `--orphans` none may be broken at all. Then one row's target is removed by hand, which
the queries must notice. Exit code 0: all clean; 1: not; 2: could not run.
"""

import argparse
import os
import sys

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported

import live_paths

import collect
import dangling_links
import rebuild
import seed
import servers
import sqlalchemy
import targets

# The first that can be collected (1.28), and four more up to the newest.
STATES = "17,29,40,52,70"
DATABASE = "dangling"
OPTIONS = ["--all-workspaces", "--jobs", "--include-registered", "--include-active-models", "--keep-artifacts"]
DONE = 0


def main(argv=None) -> int:
    """Run from the command line; see the module for the exit codes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dialects", default="sqlite,postgresql,mysql,mariadb")
    parser.add_argument("--states", default=STATES)
    args = parser.parse_args(argv)
    servers.exit_on_sigterm()
    links, failed = dangling_links.exported(), False
    states = [int(state) for state in args.states.split(",")]
    for dialect in args.dialects.split(","):
        clean = 0
        try:
            with targets.start(dialect) as server:
                target = targets.TARGETS[dialect](server)
                for ordinal in states:
                    wrong, said = _check(target, dialect, ordinal, links)
                    clean += not wrong
                    print(f"{dialect}, state {ordinal}: {'; '.join(wrong) or 'clean'} ({said})", flush=True)
        except servers.ServerUnavailable as error:
            print(f"gc dangling {dialect}: NOT RUN: {error}", file=sys.stderr)
            return 2
        failed = failed or clean != len(states)
        print(f"gc dangling {dialect}: {clean} of {len(states)} states clean", flush=True)
    return 1 if failed else 0


def _check(target, dialect, ordinal, links):
    """(what is wrong, what was looked at)."""
    def make(url):
        rebuild.build_state(url, ordinal, live_paths.PROJECT / "fixtures")
        seed.seed(url, dialect, ordinal, live_paths.PROJECT / "fixtures", readable=True)

    target.copies(make, [DATABASE])
    engine = sqlalchemy.create_engine(target.url(DATABASE), poolclass=sqlalchemy.pool.NullPool)
    with engine.begin() as connection:
        _mark(connection)
    before, held = _read(engine, links)
    counts, wrong = _counts(engine), []
    for options in (OPTIONS, [*OPTIONS, "--orphans"]):
        done = collect.mltrack_gc(target.url(DATABASE), options)
        if done.code != DONE:
            return [f"mltrack gc {' '.join(options)}: exit {done.code}: {done.text[-1500:]}"], "stopped"
        after, _ = _read(engine, links)
        for link, rows in after.items():
            new = rows if "--orphans" in options else rows - before.get(link, set())
            if new:
                wrong.append(f"{link}: {len(new)} rows after {options[-1]}, as {sorted(new)[0][:300]}")
    left = _counts(engine)
    for name in ("runs", "experiments", "logged_models", "jobs"):
        if name in counts and left[name] >= counts[name]:
            wrong.append(f"no row of {name} was collected")
    if left["runs"] == 0 or left["experiments"] == 0:
        wrong.append("nothing is left, so nothing was at risk")
    wrong += _notices(engine, links, after)
    engine.dispose()
    target.drop(DATABASE)
    gone = sum(counts.values()) - sum(left.values())
    return wrong, f"{sum(1 for n in held.values() if n)} of {len(held)} links with rows, {gone} of {sum(counts.values())} rows went"


def _read(engine, links):
    with engine.connect() as connection:
        return dangling_links.dangling(connection, links)


def _counts(engine):
    with engine.connect() as connection:
        names = sqlalchemy.inspect(connection).get_table_names()
        quote = connection.dialect.identifier_preparer.quote_identifier
        return {name: connection.exec_driver_sql(f"SELECT count(*) FROM {quote(name)}").scalar() for name in names}


def _mark(connection):
    """Every second run and experiment is deleted; an experiment takes its runs along, as in MLflow."""
    def rows(statement):
        return connection.exec_driver_sql(statement).fetchall()

    def mark(statement, ids):
        for (id_,) in ids:
            connection.execute(sqlalchemy.text(statement), {"id": id_})

    deleted = rows("SELECT experiment_id FROM experiments ORDER BY experiment_id")[1::2]
    mark("UPDATE experiments SET lifecycle_stage = 'deleted' WHERE experiment_id = :id", deleted)
    mark("UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = 1 WHERE experiment_id = :id", deleted)
    mark("UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = 1 WHERE run_uuid = :id",
         rows("SELECT run_uuid FROM runs ORDER BY run_uuid")[::2])
    if sqlalchemy.inspect(connection).has_table("logged_models"):
        mark("UPDATE logged_models SET lifecycle_stage = 'deleted' WHERE model_id = :id",
             rows("SELECT model_id FROM logged_models ORDER BY model_id")[::2])


def _notices(engine, links, clean):
    """The queries see a run that is taken away from under its rows; rolled back."""
    with engine.connect() as connection, connection.begin() as transaction:
        if engine.dialect.name == "mysql":
            connection.exec_driver_sql("SET SESSION foreign_key_checks = 0")
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("DELETE FROM runs")
        found, _ = dangling_links.dangling(connection, links)
        transaction.rollback()
    return [] if found.keys() - clean.keys() else ["the queries do not notice runs that are taken away"]


if __name__ == "__main__":
    sys.exit(main())
