"""Tables as data sets have them, and what is said of those that cannot be meant."""

import json
import re

import numpy as np
import pytest
from mmpretrain.registry import DATASETS
from scipy.io import savemat

from mmneglabel.datasets import Pictures
from mmneglabel.errors import ConfigError, DataError


def entries(dataset):
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [(info["img_path"], info.get("gt_label")) for info in infos]


def listed(tmp_path, text, name="list.txt", **settings):
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return Pictures(str(settings.pop("data_root", "/p")), str(tmp_path / name), **settings)


def test_labels_spaces_tabs_and_empty_lines(tmp_path):
    dataset = listed(tmp_path, "\ufeffa.jpg 3\r\nmy holiday 2.jpg 0\n\n  deep/b c.png\t12  \n")
    assert entries(dataset) == [("/p/a.jpg", 3), ("/p/my holiday 2.jpg", 0), ("/p/deep/b c.png", 12)]
    assert dataset.test_mode


def test_without_labels(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "17").touch()
    dataset = listed(tmp_path, "a.jpg\nmy holiday 2.jpg\n17\n", data_root="")
    assert entries(dataset) == [("a.jpg", None), ("my holiday 2.jpg", None), ("17", None)]


def test_negative_labels_mean_none(tmp_path):
    assert entries(listed(tmp_path, "a.jpg -1\nb.jpg -1")) == [("/p/a.jpg", None), ("/p/b.jpg", None)]


def test_roots_and_absolute_paths(tmp_path):
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "val.txt").write_text("a.jpg 1\n/other/b.jpg 2\n")
    config = {"type": "Pictures", "table": "lists/val.txt", "data_root": str(tmp_path), "data_prefix": "images"}
    assert entries(DATASETS.build(config)) == [(str(tmp_path / "images" / "a.jpg"), 1), ("/other/b.jpg", 2)]


BIRDS = "img_id,img_filename,y,split\n1,a/x.jpg,0,0\n2,a/y.jpg,1,2\n3,b/z.jpg,0,2\n"
ROWS = [{"file": {"name": "a.jpg"}, "label": 4}, {"file": {"name": "b.jpg"}, "label": 0}]
TABLES = {
    "csv": (
        "t.csv",
        BIRDS,
        {"columns": {"path": "img_filename", "label": "y"}, "rows": {"split": 2}},
        [("a/y.jpg", 1), ("b/z.jpg", 0)],
    ),
    "csv, several": ("t.csv", BIRDS, {"columns": {"path": "img_filename"}, "rows": {"split": [0, 2], "y": 0}}, "xz"),
    "csv, usual names": ("t.csv", 'label,path\n2,"a ""b"".jpg"\n', {}, [('a "b".jpg', 2)]),
    "csv, no header": ("t.csv", "a.jpg,5\nb.jpg,6\n", {"columns": {"path": 0, "label": 1}, "first_label": 5}, "AB"),
    "tsv": ("t.tsv", "path\tlabel\na b.jpg\t1\n", {}, [("a b.jpg", 1)]),
    "by blanks": (
        "test.txt",
        "Abyssinian_201 1 1 1\nyorkshire_9 37 2 25\n",
        {"columns": {"path": 0, "label": 1}, "first_label": 1, "ending": ".jpg"},
        [("Abyssinian_201.jpg", 0), ("yorkshire_9.jpg", 36)],
    ),
    "json rows": (
        "t.json",
        json.dumps(ROWS),
        {"columns": {"path": "file.name", "label": "label"}},
        [("a.jpg", 4), ("b.jpg", 0)],
    ),
    "json columns": ("t.json", json.dumps({"path": ["a.jpg"], "label": [1]}), {}, [("a.jpg", 1)]),
    "json by class": (
        "t.json",
        json.dumps({"cheesecake": ["c/1"], "cheese_plate": ["p/1", "p/2"]}),
        {"ending": ".jpg", "classes": ["Cheesecake", "Cheese plate"]},
        [("c/1.jpg", 0), ("p/1.jpg", 1), ("p/2.jpg", 1)],
    ),
    "json by class, sorted": ("t.json", json.dumps({"b": ["x.jpg"], "a": ["y.jpg"]}), {}, [("x.jpg", 1), ("y.jpg", 0)]),
}
SHORT = {
    "xz": [("a/x.jpg", None), ("b/z.jpg", None)],
    "AB": [("a.jpg", 0), ("b.jpg", 1)],
}


@pytest.mark.parametrize("case", TABLES)
def test_tables(case, tmp_path):
    name, text, settings, want = TABLES[case]
    want = SHORT[want] if isinstance(want, str) else want
    assert entries(listed(tmp_path, text, name, **settings)) == [(f"/p/{path}", label) for path, label in want]


@pytest.mark.parametrize("count", [1, 3])
def test_structs_and_variables_of_mat_files(tmp_path, count):
    names = [f"{i:05}.jpg" for i in range(count)]
    struct = np.array([(n, i + 1) for i, n in enumerate(names)], dtype=[("fname", object), ("class", np.uint8)])
    savemat(tmp_path / "t.mat", {"annotations": struct, "files": np.array(names, dtype=object), "labels": range(count)})
    want = [(f"/p/cars/{name}", i) for i, name in enumerate(names)]
    settings = {"data_root": "/p", "data_prefix": "cars", "table": str(tmp_path / "t.mat")}
    columns = {"path": "annotations.fname", "label": "annotations.class"}
    assert entries(Pictures(columns=columns, first_label=1, **settings)) == want
    assert entries(Pictures(columns={"path": "files", "label": "labels"}, **settings)) == want


CUB = {
    "images.txt": "1 001.A/a.jpg\n2 001.A/b.jpg\n3 002.B/c.jpg\n",
    "labels.txt": "3 2\n1 1\n2 1\n",
    "split.txt": "# image, whether it is for training\n1 1\n2 0\n3 0\n",
}
SIDE_BY_SIDE = {"table": list(CUB), "columns": {"path": 1, "label": 2}, "rows": {3: 0}, "first_label": 1}


def test_tables_side_by_side(write_files):
    root = write_files(CUB)
    assert entries(Pictures(str(root), data_prefix="images", **SIDE_BY_SIDE)) == [
        (f"{root}/images/001.A/b.jpg", 0),
        (f"{root}/images/002.B/c.jpg", 1),
    ]


@pytest.mark.parametrize(
    ("files", "settings", "error", "message"),
    [
        (
            {"labels.txt": "1 1\n2 1\n"},
            {},
            DataError,
            "labels.txt: it has no row '3', which .*images.txt has .1 in all",
        ),
        ({}, {"columns": None, "rows": None}, ConfigError, "and 2 more: only text files whose columns are counted"),
        ({"images.csv": "a,b\n"}, {"table": ["images.csv", "labels.txt"]}, ConfigError, "and 1 more: only text files"),
    ],
)
def test_tables_that_do_not_stand_side_by_side(write_files, files, settings, error, message):
    root = write_files(CUB | files)
    with pytest.raises(error, match=message):
        Pictures(str(root), **SIDE_BY_SIDE | settings)


def test_classes_that_a_table_names_are_known(tmp_path):
    dataset = listed(tmp_path, "path,label\na.jpg,dog\nb.jpg,1970\nc.jpg,cat\n", "t.csv")
    assert dataset.metainfo["classes"] == ("1970", "cat", "dog")
    assert [label for _, label in entries(dataset)] == [2, 0, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n  \n", "is empty"),
        ("a.jpg 1\nb.jpg\nc.jpg 2", "row 2 has no label although 2 of 3 rows have one"),
        (b"a.jpg \xff\xfe", "is not UTF-8 text"),
        ("a.jpg,1\nb.jpg,2", "row 1 is 'a.jpg,1', but there is no file '/p/a.jpg,1'; a line of a list is 'path label'"),
        ("a.jpg;1", "row 1 is 'a.jpg;1', but"),
        ("path label\na.jpg 1\nb.jpg 2", "row 1 is 'path label', but"),
        ('a.jpg 1\n"my b.jpg" 2', "row 2 is '\"my b.jpg\" 2', but"),
        ("\n'a.jpg' 1", "row 2 is "),
        ("val\\a.jpg 1", "row 1 is "),
        ("a.jpg 1 1 1\nb.jpg 1 1 2", "row 1 is 'a.jpg 1 1 1', but"),
    ],
)
def test_bad_lists_are_named(tmp_path, text, message):
    with pytest.raises(DataError, match=re.escape(message)) as info:
        listed(tmp_path, text)
    assert "list.txt" in str(info.value)
    assert "\n" not in str(info.value)


@pytest.mark.parametrize(
    ("name", "text", "settings", "message"),
    [
        ("t.csv", BIRDS, {}, "not every row has a column 'path'; known: img_filename"),
        (
            "t.csv",
            BIRDS,
            {"columns": {"path": "img_file"}},
            "not every row has a column 'img_file'; did you mean 'img_file",
        ),
        ("t.csv", "path,label\na.jpg,1\nb.jpg\n", {}, "not every row has a column 'label'"),
        ("t.csv", BIRDS, {"columns": {"path": 1}, "rows": {9: 1}}, "not every row has a column 9"),
        (
            "t.csv",
            BIRDS,
            {"columns": {"path": "img_filename"}, "rows": {"split": "test"}},
            "no row of 3 has rows={'split': 'test'}",
        ),
        ("t.json", "[1", {}, "is not valid JSON"),
        ("t.json", '{"path": ["a.jpg"], "label": [1, 2]}', {}, "different lengths, {'path': 1, 'label': 2}"),
        (
            "t.json",
            '{"dog": ["a.jpg"]}',
            {"classes": ["cat", "dogs"]},
            "row 1 has the class 'dog'; did you mean 'dogs'",
        ),
        ("t.json", '{"dog": ["d/1"]}', {}, "there is no file '/p/d/1'"),
        ("t.mat", "text", {"columns": {"path": "x"}}, "is no mat file that SciPy reads"),
        ("t.csv", "path,label\na.jpg,0\n", {"first_label": 1}, "row 1 has the label 0, below first_label=1"),
    ],
)
def test_bad_tables_are_named(tmp_path, name, text, settings, message):
    with pytest.raises(DataError, match=re.escape(message)) as info:
        listed(tmp_path, text, name, **settings)
    assert name in str(info.value)
    assert "\n" not in str(info.value)


@pytest.mark.parametrize("name", ["gone.txt", "gone.mat"])
def test_a_missing_table_is_named(tmp_path, name):
    with pytest.raises(DataError, match=rf"{name}: No such file or directory"):
        Pictures(str(tmp_path), name, columns={"path": 0})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"table": "a.csv", "columns": {"file": "x"}}, r"give dict\(path=..., label=...\)"),
        ({"ending": ".jpg"}, "are a table's; give table=... too"),
    ],
)
def test_settings_that_mean_nothing(settings, message):
    with pytest.raises(ConfigError, match=message):
        Pictures("/p", **settings)


def test_odd_paths_of_files_that_are_there(tmp_path):
    (tmp_path / "a,b").mkdir()
    (tmp_path / "a,b" / "1;2").touch()
    assert entries(listed(tmp_path, "x.jpg 0\na,b/1;2 3", data_root=tmp_path))[1] == (str(tmp_path / "a,b/1;2"), 3)
