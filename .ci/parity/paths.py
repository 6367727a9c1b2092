"""Where things are in the project, and the fixture tools made importable.

The start states and the throw-away servers belong to fixtures/tools; importing this module is
enough to `import rebuild` and `import servers` from there.
"""

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
FIXTURES = PROJECT / "fixtures"

sys.path[:0] = [str(FIXTURES / "tools")]
