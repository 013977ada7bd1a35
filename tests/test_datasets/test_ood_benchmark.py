import pickle

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmpretrain.models import ClsDataPreprocessor
from mmpretrain.registry import DATASETS
from torch.utils.data import DataLoader

from mmneglabel.datasets import OODBenchmark, Pictures
from mmneglabel.errors import ConfigError, DataError

PIPELINE = [
    {"type": "LoadRGBImage"},
    {"type": "ResizeEdge", "scale": 16, "edge": "short", "backend": "pillow", "interpolation": "bilinear"},
    {"type": "CenterCrop", "crop_size": 16},
    {"type": "PackInputs", "meta_keys": ("sample_idx", "img_path", "ori_shape", "img_shape", "unreadable")},
]


@pytest.fixture
def data(tmp_path, write_image):
    """Three ID images in two class folders, two OOD images in a tree, three in a labelled list (one unreadable)."""
    for i, name in enumerate(("id/cat/a.png", "id/cat/b.png", "id/dog/a.jpg", "sun/x/1.png", "sun/2.PNG", "n/1 a.png")):
        write_image(name, (20 + i, 17), seed=i)
    (tmp_path / "n" / "2.jpg").write_bytes(b"")
    (tmp_path / "n.txt").write_text("n/1 a.png 5\nn/2.jpg 7\nn/gone.png 1\n")
    return tmp_path


def id_config(root):
    return {"name": "pets", "type": "CustomDataset", "data_root": str(root / "id")}


def ood_configs(root):
    return [
        {"name": "SUN", "type": "Pictures", "data_root": str(root / "sun")},
        {"name": "NINCO", "type": "Pictures", "table": "n.txt", "data_root": str(root)},
    ]


def build(root, **changes):
    config = {"type": "OODBenchmark", "id_set": id_config(root), "ood_sets": ood_configs(root), "pipeline": PIPELINE}
    return DATASETS.build({**config, **changes})


def test_sets_in_order_each_image_tagged(data):
    dataset = build(data, groups={"near": ["NINCO"], "far": ["SUN"]})
    assert len(dataset) == 8
    samples = [dataset[i]["data_samples"] for i in range(8)]
    assert [sample.ood_set for sample in samples] == ["pets"] * 3 + ["SUN"] * 2 + ["NINCO"] * 3
    assert [sample.sample_idx for sample in samples] == list(range(8))
    assert [sample.gt_label.tolist() for sample in samples] == [[0], [0], [1]] + [[]] * 5
    assert [sample.unreadable is None for sample in samples] == [True] * 6 + [False] * 2
    assert samples[7].unreadable == f"{data / 'n' / 'gone.png'}: No such file or directory"
    assert {"ood_set", "sample_idx", "unreadable", "img_path"} <= set(samples[0].metainfo_keys())


def test_metainfo(data):
    dataset = build(data, groups={"near": ["NINCO"], "all": ["SUN", "NINCO"]})
    meta = dataset.metainfo
    assert meta["classes"] == ("cat", "dog")
    assert meta["id_set"] == "pets"
    assert meta["ood_sets"] == ("SUN", "NINCO")
    assert meta["groups"] == {"near": ("NINCO",), "all": ("SUN", "NINCO")}


def test_get_data_info_reads_no_picture(data):
    dataset = build(data)
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert infos[2]["gt_label"] == 1
    assert infos[2]["ood_set"] == "pets"
    assert infos[6]["img_path"] == str(data / "n" / "2.jpg")
    assert infos[6]["ood_set"] == "NINCO"
    assert "gt_label" not in infos[6]
    assert [info["sample_idx"] for info in infos] == list(range(8))
    assert dataset.get_data_info(-1) == infos[7]
    with pytest.raises(IndexError, match="OODBenchmark has 8 samples, and none with number 8"):
        dataset[8]


def test_own_pipeline_wins_and_config_is_untouched(data):
    own = [PIPELINE[0], {"type": "CenterCrop", "crop_size": 8}, PIPELINE[3]]
    ood = [{**ood_configs(data)[0], "pipeline": own}]
    config = Config({"id_set": id_config(data), "ood_sets": ood, "pipeline": PIPELINE})
    before = config.to_dict()
    dataset = OODBenchmark(**config)
    assert dataset[0]["inputs"].shape == (3, 16, 16)
    assert dataset[3]["inputs"].shape == (3, 8, 8)
    assert config.to_dict() == before


def test_class_instead_of_type_name(data):
    ood = [{"name": "SUN", "type": Pictures, "data_root": str(data / "sun")}]
    assert len(build(data, ood_sets=ood)) == 5


def test_imagenet_with_annotation_file_as_id_set(data, write_image):
    write_image("imagenet/val/v 1.png"), write_image("imagenet/val/v2.png")
    (data / "imagenet" / "meta").mkdir()
    (data / "imagenet" / "meta" / "val.txt").write_text("v 1.png 999\nv2.png 4\n")
    imagenet = {"name": "ImageNet-1k", "type": "ImageNet", "data_root": str(data / "imagenet"), "split": "val"}
    dataset = build(data, id_set=imagenet)
    assert [dataset[i]["data_samples"].gt_label.tolist() for i in range(3)] == [[999], [4], []]
    assert len(dataset.metainfo["classes"]) == 1000
    assert dataset[0]["data_samples"].unreadable is None


def joined(root, *names, **more):
    parts = [{"type": "CustomDataset", "data_root": str(root / name), **more} for name in names]
    return {"name": "both", "type": "ConcatDataset", "datasets": parts}


def test_several_sets_are_one(data, write_image):
    """MMEngine's wrapper gives its parts nothing, so the benchmark does: pipeline, test mode, our rule for pictures."""
    write_image("id2/cat/c.png")
    write_image("id2/dog/.hidden.png")
    write_image("id2/dog/d.jfif")
    dataset = build(data, id_set=joined(data, "id", "id2"))
    assert [dataset.get_data_info(i)["gt_label"] for i in range(5)] == [0, 0, 1, 0, 1]
    assert dataset[4]["data_samples"].ood_set == "both"
    assert dataset[4]["inputs"].shape == (3, 16, 16)
    assert (dataset.metainfo["id_set"], dataset.metainfo["classes"]) == ("both", ("cat", "dog"))
    write_image("sun/y/3.png")
    folders = build(data, ood_sets=[joined(data, "id2", "sun")])  # whose classes mean nothing here
    assert len(folders) == 3 + 2 + 2
    assert folders[5]["data_samples"].gt_label.tolist() == []


def test_unlabelled_id_set(data):
    dataset = build(data, id_set={"name": "ID", "type": "Pictures", "data_root": str(data / "id")})
    assert dataset[0]["data_samples"].gt_label.tolist() == []


def test_batches_of_labelled_and_unlabelled_images_need_the_empty_label(data):
    """Keeps the reason for the empty label true: without it the preprocessor stops at a mixed batch."""
    batch = pseudo_collate([build(data)[i] for i in (2, 3)])
    ClsDataPreprocessor()({**batch})
    del batch["data_samples"][1].gt_label
    with pytest.raises(AttributeError, match="gt_label"):
        ClsDataPreprocessor()({**batch})


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("batch_size", [1, 3, 8])
def test_through_a_real_data_loader_and_preprocessor(data, batch_size):
    dataset = build(data)
    loader = DataLoader(dataset, batch_size, num_workers=2, collate_fn=pseudo_collate)
    preprocessor = ClsDataPreprocessor(mean=[0, 0, 0], std=[255, 255, 255], to_rgb=False)
    batches = [preprocessor(batch) for batch in loader]
    images = torch.cat([batch["inputs"] for batch in batches])
    samples = [sample for batch in batches for sample in batch["data_samples"]]
    assert [sample.sample_idx for sample in samples] == list(range(8))
    assert [sample.gt_label.tolist() for sample in samples] == [[0], [0], [1]] + [[]] * 5
    assert [sample.unreadable is None for sample in samples] == [True] * 6 + [False] * 2
    np.testing.assert_array_equal(images[2] * 255, dataset[2]["inputs"].float())
    assert not images[6:].any()


def test_can_be_pickled_for_spawned_workers(data):
    dataset = pickle.loads(pickle.dumps(build(data)))
    assert dataset[4]["data_samples"].ood_set == "SUN"


def change(root, which):
    """Return changes to the benchmark's config that a user could have made by mistake."""
    (root / "void" / "cat").mkdir(parents=True)
    (root / "void.txt").write_text("\n")
    sun = ood_configs(root)[0]
    return {
        "no ood sets": {"ood_sets": []},
        "same name": {"ood_sets": [sun, sun]},
        "name of id set": {"ood_sets": [{**sun, "name": "pets"}]},
        "no name": {"ood_sets": [{"type": "Pictures", "data_root": str(root)}]},
        "no id name": {"id_set": {"type": "Pictures", "data_root": str(root)}},
        "dict of sets": {"ood_sets": {"SUN": sun}},
        "reserved": {"ood_sets": [{**sun, "name": "mean"}]},
        "slash": {"ood_sets": [{**sun, "name": "a/b"}]},
        "reserved group": {"groups": {"mean": ["SUN"]}},
        "group like set": {"groups": {"SUN": ["SUN"]}},
        "unknown in group": {"groups": {"near": ["NINCOO"]}},
        "empty group": {"groups": {"near": []}},
        "text as group": {"groups": {"near": "SUN"}},
        "missing folder": {"ood_sets": [{**sun, "data_root": str(root / "gone")}]},
        "empty folder": {"ood_sets": [{**sun, "data_root": str(root / "void")}]},
        "empty list": {"ood_sets": [{"name": "SUN", "type": "Pictures", "table": str(root / "void.txt")}]},
        "unknown type": {"ood_sets": [{**sun, "type": "Picturs"}]},
        "no type": {"ood_sets": [{"name": "SUN"}]},
        "wrong argument": {"ood_sets": [{**sun, "dataroot": "x"}]},
        "id folder missing": {"id_set": {**id_config(root), "data_root": str(root / "gone")}},
        "id folder empty": {"id_set": {**id_config(root), "data_root": str(root / "void")}},
        "id without root": {"id_set": {"name": "pets", "type": "CustomDataset"}},
        "id class names": {"id_set": {**id_config(root), "metainfo": {"classes": ["cat"]}}},
        "id list missing": {"id_set": {**id_config(root), "ann_file": "gone.txt"}},
        "id list empty": {"id_set": {**id_config(root), "ann_file": "../n.txt", "indices": 0}},
        "cifar missing": {"ood_sets": [{"name": "C", "type": "CIFAR10", "data_root": str(root), "download": False}]},
        "pipeline not packed": {"pipeline": PIPELINE[:3]},
        "pipeline empty": {"pipeline": []},
        "unreadable lost": {"pipeline": [*PIPELINE[:3], {"type": "PackInputs"}]},
        "part missing": {"id_set": joined(root, "id", "gone")},
        "part not packed": {"id_set": joined(root, "id", pipeline=PIPELINE[:3])},
        "part of other classes": {"id_set": joined(root, "id", "sun")},
        "part without labels": {
            "id_set": {**joined(root, "id"), "datasets": [id_config(root), {**sun, "name": "x"}]},
        },
        "no parts": {"id_set": joined(root)},
        "parts as text": {"id_set": {**joined(root), "datasets": ["id"]}},
    }[which]


MISTAKES = {
    "no ood sets": (ConfigError, "ood_sets is empty"),
    "same name": (ConfigError, "two sets are called 'SUN'"),
    "name of id set": (ConfigError, "two sets are called 'pets'"),
    "no name": (ConfigError, r"ood_sets\[0\] has name=None"),
    "no id name": (ConfigError, "id_set has name=None"),
    "dict of sets": (ConfigError, r"ood_sets\[0\] is 'SUN'; give a dict"),
    "reserved": (ConfigError, "a set is called 'mean'"),
    "slash": (ConfigError, "a set is called 'a/b'"),
    "reserved group": (ConfigError, "a group is called 'mean'"),
    "group like set": (ConfigError, "group 'SUN' is called like an OOD set"),
    "unknown in group": (ConfigError, "group 'near' names 'NINCOO', which is no OOD set; did you mean 'NINCO'"),
    "empty group": (ConfigError, r"group 'near' is \[\]"),
    "text as group": (ConfigError, "group 'near' is 'SUN'"),
    "missing folder": (DataError, "OOD set 'SUN': folder .*gone does not exist"),
    "empty folder": (DataError, "OOD set 'SUN': folder .*void holds no pictures"),
    "empty list": (DataError, "OOD set 'SUN': table .*void.txt is empty"),
    "unknown type": (ConfigError, "OOD set 'SUN': 'Picturs' is no dataset type; did you mean 'Pictures'"),
    "no type": (ConfigError, "OOD set 'SUN': its config has no type"),
    "wrong argument": (ConfigError, "OOD set 'SUN': .*dataroot"),
    "id folder missing": (DataError, "ID set 'pets': No such file or directory: .*gone"),
    "id folder empty": (DataError, "ID set 'pets': it has no images below .*void"),
    "id without root": (ConfigError, "ID set 'pets': One of `ann_file`, `data_root`"),
    "id class names": (
        DataError,
        r"ID set 'pets': folder .*id: 2 class folders for 1 class names \('dog': no class name\)",
    ),
    "id list missing": (DataError, "ID set 'pets': No such file or directory: .*gone.txt"),
    "id list empty": (DataError, "ID set 'pets': it has no images below .*id"),
    "cifar missing": (DataError, "OOD set 'C': Cannot find CIFAR10 dataset in"),
    "pipeline not packed": (ConfigError, "must end in PackInputs"),
    "pipeline empty": (ConfigError, "must end in PackInputs"),
    "unreadable lost": (ConfigError, "PackInputs must carry 'unreadable'"),
    "part missing": (DataError, "ID set 'both': No such file or directory: .*gone"),
    "part not packed": (ConfigError, "must end in PackInputs"),
    "part of other classes": (
        DataError,
        "ID set 'both': its parts 0 and 1 have other classes .2 and 1, such as 'cat' and 'x'",
    ),
    "part without labels": (DataError, "ID set 'both': of its parts 0 and 1 one has labels and the other none"),
    "no parts": (ConfigError, r"ID set 'both': datasets=\[\]; give a list of dict"),
    "parts as text": (ConfigError, r"ID set 'both': datasets=\['id'\]; give a list of dict"),
}


@pytest.mark.parametrize("which", MISTAKES)
def test_mistakes_get_one_line(data, which):
    error, message = MISTAKES[which]
    with pytest.raises(error, match=message) as info:
        build(data, **change(data, which))
    assert "\n" not in str(info.value)
    assert type(info.value) is error


def test_unlabelled_annotation_lines_of_custom_dataset(data):
    (data / "id" / "plain.txt").write_text("cat/a.png\n")
    with pytest.raises(DataError, match=r"ID set 'pets': .*; check its folders and its ann_file"):
        build(data, id_set={**id_config(data), "ann_file": "plain.txt"})
