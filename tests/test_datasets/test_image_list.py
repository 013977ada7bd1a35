import pytest
from mmpretrain.registry import DATASETS

from mmneglabel.datasets import ImageList
from mmneglabel.errors import DataError


def entries(dataset):
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [(info["img_path"], info.get("gt_label")) for info in infos]


def listed(tmp_path, text, **kwargs):
    (tmp_path / "list.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    return ImageList(str(tmp_path / "list.txt"), **kwargs)


def test_labels_spaces_tabs_and_empty_lines(tmp_path):
    dataset = listed(tmp_path, "\ufeffa.jpg 3\r\nmy holiday 2.jpg 0\n\n  deep/b c.png\t12  \n", data_root="/pictures")
    assert entries(dataset) == [
        ("/pictures/a.jpg", 3),
        ("/pictures/my holiday 2.jpg", 0),
        ("/pictures/deep/b c.png", 12),
    ]
    assert dataset.test_mode


def test_without_labels(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "17").touch()
    dataset = listed(tmp_path, "a.jpg\nmy holiday 2.jpg\n17\n")
    assert entries(dataset) == [("a.jpg", None), ("my holiday 2.jpg", None), ("17", None)]


def test_negative_labels_mean_none(tmp_path):
    assert entries(listed(tmp_path, "a.jpg -1\nb.jpg -1")) == [("a.jpg", None), ("b.jpg", None)]


def test_roots_and_absolute_paths(tmp_path):
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "val.txt").write_text("a.jpg 1\n/other/b.jpg 2\n")
    config = {"type": "ImageList", "ann_file": "lists/val.txt", "data_root": str(tmp_path), "data_prefix": "images"}
    assert entries(DATASETS.build(config)) == [(str(tmp_path / "images" / "a.jpg"), 1), ("/other/b.jpg", 2)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n  \n", "is empty"),
        ("a.jpg 1\nb.jpg\nc.jpg 2", "line 2 has no label although 2 of 3 lines have one"),
        (b"a.jpg \xff\xfe", "is not UTF-8 text"),
        ("a.jpg,1\nb.jpg,2", r"line 1 is 'a.jpg,1', but there is no file '/void/a.jpg,1'; a line is 'path label'"),
        ("a.jpg, 1\nb.jpg, 2", "line 1 is 'a.jpg, 1', but"),
        ("a.jpg;1", "line 1 is 'a.jpg;1', but"),
        ("path label\na.jpg 1\nb.jpg 2", "line 1 is 'path label', but"),
        ("filename\na.jpg\nb.jpg", "line 1 is 'filename', but"),
        ('a.jpg 1\n"my b.jpg" 2', "line 2 is '\"my b.jpg\" 2', but"),
        ("\n'a.jpg' 1", "line 2 is .*a.jpg"),
        ("val\\a.jpg 1", "line 1 is .*a.jpg 1', but"),
        ("a.jpg 1 1 1\nb.jpg 1 1 2", "line 1 is 'a.jpg 1 1 1', but"),
        ("a.jpg 1\nb.jpg 1180591620717411303424", "line 2 has the label 1180591620717411303424; labels count"),
    ],
)
def test_bad_lists_are_named(tmp_path, text, message):
    with pytest.raises(DataError, match=message) as info:
        listed(tmp_path, text, data_root="/void")
    assert "list.txt" in str(info.value)
    assert "\n" not in str(info.value)


def test_a_missing_list_is_named(tmp_path):
    with pytest.raises(DataError, match=r"gone\.txt: No such file or directory"):
        ImageList("gone.txt", data_root=str(tmp_path))


def test_odd_paths_of_files_that_are_there(tmp_path):
    (tmp_path / "a,b").mkdir()
    (tmp_path / "a,b" / "1;2").touch()
    assert entries(listed(tmp_path, "x.jpg 0\na,b/1;2 3", data_root=str(tmp_path)))[1] == (str(tmp_path / "a,b/1;2"), 3)
