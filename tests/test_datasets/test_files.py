"""One rule which files are pictures, and one order."""

import os
import pickle

import pytest
from PIL import Image

from mmneglabel.datasets.files import PICTURE_ENDINGS, PictureFiles, find_pictures
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
