"""Kept image features: what names them, what makes them invalid, and that any number of processes keeps the same."""

import shutil

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from mmpretrain.registry import DATASETS, MODELS
from paths import TINY_CLIP
from safetensors import SafetensorError

from mmneglabel.backbones import OpenCLIPBackbone
from mmneglabel.engine.feature_cache import FeatureCache, ImageFeatures
from mmneglabel.engine.feature_cache_key import feature_recipe, list_images
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.ranks import rows_of_all

HOOK = {"type": "FeatureCacheHook"}


@pytest.fixture
def kept():
    return ImageFeatures(
        features=torch.eye(4),
        sets=torch.tensor([0, 0, 1, 2]),
        labels=torch.tensor([1, 0, -1, -1]),
        recipe={"image_tower": "abc", "dataset": {"pipeline": [1.5]}},
        images="0" * 64,
        set_names=("ID", "near", "far"),
        classes=("x", "y"),
        unreadable={3: "3.png: gone"},
    )


@pytest.fixture
def own_pictures(pictures, tmp_path):
    """A copy of the pictures that a test may change."""
    return shutil.copytree(pictures, tmp_path / "pictures")


@pytest.fixture
def benchmark(small_config, own_pictures):
    """Build a small benchmark, with changes."""

    def build(**changes):
        config = Config.fromfile(small_config()).test_dataloader.dataset
        config.id_set.data_root = str(own_pictures / "id")
        for image_set in config.ood_sets:
            image_set.data_root = str(own_pictures / image_set.name)
        return DATASETS.build(config | changes)

    return build


def test_round_trip(kept, private_cache):
    cache = FeatureCache()
    assert cache.load(kept.recipe) is None
    assert cache.save(kept).parent == private_cache / "features"
    again = cache.load(kept.recipe)
    for name in ("features", "sets", "labels"):
        assert torch.equal(getattr(again, name), getattr(kept, name))
    for name in ("recipe", "images", "set_names", "classes", "unreadable"):
        assert getattr(again, name) == getattr(kept, name)


@pytest.mark.parametrize("length", [0, 7, 200, -1])
def test_truncation_is_said_and_not_trusted(kept, length, caplog):
    path = FeatureCache().save(kept)
    path.write_bytes(path.read_bytes()[:length])
    assert FeatureCache().load(kept.recipe) is None
    assert "Ignoring it." in caplog.text


def test_every_edit_is_noticed(kept, tmp_path):
    kept.save(tmp_path / "f")
    whole = (tmp_path / "f").read_bytes()
    for position in range(0, len(whole), len(whole) // 40):
        (tmp_path / "f").write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(DataError):
            ImageFeatures.load(tmp_path / "f")


def test_other_features_under_the_name_are_not_trusted(kept, caplog):
    cache, other = FeatureCache(), {"image_tower": "other"}
    cache.save(kept).rename(cache.path(other))
    assert cache.load(other) is None
    assert "holds other features than its name says" in caplog.text


def test_what_cannot_be_written_is_said(kept, caplog, monkeypatch, private_cache):
    def full(*_, **__):
        raise SafetensorError("I/O error: No space left on device")

    monkeypatch.setattr("mmneglabel.storage.tensor_file.save_file", full)
    assert FeatureCache().save(kept) is None
    assert "could not be kept" in caplog.text
    assert not list((private_cache / "features").iterdir())


def test_the_recipe_changes_with_all_that_decides_the_features(small_config):
    def recipe(autocast=False, **changes):
        config = Config.fromfile(small_config(**changes))
        return feature_recipe(MODELS.build(config.model), config.test_dataloader.dataset, autocast)

    names = ("mean", "std")
    own = {"type": "mmpretrain.ImagePreprocessor", "to_rgb": False, **{name: [127.5] * 3 for name in names}}
    pipeline, ood = "test_dataloader.dataset.pipeline", "test_dataloader.dataset.ood_sets"
    plain = recipe()
    same = (
        recipe(**{"model.scores.MCM.temperature": 0.5}),
        recipe(**{"custom_hooks.0.banks.neglabel.ratio": 0.5}),
        recipe(**{"test_dataloader.dataset.groups": {"all": ["near", "far"]}}),
        recipe(**{"model.data_preprocessor": own}),
    )
    others = (
        recipe(autocast=True),
        recipe(**{"model.backbone.seed": 1}),
        recipe(**{"model.data_preprocessor": {**own, "std": [127.5, 127.5, 128]}}),
        recipe(**{"model.data_preprocessor": {**own, "to_rgb": True}}),
        recipe(**{f"{pipeline}.1.interpolation": "bicubic"}),
        recipe(**{f"{ood}.0.pipeline": Config.fromfile(small_config()).test_dataloader.dataset.pipeline}),
        recipe(**{f"{ood}.0.name": "other"}),
    )
    assert all(recipe == plain for recipe in same)
    names = [FeatureCache().path(recipe) for recipe in (plain, *others)]
    assert len(set(names)) == len(names)


def test_an_open_clip_tower_is_its_visual_part():
    tower = OpenCLIPBackbone(TINY_CLIP)
    first = tower.image_fingerprint()
    assert OpenCLIPBackbone(TINY_CLIP).image_fingerprint() != first  # other random weights
    with torch.no_grad():
        tower.model.token_embedding.weight.add_(1)
    assert tower.train().image_fingerprint() == first
    pooling = tower.model.visual.pool_type
    tower.model.visual.pool_type = "avg"
    assert tower.image_fingerprint() != first
    tower.model.visual.pool_type = pooling
    with torch.no_grad():
        tower.model.visual.proj[0, 0] += 1
    assert tower.image_fingerprint() != first


def test_the_list_changes_with_every_file(benchmark, own_pictures):
    first = list_images(benchmark())
    assert (first.missing, first.sets.bincount().tolist()) == (0, [17, 9, 5])
    assert first.labels.tolist() == [0] * 5 + [1] * 6 + [2] * 6 + [-1] * 14
    one = own_pictures / "near" / "3.png"
    data = one.read_bytes()
    one.write_bytes(data + b"x")
    replaced = list_images(benchmark())
    one.rename(own_pictures / "near" / "a.png").write_bytes(data)
    renamed = list_images(benchmark())
    (own_pictures / "near" / "a.png").rename(one)
    shutil.move(own_pictures / "id/x/0.png", own_pictures / "id/y/x.png")
    relabelled = list_images(benchmark())
    assert len({each.checksum for each in (first, replaced, renamed, relabelled)}) == 4


def test_images_in_memory_count_in_full(benchmark, monkeypatch):
    images = benchmark()

    def in_memory(value):
        info = {"img": np.full((2, 2, 3), value, dtype=np.uint8), "gt_label": [1], "ood_set": "ID"}
        monkeypatch.setattr(images, "get_data_info", lambda _: info)
        return list_images(images)

    first, again, other = in_memory(0), in_memory(0), in_memory(1)
    assert first.checksum == again.checksum != other.checksum
    assert (first.missing, first.labels.unique().tolist()) == (0, [1])


def test_files_that_are_gone_are_counted(benchmark, own_pictures):
    images = benchmark()
    (own_pictures / "far" / "0.png").unlink()
    assert list_images(images).missing == 1


def test_the_hook_keeps_what_the_model_sees(small_config, private_cache):
    config = Config.fromfile(small_config())
    config.custom_hooks.append(HOOK)
    runner = Runner.from_cfg(config)
    runner.test()
    (path,) = (private_cache / "features").iterdir()
    kept = ImageFeatures.load(path)
    assert runner.model.keep_features is False
    assert (kept.set_names, kept.classes, kept.unreadable) == (("ID", "near", "far"), ("x", "y", "z"), {})
    pixels = torch.stack([runner.test_dataloader.dataset[i]["inputs"] for i in (0, 30)])
    seen = runner.model.extract_feat(runner.model.data_preprocessor({"inputs": pixels})["inputs"])
    assert torch.equal(kept.features[[0, 30]], seen)
    assert kept.features.dtype == torch.float32


def test_the_hook_wants_our_classifier(small_config):
    config = Config.fromfile(small_config(custom_hooks=[HOOK]))
    config.model = {"type": "ImageClassifier", "backbone": {"type": "LeNet5", "num_classes": 3}}
    with pytest.raises(ConfigError, match="NegLabelClassifier, but the model is ImageClassifier"):
        Runner.from_cfg(config).test()


def test_rows_go_to_their_images():
    rows = torch.randn(5, 3)
    assert torch.equal(rows_of_all(torch.tensor([4, 2, 0, 1, 3]), rows, 5), rows[[2, 3, 1, 4, 0]])
