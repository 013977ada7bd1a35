import subprocess
import sys

import pytest

from mmneglabel.errors import ConfigError
from mmneglabel.posthoc import MSPDetector, ODINDetector, ReActDetector

ASK = """
import sys
from mmneglabel import posthoc
for name in posthoc.__all__:
    if name.endswith("Detector") and name not in ("Detector", "ReActDetector", "ODINDetector"):
        getattr(posthoc, name)()
print("pytorch_ood" in sys.modules)
posthoc.ReActDetector()
print("pytorch_ood" in sys.modules)
"""


@pytest.mark.parametrize("detector", [ReActDetector, ODINDetector])
def test_without_the_library_one_line_says_what_to_install(detector, monkeypatch):
    monkeypatch.setitem(sys.modules, "pytorch_ood", None)
    with pytest.raises(
        ConfigError, match=rf"{detector.__name__} needs pytorch-ood .*pip install 'mmneglabel\[train\]'"
    ):
        detector()
    MSPDetector()


def test_is_imported_only_where_it_is_wanted():
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
