"""What every set of ours goes through, be it tested on, trained on or fitted on."""

import pytest

from mmneglabel.datasets import TrainingSet
from mmneglabel.datasets.subset import build_subset, load_subset
from mmneglabel.errors import ConfigError


def load(config):
    load_subset(dataset := build_subset(config, (), "the set"), "the set")
    return dataset


@pytest.mark.parametrize(
    "config",
    [
        {"type": "CustomDataset", "data_root": "~/id"},
        {"type": "CustomDataset", "data_prefix": {"img_path": "~/id"}},
        {"type": "CustomDataset", "data_root": "~/id", "ann_file": "~/list.txt"},
        {"type": "ClassFolders", "data_root": "~/id"},
        {"type": "ImageFolder", "data_root": "~/id"},
        {"type": "ImageList", "data_root": "~/id", "ann_file": "~/list.txt"},
    ],
)
def test_home(config, write_image, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    path = write_image("id/x/a.png")
    (tmp_path / "list.txt").write_text("x/a.png 0\n")
    dataset = load(config)
    assert [dataset.get_data_info(i)["img_path"] for i in range(len(dataset))] == [str(path)]


def test_a_training_set_has_no_numbers_as_text_either(write_image, tmp_path):
    for number in range(11):
        write_image(f"{number}/a.png")
    folders = {"type": "CustomDataset", "data_root": str(tmp_path)}
    with pytest.raises(ConfigError, match=r"TrainingSet: id_set: folder .*: label 2 would be folder '10'"):
        TrainingSet(folders, [{"type": "LoadRGBImage"}, {"type": "PackInputs"}])
    assert load({**folders, "type": "ClassFolders"}).metainfo["classes"][:3] == ("0", "1", "2")
    (tmp_path / "list.txt").write_text("0/a.png 0\n10/a.png 10\n")
    assert len(load({**folders, "ann_file": "list.txt"})) == 2  # A list says itself what is what.


def test_what_our_datasets_refuse_when_built_names_the_set(tmp_path):
    with pytest.raises(ConfigError, match=r"^the set: class_list is empty"):
        build_subset({"type": "ClassFolders", "data_root": str(tmp_path), "class_list": []}, (), "the set")
