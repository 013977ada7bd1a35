"""Where the tests find their files; golden vectors of the same form may be put in place of ours."""

import os
from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
GOLDEN = Path(os.environ.get("MMNEGLABEL_GOLDEN", TESTS / "golden"))
TINY_CLIP = str(TESTS / "assets" / "tiny-clip.json")
