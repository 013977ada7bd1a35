import re

import pytest
from mmpretrain.registry import DATASETS

from mmneglabel.datasets import ClassFolders
from mmneglabel.errors import DataError


@pytest.fixture
def root(tmp_path, write_image):
    for name in ("n02/b.png", "n02/a/c.JPG", "n01/x.png", "n03/z.png", "n03/.hidden.png"):
        write_image(name)
    (tmp_path / "n02" / "notes.txt").write_text("")
    (tmp_path / "void").mkdir()
    return tmp_path


def test_labels_follow_the_list_and_other_folders_are_left_out(root):
    classes = root / "classes.txt"
    classes.write_text("n02 second class\nn01\n")
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
