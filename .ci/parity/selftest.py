"""Does the comparison notice? Each mutant of mutants.py must make a difference; no mutant, or
an allowed one, none.

    python selftest.py [--dialects sqlite,postgresql,mysql,mariadb] [--only NAME]

Both copies are upgraded by MLflow, so mltrack is not needed here.
"""

import argparse
import logging
import os
import sys
import warnings

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported
warnings.simplefilter("ignore")

import paths

import sqlalchemy

import mutants
import one_state
import rebuild
import seed
import servers
import targets
import upgrades


def main(argv=None) -> int:
    """Run from the command line; 0 if every mutant was noticed and the clean copy found equal."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dialects", default="sqlite,postgresql,mysql,mariadb")
    parser.add_argument("--only", help="one mutant's name")
    parser.add_argument("--turns", action="store_true", help="MySQL and MariaDB take every other mutant each")
    parser.add_argument("--verbose", action="store_true", help="say by what each was noticed")
    args = parser.parse_args(argv)
    servers.exit_on_sigterm()
    logging.disable(logging.CRITICAL)
    missed = 0
    for dialect in args.dialects.split(","):
        wanted = [args.only] if args.only else mutants.names(dialect)
        made = len(wanted)
        if args.turns and dialect in targets.TWINS:
            wanted = [mutant for place, mutant in enumerate(wanted) if targets.turn(dialect, place)]
        with targets.start(dialect) as server:
            found = list(check(targets.TARGETS[dialect](server), dialect, wanted))
        wrong = [line for right, line in found if not right]
        shown = [line for _, line in found] if args.verbose else wrong
        print("\n".join(shown), end="\n" if shown else "")
        missed += len(wrong)
        left = f" ({len(wanted)} of {made} mutants here)" if len(wanted) < made else ""
        print(f"selftest {dialect}: {len(found) - len(wrong)} of {len(found)} as they must be{left}")
    return 1 if missed else 0


def check(target, dialect: str, wanted: list):
    """Yield (whether it is as it must be, a line that says what came of it)."""
    windows = []

    def make(url):
        rebuild.build_state(url, mutants.STATE, paths.FIXTURES)
        seed.seed(url, dialect, mutants.STATE, paths.FIXTURES)
        windows.append(upgrades.run_mlflow(url))

    target.copies(make, ["judge", "clean"])
    judge = target.read("judge")
    # Where a copy is made by a second upgrade, "clean" compares MLflow with itself.
    for name, mutant in [("clean", None), *((f"mutant_{number:02}", wanted_one)
                                            for number, wanted_one in enumerate([None, *wanted]))]:
        if name != "clean":
            target.clone("judge", name)
        if mutant and (problem := _apply(target, name, mutant)):
            yield False, f"{dialect}, {mutant}: could not be made: {problem}"
            continue
        lines = list(one_state.differences(target, ["judge", name], windows[0], windows[-1 if name == "clean" else 0], judge))
        yield bool(lines) == (mutant in mutants.MUTANTS), f"{dialect}, {mutant or f'no mutant, {name}'}: {lines[:2] or 'NOT NOTICED'}"
        target.drop(name)


def _apply(target, name, mutant):
    engine = sqlalchemy.create_engine(target.url(name), poolclass=sqlalchemy.pool.NullPool)
    try:
        mutants.apply(mutant, engine)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
