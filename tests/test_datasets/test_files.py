"""One rule which files are pictures, and one order."""

import os
import pickle

import pytest
from mmpretrain.datasets import CIFAR10
from PIL import Image

from mmneglabel.datasets import Pictures
from mmneglabel.datasets.files import PICTURE_ENDINGS, PictureFiles, find_pictures, walk_pictures, warn_of_shared_files
from mmneglabel.errors import ConfigError


def found(root, *settings):
    return [path.removeprefix(f"{root}/") for path in find_pictures(root, PictureFiles(*settings))]


def test_recursive_sorted_and_case_insensitive(tmp_path, write_image):
    for name in ("b/z.jpg", "b/a.PNG", "a.jpeg", "b.jpg", "b-/c.png", "b/deep/er/x y.webp", "Z.TIF"):
        write_image(name)
    for name in ("b/notes.txt", "b/.hidden.jpg", ".cache/a.jpg", "jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("no picture")
    assert found(tmp_path) == ["Z.TIF", "a.jpeg", "b-/c.png", "b.jpg", "b/a.PNG", "b/deep/er/x y.webp", "b/z.jpg"]


def test_folders_are_read_one_after_the_other_in_the_order_of_whole_paths(tmp_path, monkeypatch):
    names = ["a", "a-", "a.", "a0", "a/b", "a\x01", "é", "a\udce9", "A"]
    paths = sorted(f"{one}/{other}.png" for one in names for other in names)
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    read, scandir = [], os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: read.append(folder) or scandir(folder))
    walked = walk_pictures(tmp_path, PictureFiles())
    assert next(walked).startswith(f"{tmp_path}/A/")
    assert read == [str(tmp_path), f"{tmp_path}/A"]
    assert found(tmp_path) == paths


def test_order_does_not_depend_on_the_file_system(tmp_path, write_image, monkeypatch):
    for name in ("b/2.png", "a/1.png", "c.png", "b/1.png"):
        write_image(name)

    class Reversed:
        def __init__(self, folder):
            self.entries = list(scandir(folder))[::-1]

        def __enter__(self):
            return iter(self.entries)

        def __exit__(self, *_):
            return None

    forwards, scandir = found(tmp_path), os.scandir
    monkeypatch.setattr(os, "scandir", Reversed)
    assert found(tmp_path) == forwards == ["a/1.png", "b/1.png", "b/2.png", "c.png"]


def test_links_are_followed_once(tmp_path, write_image):
    write_image("store/x.png")
    root = tmp_path / "root"
    root.mkdir()
    (root / "linked").symlink_to(tmp_path / "store")
    (tmp_path / "store" / "loop").symlink_to(root)
    assert found(root) == ["linked/x.png"]


def test_paths_are_spelled_as_pathlib_spells_them(tmp_path, write_image, monkeypatch):
    write_image("a/x.png")
    monkeypatch.chdir(tmp_path)
    for root, path in ((".", "a/x.png"), ("./a/", "a/x.png"), (f"{tmp_path}//a", f"{tmp_path}/a/x.png")):
        assert find_pictures(root, PictureFiles()) == [path]


def test_whatever_pillow_writes_is_read_by_its_ending(tmp_path, write_image):
    Image.init()
    for ending in (*PICTURE_ENDINGS, ".webp", ".avif"):
        if Image.registered_extensions().get(ending) in Image.SAVE:
            write_image(f"a{ending}", mode="1" if ending == ".pbm" else "RGB")
    assert {".jfif", ".gif", ".webp"} <= {os.path.splitext(path)[1] for path in found(tmp_path)}  # noqa: PTH122
    assert len(found(tmp_path)) == len(os.listdir(tmp_path))  # noqa: PTH208


def test_what_pillow_cannot_open_is_counted_unless_a_plugin_does(monkeypatch):
    rule = PictureFiles()
    assert [rule(name) for name in ("a.HEIC", "b.heic", "c.svg", "d.txt", ".e.heic", "x/.y/f.heic")] == [False] * 6
    assert rule.left_out == {".heic": 2, ".svg": 1}
    Image.init()
    monkeypatch.setitem(Image.EXTENSION, ".heic", "HEIF")
    assert PictureFiles()("a.HEIC")
    assert ".heic" in PictureFiles().endings
    assert pickle.loads(pickle.dumps(rule)).left_out == rule.left_out


@pytest.mark.parametrize(("given", "read"), [(".PNG", ["a.png"]), ([".png", ".JPG"], ["a.png", "b.jpg"])])
def test_own_endings(given, read, tmp_path, write_image):
    write_image("a.png"), write_image("b.jpg"), write_image("c.gif")
    assert found(tmp_path, given) == read


@pytest.mark.parametrize("given", ["", [], [1], [""]])
def test_endings_that_mean_nothing(given):
    with pytest.raises(ConfigError, match=r"give endings of picture files, such as \['\.jpg'"):
        PictureFiles(given)


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
