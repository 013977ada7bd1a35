"""How OpenMMLab finds what is ours: `list_models`, `get_model`, `_base_` by path, and the scope `mmneglabel::`."""

from pathlib import Path

import mmpretrain
import pytest
from mmengine.config import Config
from mmengine.registry import HOOKS, MODELS, TRANSFORMS, DefaultScope
from paths import ROOT, TINY_CLIP

import mmneglabel
from mmneglabel.errors import ConfigError

pytestmark = pytest.mark.smoke


def test_every_config_is_listed():
    names = {path.stem.lower() for path in (ROOT / "configs").glob("[!_]*/*.py")}
    assert names <= set(mmpretrain.list_models())
    assert "neglabel_clip-vit-b16_in1k" in mmpretrain.list_models("*neglabel*")


def test_a_model_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    demo = mmpretrain.get_model("neglabel_demo")
    assert not demo.training
    assert next(demo.backbone.parameters()).std() > 0
    backbone = {"model_name": TINY_CLIP, "pretrained": None}
    paper = mmpretrain.get_model("neglabel_clip-vit-b16_in1k", backbone=backbone)
    assert type(paper) is type(demo)


@pytest.mark.parametrize("name", ["neglabel/neglabel_demo.py", "configs/neglabel/neglabel_demo.py"])
def test_a_config_inherits_from_a_shipped_one(tmp_path, monkeypatch, name):
    """In any folder, and though a file of the same name lies there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text("nothing = 1\n")
    mine = tmp_path / "mine.py"
    mine.write_text(f'_base_ = [__import__("mmneglabel").config("{name}")]\nwork_dir = "mine"\n')
    config = Config.fromfile(mine)
    assert config.model.type == "NegLabelClassifier"
    assert config.work_dir == "mine"
    assert Path(mmneglabel.config(name)).samefile(ROOT / "configs/neglabel/neglabel_demo.py")


def test_no_shipped_config_of_that_name():
    with pytest.raises(ConfigError, match=r"did you mean 'configs/neglabel/neglabel_demo\.py'"):
        mmneglabel.config("neglabel/neglabel_dem.py")


@pytest.mark.parametrize(
    ("registry", "name"),
    [(MODELS, "NegLabelClassifier"), (MODELS, "ResNet"), (TRANSFORMS, "PackInputs"), (HOOKS, "CheckpointHook")],
)
def test_our_scope_finds_ours_mmpretrains_and_mmengines(registry, name):
    with DefaultScope.overwrite_default_scope("mmpretrain"), registry.switch_scope_and_registry("mmpretrain") as theirs:
        expected = theirs.get(name)
    with registry.switch_scope_and_registry("mmneglabel") as ours:
        assert ours.scope == "mmneglabel"
        assert ours.get(name) is expected is not None
