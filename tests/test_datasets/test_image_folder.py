import os

import pytest
from mmpretrain.registry import DATASETS

from mmneglabel.datasets import ImageFolder
from mmneglabel.errors import DataError


def relative_paths(dataset, root):
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [os.path.relpath(info["img_path"], root).replace(os.sep, "/") for info in infos]


def test_recursive_sorted_and_case_insensitive(tmp_path, write_image):
    for name in ("b/z.jpg", "b/a.PNG", "a.jpeg", "b.jpg", "b-/c.png", "b/deep/er/x y.webp", "Z.TIF"):
        write_image(name)
    for name in ("b/notes.txt", "b/.hidden.jpg", ".cache/a.jpg", "jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("no picture")
    dataset = DATASETS.build({"type": "ImageFolder", "data_root": str(tmp_path)})
    assert dataset.test_mode
    want = ["Z.TIF", "a.jpeg", "b-/c.png", "b.jpg", "b/a.PNG", "b/deep/er/x y.webp", "b/z.jpg"]
    assert relative_paths(dataset, tmp_path) == want
    assert "gt_label" not in dataset.get_data_info(0)


def test_order_does_not_depend_on_the_file_system(tmp_path, write_image, monkeypatch):
    for name in ("b/2.png", "a/1.png", "c.png", "b/1.png"):
        write_image(name)
    forwards = relative_paths(ImageFolder(str(tmp_path)), tmp_path)

    class Reversed:
        def __init__(self, folder):
            self.entries = list(scandir(folder))[::-1]

        def __enter__(self):
            return iter(self.entries)

        def __exit__(self, *_):
            return None

    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", Reversed)
    assert (
        relative_paths(ImageFolder(str(tmp_path)), tmp_path) == forwards == ["a/1.png", "b/1.png", "b/2.png", "c.png"]
    )


def test_links_are_followed_once(tmp_path, write_image):
    write_image("store/x.png")
    root = tmp_path / "root"
    root.mkdir()
    (root / "linked").symlink_to(tmp_path / "store")
    (tmp_path / "store" / "loop").symlink_to(root)
    assert relative_paths(ImageFolder(str(root)), root) == ["linked/x.png"]


def test_extensions_and_lazy_init(tmp_path, write_image):
    write_image("a.png"), write_image("b.jpg")
    dataset = ImageFolder(str(tmp_path), extensions=(".PNG",), lazy_init=True)
    dataset.full_init()
    assert relative_paths(dataset, tmp_path) == ["a.png"]


@pytest.mark.parametrize(
    ("root", "message"),
    [("gone", "does not exist"), ("file.txt", "is not a folder"), ("void", "holds no pictures at any depth")],
)
def test_errors_name_the_folder(tmp_path, root, message):
    (tmp_path / "file.txt").write_text("")
    (tmp_path / "void" / "sub").mkdir(parents=True)
    with pytest.raises(DataError, match=message) as info:
        ImageFolder(str(tmp_path / root))
    assert str(tmp_path / root) in str(info.value)
    assert "\n" not in str(info.value)
