"""What importing mmneglabel says where MMEngine, MMPretrain or MMCV is missing."""

import importlib.util
import runpy

import pytest

from mmneglabel import requirements


@pytest.mark.parametrize("gone", [{"mmengine"}, {"mmpretrain"}, {"mmcv"}, {"mmengine", "mmcv"}], ids=sorted)
def test_a_missing_module_names_both_stacks(monkeypatch, gone):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in gone else requirements.__spec__)
    with pytest.raises(ImportError) as caught:
        runpy.run_path(requirements.__file__)
    line = str(caught.value)
    assert "\n" not in line
    assert [name for name in ("mmengine", "mmpretrain", "mmcv") if name in line.partition(":")[0]] == sorted(
        gone, key=["mmengine", "mmpretrain", "mmcv"].index
    )
    assert "mmneglabel[openmmlab]" in line
    assert "mmneglabel[onedl]" in line
