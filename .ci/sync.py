"""Hold fixtures/tools/sync against what is known: from the head of MLflow 3.16, 3.18.0 brings five revisions.

A migration of MLflow's that is edited, and a helper that one imports, must be told with their difference.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "fixtures/tools/sync"))

import port

SYNC = [sys.executable, "fixtures/tools/sync/sync.py"]
PROJECT = Path(__file__).resolve().parents[1]
RELEASE = "3.18.0"
NEW = ["75868b020152", "dc11669786a5", "e7d1f4b2a9c6", "8b6ad64cb8f5", "f4a9b2c7d1e6"]
VERSIONS = Path("store/db_migrations/versions")
EDITED = VERSIONS / "c3d9e7f1a2b4_add_target_value_to_budget_policies.py"
# What the goldens alone say of two revisions.
DERIVED = {
    61: ["addColumn('budget_policies', column('target_value', string(255)))",
         "createIndex('budget_policies', index('idx_budget_policies_target_value', ['target_value']))"],
    70: [f"alterColumn('{table}', '{column}', {{ type: string(128, {{ caseSensitive: true }}) }})"
         for table, column in (("mcp_access_endpoints", "server_version"), ("mcp_server_aliases", "version"),
                               ("mcp_server_version_tags", "version"), ("mcp_server_versions", "version"))],
}
HELPER = Path("store/db/trace_analytics_backfill_75868b020152.py")


def sync(*options) -> tuple[int, dict]:
    """Exit code and report of a dry run."""
    done = subprocess.run([*SYNC, RELEASE, "--dry-run", "--json", *map(str, options)], text=True, check=False,
                          stdout=subprocess.PIPE, env=os.environ)
    return done.returncode, json.loads(done.stdout or "{}")


def edited(package: Path, directory: Path) -> Path:
    """A copy of the package with one revision and one helper changed, and the comments of all revisions."""
    copy = directory / "mlflow"
    shutil.copytree(package, copy, ignore=lambda _, names: [name for name in names if name.endswith((".js", ".pyc"))])
    for path in (copy / VERSIONS).glob("*.py"):
        path.write_text(f"# Another comment.\n{path.read_text()}")
    for path, old, new in ((EDITED, "length=255", "length=300"), (HELPER, "import math", "import math  # noqa\nMORE = 1")):
        text = (copy / path).read_text()
        assert old in text, f"{path} has no {old}"
        (copy / path).write_text(text.replace(old, new))
    return copy


def main() -> int:
    """0 where each says what it must."""
    wrong = []

    def must(what, said, wanted):
        print(f"{'ok' if said == wanted else 'WRONG'}  {what}: {said}")
        wrong.extend([what] if said != wanted else [])

    code, report = sync("--pretend-head", "3.16")
    must("from 3.16, exit code", code, 3)
    must("from 3.16, new", [new["revision"] for new in report["new"]], NEW)
    must("from 3.16, left", [one["revision"] for one in report["left"] if one["revision"]], NEW)
    must("from 3.16, edited", report["edited"] + report["helpers"], [])
    for ordinal, operations in DERIVED.items():
        must(f"derived, {ordinal}", port.derived(PROJECT, ordinal)[0], operations)
    python = os.environ.get("MLFLOW_PYTHON", sys.executable)
    package = Path(subprocess.run(
        [python, "-c", "import importlib.util as u; print(u.find_spec('mlflow').submodule_search_locations[0])"],
        capture_output=True, text=True, check=True).stdout.strip())
    with tempfile.TemporaryDirectory() as directory:
        code, report = sync("--package", edited(package, Path(directory)), "--old", package)
    must("edited, exit code", code, 3)
    must("edited, revisions", [one["revision"] for one in report["edited"]], ["c3d9e7f1a2b4"])
    must("edited, helpers", [(one["what"], one["revisions"]) for one in report["helpers"]],
         [(str(HELPER), ["75868b020152"])])
    lines = report["edited"][0]["difference"]
    must("edited, difference", [line[0] for line in lines if "String(length=" in line], ["-", "+"])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
