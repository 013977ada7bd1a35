"""Class names from lists, files and open_clip."""

import json

import pytest

from mmneglabel.corpus.class_names import read_class_names
from mmneglabel.errors import ConfigError, DataError


def test_sequence_is_stripped_and_keeps_repeats():
    assert read_class_names([" crane", "crane", "sea lion"]) == ("crane", "crane", "sea lion")


# The library that open_clip stands on may warn while it is imported; this is not ours to mend.
@pytest.mark.filterwarnings("ignore")
def test_imagenet():
    names = read_class_names("imagenet")
    assert len(names) == 1000
    assert names[0] == "tench"
    assert sorted({name for name in names if names.count(name) == 2}) == ["missile", "sunglasses"]


@pytest.mark.parametrize("content", [b"crane\nsea lion\ncrane\n", b"\xef\xbb\xbfcrane\r\nsea lion \r\ncrane\r\n\r\n"])
def test_text_file(tmp_path, content):
    path = tmp_path / "names.txt"
    path.write_bytes(content)
    assert read_class_names(path) == read_class_names(str(path)) == ("crane", "sea lion", "crane")


def test_json_file(tmp_path):
    path = tmp_path / "names.json"
    path.write_text(json.dumps(["crane", "café"], indent=1), encoding="utf-8")
    assert read_class_names(path) == ("crane", "café")


def test_file_without_suffix_in_the_working_folder(tmp_path, monkeypatch):
    (tmp_path / "names").write_text("crane\n")
    monkeypatch.chdir(tmp_path)
    assert read_class_names("names") == ("crane",)


@pytest.mark.parametrize("keyword", ["imagenet-1k", "ImageNet", "image_net"])
def test_unknown_keyword_suggests_the_name(keyword):
    with pytest.raises(ConfigError, match="did you mean 'imagenet'"):
        read_class_names(keyword)


def test_unknown_keyword_without_likeness_lists_all():
    with pytest.raises(ConfigError, match="known: cifar10, cifar100, imagenet, "):
        read_class_names("zzz")


@pytest.mark.parametrize("spec", [[], (), None, {"crane": 0}, ["crane", " "], ["crane", 3], b"crane"])
def test_bad_sequence(spec):
    with pytest.raises(ConfigError, match="class_names"):
        read_class_names(spec)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("names.txt", b"", "is empty"),
        ("names.txt", b"crane\n\nsea lion\n", "class 2 of 3 is blank"),
        ("names.txt", b"caf\xe9\n", "not UTF-8"),
        ("names.json", b"[]", "is empty"),
        ("names.json", b'["crane", ""]', "class 2 of 2 is blank"),
        ("names.json", b'["crane", 2]', "class 2 of 2 is blank or no text"),
        ("names.json", b'{"0": "crane"}', "is no list"),
        ("names.json", b'"crane"', "is no list"),
        ("names.json", b"[crane", "not valid JSON"),
        ("names.json", b"[" * 100_000, "not valid JSON"),
        ("names.json", b"", "not valid JSON"),
    ],
)
def test_bad_file(tmp_path, file, content, message):
    path = tmp_path / file
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as error:
        read_class_names(path)
    assert file in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("spec", ["nowhere/names", "nowhere.txt", "nowhere.json"])
def test_missing_file(spec):
    with pytest.raises(DataError, match=r"nowhere.* cannot be read"):
        read_class_names(spec)


def test_a_line_break_in_a_name_is_refused():
    with pytest.raises(ConfigError, match="class 1 of 2 holds a line break"):
        read_class_names(["cat\ndog", "bird"])


@pytest.mark.parametrize("spec", [["n01440764"], ["cat", "n02084071"]])
def test_a_wordnet_id_is_no_name(spec):
    with pytest.raises(ConfigError, match=f"first '{spec[-1]}', which no text tower knows"):
        read_class_names(spec)
