"""What every set goes through, be it tested on, trained on or fitted on."""

import pytest
import torch

from mmneglabel.datasets import TrainingSet
from mmneglabel.datasets.subset import build_subset, draw, load_subset
from mmneglabel.errors import ConfigError


def load(config):
    load_subset(dataset := build_subset(config, (), "the set"), "the set")
    return dataset


def paths(dataset, root):
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [info["img_path"].removeprefix(f"{root}/") for info in infos]


@pytest.mark.parametrize(
    "config",
    [
        {"type": "CustomDataset", "data_root": "~/id"},
        {"type": "CustomDataset", "data_prefix": {"img_path": "~/id"}},
        {"type": "CustomDataset", "data_root": "~/id", "ann_file": "~/list.txt"},
        {"type": "ClassFolders", "data_root": "~/id"},
        {"type": "Pictures", "data_root": "~/id"},
        {"type": "Pictures", "data_root": "~/id", "table": "~/list.txt"},
    ],
)
def test_home(config, write_image, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write_image("id/x/a.png")
    (tmp_path / "list.txt").write_text("x/a.png 0\n")
    assert paths(load(config), tmp_path) == ["id/x/a.png"]


SETS = [{"type": kind} for kind in ("CustomDataset", "ImageNet", "ClassFolders", "Pictures")]


@pytest.mark.parametrize("config", SETS, ids=lambda config: config["type"])
def test_one_rule_for_all(config, write_image, tmp_path, warned):
    names = [f"x/{name}" for name in ("a.png", "b.gif", "c.jfif", "d.tiff", "e.WEBP", "f/g.jpg")]
    for name in (*names, "x/.h/i.png"):
        write_image(name)
    (tmp_path / "x" / "j.heic").touch(), (tmp_path / "x" / "k.txt").touch()
    config = {**config, "data_root": str(tmp_path), "classes": ["x"]}
    assert paths(load(config), tmp_path) == names
    (line,) = warned
    assert line.startswith(f"folder {tmp_path}: 1 pictures are left out, which Pillow cannot open here (1 .heic);")
    for given in (".png", [".PNG"]):
        assert paths(load({**config, "extensions": given}), tmp_path) == ["x/a.png"]
    assert len(warned) == 1


def test_a_training_set_has_no_numbers_as_text_either(write_image, tmp_path):
    for number in range(11):
        write_image(f"{number}/a.png")
    folders = {"type": "CustomDataset", "data_root": str(tmp_path)}
    with pytest.raises(ConfigError, match=r"TrainingSet: id_set: folder .*: label 2 would be folder '10'"):
        TrainingSet(folders, [{"type": "LoadRGBImage"}, {"type": "PackInputs"}])
    assert load({**folders, "type": "ClassFolders"}).metainfo["classes"][:3] == ("0", "1", "2")
    (tmp_path / "list.txt").write_text("0/a.png 0\n10/a.png 10\n")
    assert len(load({**folders, "ann_file": "list.txt"})) == 2  # A list says itself what is what.


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"type": "ClassFolders", "class_list": []}, "class_list is empty"),
        ({"type": "Picture"}, "'Picture' is no dataset type; did you mean 'Pictures'"),
    ],
)
def test_what_is_refused_when_built_names_the_set(config, message, tmp_path):
    with pytest.raises(ConfigError, match=f"^the set: {message}"):
        build_subset({"data_root": str(tmp_path), **config}, (), "the set")


def test_a_draw_is_always_the_same_and_in_order():
    order = torch.randperm(10, generator=torch.Generator().manual_seed(0))
    assert list(draw(range(10), 4)) == sorted(order[:4].tolist())
    assert list(draw(range(10), None)) == list(draw(range(10), 100)) == list(range(10))
