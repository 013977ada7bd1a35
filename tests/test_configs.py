"""Every config is parsed, its model built with random weights, and run on a handful of generated images."""

import json

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.runner import Runner
from mmpretrain.registry import TASK_UTILS
from paths import ROOT
from PIL import Image

CONFIGS = ROOT / "configs"
BASES = sorted((CONFIGS / "_base_").rglob("*.py"))
RUNNABLE = sorted(set(CONFIGS.rglob("*.py")) - set(BASES))
WORDS = [f"word {chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(120)]


@TASK_UTILS.register_module()
class SaysNo:
    """A language model that objects to nothing."""

    name = "says-no"

    def replies(self, system, questions):
        yield from ((i, "No") for i, _ in enumerate(questions))

    def check(self):
        pass

    def close(self):
        pass


def name(path):
    return path.relative_to(CONFIGS).as_posix()


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Two ID classes and one OOD folder of generated photographs."""
    root = tmp_path_factory.mktemp("images")
    noise = np.random.default_rng(0)
    for folder in ("id/a", "id/b", "ood"):
        (root / folder).mkdir(parents=True)
        for i in range(2):
            Image.fromarray(noise.integers(0, 256, (90, 120, 3), dtype=np.uint8)).save(root / folder / f"{i}.jpg")
    return root


def shrink_miner(miner, tmp_path):
    """On few words, without a language model of its own."""
    if miner.type in ("NegMining", "RandomWords", "CSP"):
        miner.update(corpus=str(tmp_path / "words.txt"), ratio=1.0)
    elif miner.type == "ReadyList":
        miner.update(path=str(tmp_path / "words.txt"))
    elif miner.type == "NegFilter":
        shrink_miner(miner.pool, tmp_path)
        if miner.judge.type == "LLMJudge":
            miner.judge.log, miner.judge.model = str(tmp_path / "decisions.jsonl"), {"type": "SaysNo"}


def shrink(config, images, tmp_path):
    """The config's own model, scores, miners and preprocessing, on few words and few images."""
    (tmp_path / "words.txt").write_text("\n".join(WORDS))
    config.model.class_names = ["a", "b"]
    config.model.backbone.pretrained = None
    for bank in config.custom_hooks[0].banks.values():
        shrink_miner(bank, tmp_path)
    for score in config.model.scores.values():
        if score.get("groups"):
            score.groups = min(score.groups, 100)
    config.test_dataloader.update(batch_size=4, num_workers=0)
    dataset = config.test_dataloader.dataset
    dataset.id_set = {"name": "ID", "type": "CustomDataset", "data_root": str(images / "id")}
    dataset.ood_sets = [{"name": "OOD", "type": "ImageFolder", "data_root": str(images / "ood")}]
    config.work_dir = str(tmp_path / "work")
    return config


@pytest.mark.parametrize("path", RUNNABLE, ids=name)
def test_runs(path, images, tmp_path):
    config = shrink(Config.fromfile(path), images, tmp_path)
    Runner.from_cfg(config).test()
    metrics = json.loads((tmp_path / "work" / "metrics.json").read_text())
    assert metrics.keys() == config.model.scores.keys()


@pytest.mark.parametrize("path", RUNNABLE, ids=name)
def test_opens_with_its_launch_command(path):
    first = path.read_text().partition("_base_")[0]
    assert f"configs/{name(path)}" in first


@pytest.mark.parametrize("path", BASES, ids=name)
def test_bases_are_parsed(path):
    assert len(Config.fromfile(path)) > 0


def test_basenames_are_unique():
    names = [path.name for path in BASES + RUNNABLE]
    assert len(names) == len(set(names))


def test_swapping_the_backbone_is_one_dict():
    base = Config.fromfile(CONFIGS / "neglabel" / "neglabel_clip-vit-b16_in1k.py")
    other = Config.fromfile(CONFIGS / "neglabel" / "neglabel_clip-rn50_in1k.py")
    other.model.backbone.model_name = base.model.backbone.model_name
    assert other.to_dict() == base.to_dict()
