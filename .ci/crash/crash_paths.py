"""Makes the comparison of .ci/parity importable: what heals must be equal by its measure."""

import sys
from pathlib import Path

PARITY = Path(__file__).resolve().parent.parent / "parity"

sys.path[:0] = [str(PARITY), str(PARITY.parents[1] / "fixtures" / "tools")]
FIXTURES = PARITY.parents[1] / "fixtures"
