"""Where things are in the project; importing this is enough to import the fixtures' tools."""

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "fixtures" / "tools")]
