"""Makes the fixture tools and the parity harness importable: throw-away servers, databases, MLflow's server."""

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

sys.path[:0] = [str(PROJECT / "fixtures" / "tools"), str(PROJECT / ".ci" / "parity")]
