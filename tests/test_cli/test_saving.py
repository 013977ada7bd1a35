"""tools/save_checkpoint.py in this process: for every kind of config, and whole or not at all."""

import re

import pytest
import torch
from mmpretrain.registry import MODELS
from paths import ROOT, TINY_CLIP
from small_benchmark import write_config
from small_posthoc import small_posthoc
from test_tools.launching import launch

from mmneglabel.cli.saving import run_save
from mmneglabel.cli.testing import run_test

DEMO = ROOT / "configs" / "neglabel" / "neglabel_demo.py"


def save(*arguments):
    return launch(run_save, *arguments)


def test_a_config_with_a_preprocessor_of_its_own(tmp_path, capsys):
    assert save(DEMO, tmp_path / "demo.pth") == 0
    assert re.search(r"Saved [\d,]+ parameters", capsys.readouterr().out)
    saved = torch.load(tmp_path / "demo.pth", weights_only=True)
    assert saved["meta"]["backbone"]["type"] == "OpenCLIPBackbone"
    assert all(name.startswith("backbone.") for name in saved["state_dict"])


def test_options_decide_what_is_saved(small_config, tmp_path):
    for seed in (0, 3):
        assert save(small_config(), tmp_path / f"{seed}.pth", "--cfg-options", f"model.backbone.seed={seed}") == 0
    one, other = (torch.load(tmp_path / f"{seed}.pth")["state_dict"]["backbone.projection"] for seed in (0, 3))
    assert not torch.equal(one, other)


def test_a_trained_model_with_the_checkpoint_that_its_config_names(pictures, tmp_path, capsys):
    config = small_posthoc(pictures, tmp_path / "work", load_from=str(tmp_path / "first.pth"))
    path = write_config(tmp_path / "posthoc.py", config)
    first = MODELS.build({**config.model, "_scope_": "mmpretrain"}).state_dict()
    torch.save({"state_dict": first}, tmp_path / "first.pth")
    assert save(path, tmp_path / "second.pth") == 0
    second = torch.load(tmp_path / "second.pth")["state_dict"]
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert save(path, tmp_path / "third.pth", "--cfg-options", "load_from=None") == 1
    assert "random weights would be saved" in capsys.readouterr().err


def test_a_file_that_cannot_be_written(small_config, tmp_path, capsys, monkeypatch):
    assert save(small_config(), tmp_path / "gone" / "a.pth") == 1
    (tmp_path / "a.pth").mkdir()
    assert save(small_config(), tmp_path / "a.pth") == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line[:7] for line in lines] == ["error: "] * 2
    assert "make it first" in lines[0]
    assert "a.pth cannot be written" in lines[1]
    assert [path.name for path in tmp_path.glob("*a.pth*")] == ["a.pth"]


@pytest.mark.parametrize("name", ["tagfog/tagfog_resnet18-small_cifar10-animals", "tagfog/tagfog_wrn40-2_cifar10"])
def test_a_training_has_no_weights_to_save(name, tmp_path, capsys):
    assert save(ROOT / "configs" / f"{name}.py", tmp_path / "a.pth") == 1
    assert "describes a training" in capsys.readouterr().err


def test_a_checkpoint_tells_of_its_tower(small_config, tmp_path, capsys):
    """The same weights under another activation give other features, and fit."""
    towers = {
        activation: small_config(
            f"{activation}.py",
            **{
                "model.backbone": {"_delete_": True, "type": "OpenCLIPBackbone", "model_name": TINY_CLIP}
                | {"quick_gelu": activation},
                "test_dataloader.dataset.pipeline": None,
            },
        )
        for activation in (True, False)
    }
    assert save(towers[True], tmp_path / "a.pth") == 0
    assert launch(run_test, towers[True], tmp_path / "a.pth") == 0
    assert launch(run_test, towers[False], tmp_path / "a.pth") == 1
    assert "saved from a tower with other modules than model.backbone has" in capsys.readouterr().err
