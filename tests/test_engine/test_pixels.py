"""The same pixels by every way in: plain Python, a config, a config with a checkpoint."""

import logging

import pytest
import torch
from mmengine.config import Config
from mmpretrain.registry import DATASETS, MODELS
from paths import ROOT
from PIL import Image

from mmneglabel.backbones import OpenCLIPBackbone, normalised
from mmneglabel.engine import pixels
from mmneglabel.engine.pixels import settle_pixels

DEMO = ROOT / "demo"
PICTURE = next((DEMO / "pictures" / "animals").rglob("*.png"))


@pytest.mark.parametrize("load_weights", [True, False])
def test_the_demos_pixels_are_the_same_by_config_and_by_hand(load_weights):
    config = Config.fromfile(ROOT / "configs" / "neglabel" / "neglabel_demo.py")
    config.model.backbone.load_weights = load_weights  # False where a checkpoint follows
    model, benchmark = MODELS.build(config.model), DATASETS.build(config.test_dataloader.dataset)
    settle_pixels({"the test set": benchmark}, model, logging.getLogger())
    index = next(i for i in range(len(benchmark)) if benchmark.get_data_info(i)["img_path"].endswith(PICTURE.name))
    item = benchmark[index]
    batch = {"inputs": [item["inputs"]], "data_samples": [item["data_samples"]]}
    shown = model.data_preprocessor(batch, False)["inputs"][0]
    tower = OpenCLIPBackbone(str(DEMO / "mmneglabel-demo.json"), str(DEMO / "mmneglabel-demo.safetensors"))
    by_hand = normalised(Image.open(benchmark.get_data_info(index)["img_path"]).convert("RGB"), tower.preprocessing)
    torch.testing.assert_close(shown, by_hand, rtol=0, atol=1e-5)
    assert tower.preprocessing.mean == (0.5, 0.5, 0.5)


def test_of_sets_of_a_kind_that_are_given_a_pipeline_one_is_tried(monkeypatch):
    config = Config.fromfile(ROOT / "configs" / "neglabel" / "neglabel_demo.py")
    model, benchmark = MODELS.build(config.model), DATASETS.build(config.test_dataloader.dataset)
    tried = []
    monkeypatch.setattr(pixels, "_check", lambda name, *_: tried.append(name))
    settle_pixels({"the test set": benchmark}, model)
    assert tried == list(benchmark.set_names[:2])  # ID and OOD sets are of two classes
    settle_pixels({"the test set": benchmark}, model)  # now each has one, and who knows whose
    assert tried[2:] == list(benchmark.set_names)
