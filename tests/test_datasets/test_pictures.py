import re

import numpy as np
import pytest
from mmpretrain.datasets import BaseDataset
from mmpretrain.registry import DATASETS

from mmneglabel.datasets import ClassFolders, Pictures
from mmneglabel.datasets.files import records_of
from mmneglabel.errors import DataError


def test_all_under_a_folder_without_labels(tmp_path, write_image):
    paths = [str(write_image(name)) for name in ("a/x.png", "b.jpg")]
    dataset = DATASETS.build({"type": "Pictures", "data_root": str(tmp_path), "lazy_init": True})
    dataset.full_init()
    assert [dataset.get_data_info(i) for i in range(2)] == [
        {"img_path": path, "sample_idx": i} for i, path in enumerate(paths)
    ]
    assert dataset.test_mode


@pytest.mark.parametrize(
    ("root", "message"),
    [("gone", "does not exist"), ("file.txt", "is not a folder"), ("void", "holds no pictures at any depth")],
)
def test_errors_name_the_folder(tmp_path, root, message):
    (tmp_path / "file.txt").write_text("")
    (tmp_path / "void" / "sub").mkdir(parents=True)
    with pytest.raises(DataError, match=message) as info:
        Pictures(str(tmp_path / root))
    assert str(tmp_path / root) in str(info.value)
    assert "\n" not in str(info.value)


def test_records_are_packed_as_mmengine_packs_them(tmp_path, write_image):
    for name in ("a/x.png", "a/y.png", "b/z.png"):
        write_image(name)
    plain = ClassFolders(str(tmp_path), serialize_data=False)
    packed = ClassFolders(str(tmp_path), lazy_init=True)
    assert list(records_of(packed)) == plain.data_list
    assert list(records_of(plain)) == [{**record, "sample_idx": i} for i, record in enumerate(plain.data_list)]
    for ours, theirs in zip((packed.data_bytes, packed.data_address), BaseDataset._serialize_data(plain), strict=True):
        assert (ours.dtype, ours.flags.writeable) == (theirs.dtype, True)
        np.testing.assert_array_equal(ours, theirs)
    assert packed.get_subset([2, 0])[0]["img_path"] == f"{tmp_path}/b/z.png"
    assert len(ClassFolders(str(tmp_path), indices=0)) == 0


@pytest.fixture
def root(tmp_path, write_image):
    for name in ("n02/b.png", "n02/a/c.JPG", "n01/x.png", "n03/z.png", "n03/.hidden.png"):
        write_image(name)
    (tmp_path / "n02" / "notes.txt").write_text("")
    (tmp_path / "void").mkdir()
    return tmp_path


def test_labels_follow_the_list_and_other_folders_are_left_out(root):
    classes = root / "classes.txt"
    classes.write_text("n02\tsecond class\nn01\n")
    dataset = DATASETS.build({"type": "ClassFolders", "data_root": str(root), "class_list": str(classes)})
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    found = [(info["img_path"].removeprefix(f"{root}/"), info["gt_label"]) for info in infos]
    assert found == [("n02/a/c.JPG", 0), ("n02/b.png", 0), ("n01/x.png", 1)]
    assert dataset.metainfo["classes"] == ("second class", "n01")
    assert dataset.metainfo["folders"] == ("n02", "n01")
    assert not dataset.test_mode


def test_classes_are_known_before_the_pictures(root):
    dataset = ClassFolders(str(root), ["n01", "n09"], lazy_init=True, metainfo={"source": "here"})
    assert dataset.metainfo == {"classes": ("n01", "n09"), "folders": ("n01", "n09"), "source": "here"}


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        (["n01", "n2", "n08"], "2 of the 3 folders in the class list are missing, first 'n2' (did you mean 'n02'"),
        (
            ["cat", "dog"],
            "none of the 2 folders in the class list is there, such as 'cat' (known: n01, n02, n03, void)",
        ),
        (["n01", "void"], "class folders without pictures: 1, first 'void'"),
        (["n01 cat", "n02 dog"], "such as 'n01 cat' (a folder and its name are parted by a tab)"),
        (None, "class folders without pictures: 1, first 'void'"),
    ],
)
def test_list_and_folder_that_disagree(root, folders, message):
    with pytest.raises(DataError, match=re.escape(message)) as info:
        ClassFolders(str(root), folders)
    assert str(root) in str(info.value)
    assert "\n" not in str(info.value)


def test_a_root_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="does not exist; check data_root"):
        ClassFolders(str(tmp_path / "gone"), ["a"])


ORDERS = {
    "text": (["b", "a", "B", "10 b", ".ipynb_checkpoints"], ["10 b", "B", "a", "b"]),
    "padded": ([f"{i:03}" for i in range(12)], [f"{i:03}" for i in range(12)]),
    "numbers": ([str(i) for i in range(12)], [str(i) for i in range(12)]),
    "gaps": (["100", "7", "20"], ["7", "20", "100"]),
    "CUB": (["002.b", "001.a", "010.c"], ["001.a", "002.b", "010.c"]),
}


@pytest.mark.parametrize("case", ORDERS)
def test_without_a_list_the_folders_are_the_classes(case, tmp_path, write_image):
    folders, order = ORDERS[case]
    for folder in folders:
        write_image(f"{folder}/a.png")
    dataset = ClassFolders(str(tmp_path))
    assert dataset.metainfo == {"classes": tuple(order), "folders": tuple(order)}
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert [(info["gt_label"], info["img_path"]) for info in infos] == [
        (label, str(tmp_path / folder / "a.png")) for label, folder in enumerate(order)
    ]


@pytest.mark.parametrize(
    ("folders", "settings", "message"),
    [
        (["2", "10", "train"], {}, "as text '10' comes before '2', as numbers behind, and 'train' is no number"),
        (["2_b", "10_a"], {}, "as text '10_a' comes before '2_b', as numbers behind"),
        (["big_cat", "dog", "train"], {"metainfo": {"classes": ["Big cat", "dog"]}}, "('train': no class name)"),
        (["a", "b"], {"class_list": ["a", "b"], "metainfo": {"classes": ["x"]}}, "2 class folders for 1 class names;"),
        ([], {}, "holds no class folders, its pictures lie flat: name them and their labels in a table"),
    ],
)
def test_folders_that_are_no_classes(folders, settings, message, tmp_path, write_image):
    for name in (*(f"{folder}/a.png" for folder in folders), "flat.JPEG"):
        write_image(name)
    with pytest.raises(DataError, match=re.escape(message)):
        ClassFolders(str(tmp_path), **settings)
