"""Kept image features: what names them, what makes them invalid, and what a test keeps."""

import hashlib
import os
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from mmpretrain.registry import DATASETS, MODELS
from paths import TINY_CLIP

from mmneglabel.backbones import OpenCLIPBackbone
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.features import KeptFeatures, check_images, feature_recipe, feature_store, list_images
from mmneglabel.features.images import as_digest, digest_of, stats
from mmneglabel.ranks import rows_of_all, rows_on_first
from mmneglabel.storage.fingerprints import fingerprint

KEEP = {"type": "OODTestLoop", "features": "keep"}
MEND = "keep them again"


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


def keep(images):
    """Features of all images of a benchmark, as if they had been computed."""
    listed = list_images(images)
    return KeptFeatures.of(
        listed,
        torch.from_numpy(np.stack([digest_of(path) for path in listed.paths])),
        features=torch.eye(31),
        stats=stats(listed.paths),
        recipe={"image_tower": "abc", "dataset": {"pipeline": [1.5]}},
        set_names=("ID", "near", "far"),
        classes=("x", "y"),
        unreadable=((3, "3.png: gone"),),
    )


def test_round_trip(benchmark, private_cache):
    store, kept = feature_store(), keep(benchmark())
    assert store.save(kept).parent == private_cache / "features"
    again = store.load(fingerprint(kept.recipe))
    assert torch.equal(again.features, kept.features)
    assert again.images.same_names(kept.images)
    assert dict(again.unreadable) == dict(kept.unreadable)
    assert check_images(again, list_images(benchmark()), MEND) == 0


def age(path, seconds=5):
    """Give a file another time."""
    os.utime(path, ns=(0, path.stat().st_mtime_ns + seconds * 10**9))


def test_a_copy_is_the_same_picture_whatever_its_time(benchmark, own_pictures):
    kept = keep(benchmark())
    age(own_pictures / "near" / "3.png")
    assert check_images(kept, list_images(benchmark()), MEND) == 0


def test_another_picture_of_the_same_size_is_refused(benchmark, own_pictures):
    kept, picture = keep(benchmark()), own_pictures / "near" / "3.png"
    picture.write_bytes(picture.read_bytes()[::-1])
    age(picture)
    with pytest.raises(DataError, match=r"near/3\.png changed since its features were kept: keep them again\."):
        check_images(kept, list_images(benchmark()), MEND)


def test_a_file_of_the_same_size_and_time_is_not_read(benchmark, monkeypatch):
    kept = keep(benchmark())
    monkeypatch.setattr("mmneglabel.features.kept.digest_of", None)
    assert check_images(kept, list_images(benchmark()), MEND) == 0


def test_a_picture_whose_bytes_nobody_knew_is_not_trusted(benchmark, own_pictures):
    kept = keep(benchmark())
    age(own_pictures / "near" / "3.png")
    with pytest.raises(DataError, match="changed since"):
        check_images(replace(kept, digests=torch.zeros_like(kept.digests)), list_images(benchmark()), MEND)


@pytest.mark.parametrize("change", ["renamed", "relabelled", "more", "fewer"])
def test_other_names_and_labels_are_refused(benchmark, own_pictures, change):
    kept, picture = keep(benchmark()), own_pictures / "id" / "x" / "0.png"
    places = {"renamed": picture.with_name("a.png"), "relabelled": own_pictures / "id" / "y" / "x.png"}
    if change == "more":
        shutil.copy(picture, picture.with_name("new.png"))
    elif change == "fewer":
        picture.unlink()
    else:
        picture.rename(places[change])
    with pytest.raises(DataError, match=r"The images changed .* \(31 then, \d\d now, by name and label\)"):
        check_images(kept, list_images(benchmark()), MEND)


def test_files_that_are_gone_are_counted(benchmark, own_pictures):
    kept, listed = keep(benchmark()), list_images(benchmark())
    (own_pictures / "far" / "0.png").unlink()
    assert check_images(kept, listed, MEND) == 1


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
    names = list(map(fingerprint, (plain, *others)))
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


def test_the_list(benchmark, own_pictures):
    listed = list_images(benchmark())
    assert listed.sets.bincount().tolist() == [17, 9, 5]
    assert listed.labels.tolist() == [0] * 5 + [1] * 6 + [2] * 6 + [-1] * 14
    assert listed.paths[30] == str(own_pictures / "far" / "4.png")
    (own_pictures / "near" / "3.png").rename(own_pictures / "near" / "a.png")
    assert list_images(benchmark()).checksum != listed.checksum


def test_images_in_memory_count_in_full(benchmark, monkeypatch):
    images = benchmark()

    def in_memory(value):
        info = {"img": np.full((2, 2, 3), value, dtype=np.uint8), "gt_label": [1], "ood_set": "ID"}
        monkeypatch.setattr(images, "get_data_info", lambda _: info)
        return list_images(images)

    first, again, other = in_memory(0), in_memory(0), in_memory(1)
    assert first.checksum == again.checksum != other.checksum
    assert (first.paths[0], first.labels.unique().tolist()) == ("", [1])
    others = {"features": torch.eye(31), "stats": stats(first.paths), "recipe": {}, "set_names": ("ID",)}
    kept = KeptFeatures.of(first, first.digests, classes=None, unreadable=(), **others)
    assert check_images(kept, again, MEND) == 0
    with pytest.raises(DataError, match="Image 0, held in memory, changed"):
        check_images(kept, other, MEND)


@pytest.mark.parametrize("carried", [True, False])
def test_the_loop_keeps_what_the_model_sees(small_config, pictures, carried, caplog, monkeypatch):
    if carried:
        monkeypatch.setattr("mmneglabel.features.collector.as_digest", lambda _: as_digest("11" * 32))
    runner = Runner.from_cfg(Config.fromfile(small_config(test_cfg=KEEP)))
    runner.test()
    recipe = feature_recipe(runner.model, runner.cfg.test_dataloader.dataset, autocast=False)
    kept = feature_store().load(fingerprint(recipe))
    assert runner.model.keep_features is False
    assert (kept.set_names, kept.classes, kept.unreadable) == (("ID", "near", "far"), ("x", "y", "z"), ())
    pixels = torch.stack([runner.test_dataloader.dataset[i]["inputs"] for i in (0, 30)])
    seen = runner.model.extract_feat(runner.model.data_preprocessor({"inputs": pixels})["inputs"])
    assert torch.equal(kept.features[[0, 30]], seen)
    assert kept.features.dtype == torch.float32
    want = "11" * 16 if carried else hashlib.sha256((pictures / "far" / "4.png").read_bytes()).hexdigest()[:32]
    assert kept.digests[30].tolist() == list(bytes.fromhex(want))
    assert ("31 pictures are read a second time for their digest" in caplog.text) is not carried


def test_keeping_wants_our_classifier(small_config):
    config = Config.fromfile(small_config(test_cfg=KEEP))
    config.model = {"type": "ImageClassifier", "backbone": {"type": "LeNet5", "num_classes": 3}}
    with pytest.raises(ConfigError, match="NegLabelClassifier, but the model is ImageClassifier"):
        Runner.from_cfg(config).test()


def test_an_unknown_way_with_features(small_config):
    config = Config.fromfile(small_config(test_cfg={"type": "OODTestLoop", "features": "save"}))
    with pytest.raises(ConfigError, match="features='save'; choose 'pass', 'keep' or 'kept'"):
        Runner.from_cfg(config).test()


def test_rows_go_to_their_images():
    rows = torch.randn(5, 3)
    assert torch.equal(rows_of_all(torch.tensor([4, 2, 0, 1, 3]), rows, 5), rows[[2, 3, 1, 4, 0]])
    assert rows_on_first(rows) is rows
