"""Environments with the MLflow releases, and the SQLAlchemy and Alembic of their day.

What decides how a schema is made is MLflow, SQLAlchemy, Alembic and the driver: these are the release's
own. The rest is what `import mlflow` needs (mlflow-skinny's requirements), in whatever version installs, and
Python is the one that runs this. uv makes six of them in seconds; pip needs minutes.
"""

import os
import subprocess
import sys
from pathlib import Path

import paths  # noqa: F401
from database_releases import DRIVER, RELEASES, Release

UV = "uv==0.13.9"
# With SQLAlchemy 1.3, which gave booleans a CHECK. 1.2 needs Python 3.7; its databases are in fixtures/databases.
ALCHEMY_1_3 = ("sqlalchemy==1.3.24", "alembic==1.4.1", "setuptools<60", "protobuf<3.21", DRIVER)
EARLY = (Release("1.14", "1.14.1", "a8c4a736bde6", "3.11", ALCHEMY_1_3),
         Release("1.20", "1.20.2", "c48cb773bb87", "3.11", ALCHEMY_1_3))
LINES = ("1.14", "1.20", "1.30", "2.9", "2.22", "3.4", "3.10", "3.16")
CURRENT = "3.18"  # the environment that runs this
PYMYSQL = {"1.14": "1.0.2", "1.20": "1.0.2", "1.30": "1.0.2", "2.9": "1.1.0", "2.22": "1.1.1", "3.4": "1.1.2",
           "3.10": "1.1.2", "3.16": "1.2.4"}
# 1.x uses names that numpy 1.24 and pandas 2 took away.
FIRST_OF_1 = ["numpy==1.23.5", "pandas==1.5.3"]
OLD = {"1.14": FIRST_OF_1, "1.20": FIRST_OF_1, "1.30": FIRST_OF_1, "2.9": ["numpy<2", "pandas<3"]}


def pythons(folder: Path) -> dict:
    """{line: the Python of its environment}; what is not in `folder` yet is made there."""
    found = {}
    for release in (release for release in (*EARLY, *RELEASES) if release.line in LINES):
        home = folder / f"slim-{release.line}"
        if not (home / "mltrack-ready").exists():  # an installation may have been interrupted
            _make(release, home, folder)
            (home / "mltrack-ready").touch()
        found[release.line] = home / "bin" / "python"
    return {**{line: found[line] for line in LINES}, CURRENT: Path(sys.executable)}


def _make(release, home: Path, folder: Path) -> None:
    environment = {**os.environ, "UV_CACHE_DIR": str(folder / "uv-cache")}
    if "PIP_CERT" in environment:
        environment.setdefault("SSL_CERT_FILE", environment["PIP_CERT"])
    if "PIP_INDEX_URL" in environment:
        environment.setdefault("UV_DEFAULT_INDEX", environment["PIP_INDEX_URL"])

    def uv(*arguments):
        subprocess.run([_uv(folder), *arguments], check=True, env=environment)

    uv("venv", "-q", "--clear", "--python", sys.executable, str(home))
    into = ("pip", "install", "-q", "--python", str(home / "bin" / "python"))
    uv(*into, f"mlflow-skinny=={release.version}", "sqlparse", *OLD.get(release.line, ["numpy", "pandas"]),
       f"pymysql=={PYMYSQL[release.line]}", *release.packages)
    uv(*into, "--no-deps", f"mlflow=={release.version}")


def _uv(folder: Path) -> str:
    home = folder / "uv"
    if not (home / "bin" / "uv").exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin" / "python"), "-m", "pip", "install", "-q", UV], check=True)
    return str(home / "bin" / "uv")
