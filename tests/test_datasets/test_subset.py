"""What every set goes through, be it tested on, trained on or fitted on."""

from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import MMLogger
from mmpretrain.datasets import CIFAR10

from mmneglabel.datasets import Pictures, TrainingSet
from mmneglabel.datasets.subset import build_subset, draw, load_subset, warn_of_shared_files
from mmneglabel.errors import ConfigError


@pytest.fixture
def warned(monkeypatch):
    """What the log warns of."""
    lines = []
    monkeypatch.setattr(MMLogger, "get_current_instance", lambda: SimpleNamespace(warning=lines.append, log=print))
    return lines


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
        ({"type": "ImageFolder"}, r"ImageFolder is called Pictures now: dict\(type='Pictures', data_root=...\)"),
        (
            {"type": "ImageList", "ann_file": "a"},
            r"ImageList is called Pictures with a table now: dict\(type='Pictures',",
        ),
    ],
)
def test_what_is_refused_when_built_names_the_set(config, message, tmp_path):
    with pytest.raises(ConfigError, match=f"^the set: {message}"):
        build_subset({"data_root": str(tmp_path), **config}, (), "the set")


def test_sets_that_share_nothing_are_not_warned_of(write_image, tmp_path, warned):
    folders = [Pictures(str(write_image(f"{name}/1.png").parent)) for name in "ab"]
    (tmp_path / "c.txt").write_text("b/2.png\na/b/1.png")
    warn_of_shared_files("IXC", [*folders, Pictures(str(tmp_path), "c.txt")])
    in_memory = CIFAR10.__new__(CIFAR10)
    in_memory.serialize_data, in_memory.data_list, in_memory._fully_initialized = False, [{"img": 1}], True
    warn_of_shared_files("IX", [in_memory, in_memory])
    assert not warned


def test_shared_files_are_counted_by_set_whatever_they_are_called_by(write_image, tmp_path, warned):
    (tmp_path / "link").symlink_to("a")
    id_set = Pictures(str(write_image("a/b/1.png").parents[1]))
    (tmp_path / "c.txt").write_text("a/b/1.png\nlink/../a/b/1.png\na/b/2.png")
    (tmp_path / "d.txt").write_text(f"{tmp_path}/link/b/1.png")
    warn_of_shared_files("IXC", [id_set, *(Pictures(str(tmp_path), f"{name}.txt") for name in "cd")])
    (line,) = warned
    assert "in the ID set 'I' and in OOD sets: 1 of 'X', 1 of 'C'" in line


def test_a_draw_is_always_the_same_and_in_order():
    order = torch.randperm(10, generator=torch.Generator().manual_seed(0))
    assert list(draw(range(10), 4)) == sorted(order[:4].tolist())
    assert list(draw(range(10), None)) == list(draw(range(10), 100)) == list(range(10))
