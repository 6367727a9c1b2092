"""A stand-in for mltrack that upgrades with MLflow itself, and then does one thing wrong if asked.

    python stand_in.py db upgrade URL --yes        MLTRACK_MUTANT=<name of mutants.MUTANTS>

With it the comparison must find no difference without a mutant, and a difference with each.
"""

import logging
import os
import sys

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from mlflow.store.db.utils import _upgrade_db, create_sqlalchemy_engine

import mutants


def main(argv) -> int:
    """0, or 2 for arguments that mltrack would not take either."""
    if len(argv) != 4 or argv[:2] != ["db", "upgrade"] or argv[3] != "--yes":
        print("usage: stand_in.py db upgrade URL --yes", file=sys.stderr)
        return 2
    logging.disable(logging.CRITICAL)
    engine = create_sqlalchemy_engine(argv[2])
    _upgrade_db(engine)
    if name := os.environ.get("MLTRACK_MUTANT"):
        mutants.apply(name, engine)
    engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
