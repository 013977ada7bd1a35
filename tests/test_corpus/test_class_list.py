"""Lists of classes as folders and as names: from lists, files, by name, from open_clip."""

import json
import re

import pytest
from mmpretrain.datasets.categories import CIFAR10_CATEGORIES, CIFAR100_CATEGORIES

from mmneglabel.corpus.class_list import names_of_folders, read_class_list, read_class_names
from mmneglabel.corpus.noun_synsets import load_noun_synsets
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.storage.resources import resource


def test_folders_and_names(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeffn01484850 great  white shark\r\n\r\nmy dogs\tdog\nsea lion\nn1 x\n".encode())
    want = (("n01484850", "great  white shark"), ("my dogs", "dog"), ("sea lion", "sea lion"), ("n1 x", "n1 x"))
    lines = ["n01484850 great  white shark", "my dogs\tdog", " sea lion ", "n1 x"]
    (tmp_path / "list.json").write_text(json.dumps(lines))
    assert read_class_list(path) == read_class_list(lines) == read_class_list(tmp_path / "list.json") == want


def test_one_list_serves_folders_and_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cifar10").mkdir()  # A folder of pictures, say.
    for spec in ("cifar10", "imagenet100_tagfog_1", "txtfiles/classes/cifar100.txt"):
        listed = read_class_list(spec)
        assert read_class_names(spec) == tuple(entry.name for entry in listed)
    assert read_class_list("imagenet100_tagfog_1")[0] == ("n01498041", "stingray")
    (tmp_path / "cifar100").write_text("mine\n")
    assert read_class_list("cifar100") == (("mine", "mine"),)


@pytest.mark.parametrize(("name", "names"), [("cifar10", CIFAR10_CATEGORIES), ("cifar100", CIFAR100_CATEGORIES)])
def test_shipped_lists_are_found_from_anywhere(name, names, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_class_list(f"txtfiles/classes/{name}.txt") == tuple((n, n) for n in names)


# List -> classes, and how many names are distinct.
SHIPPED = {
    "cub200": (200, 200),
    "food101": (101, 101),
    "imagenet10": (10, 10),
    "imagenet10_names_mcm": (10, 10),
    "imagenet1k": (1000, 998),  # missile and sunglasses twice
    "imagenet20": (20, 20),
    "imagenet20_names_mcm": (20, 20),
    "imagenet99": (99, 99),
    "imagenet_a": (200, 200),
    "imagenet_a_names_csp": (200, 195),  # cut to their first words, as the authors prompt them
    "imagenet_r": (200, 200),
    "imagenet_r_names_csp": (200, 200),
    "oxford_pets": (37, 37),
    "stanford_cars": (196, 196),
    "waterbirds": (2, 2),
}


@pytest.mark.parametrize(("name", "counts"), SHIPPED.items())
def test_shipped_lists_are_whole(name, counts):
    listed = read_class_list(name)
    assert (len(listed), len({entry.name for entry in listed})) == counts


def test_shipped_lists_of_imagenet_agree():
    folders = {name: {entry.folder for entry in read_class_list(name)} for name in SHIPPED if "imagenet" in name}
    folders |= {"imagenet100": {entry.folder for entry in read_class_list("imagenet100_tagfog_1")}}
    full = read_class_list("imagenet1k")
    assert tuple(entry.name for entry in full) == read_class_names("imagenet")
    assert all(ids <= folders["imagenet1k"] for ids in folders.values())
    assert folders["imagenet100"] - folders["imagenet99"] == {"n04037443"}  # the race car
    assert folders["imagenet20"] & folders["imagenet100"] == {"n04147183", "n01632458"}
    assert not folders["imagenet10"] & (folders["imagenet20"] | folders["imagenet100"])
    for name in ("imagenet10", "imagenet20", "imagenet99", "imagenet_a", "imagenet_r"):
        assert set(read_class_list(name)) <= set(full)
        assert list(read_class_list(name)) == sorted(read_class_list(name))  # ImageFolder's order
    for ours, theirs in (("imagenet_a", "imagenet_a_names_csp"), ("imagenet_r", "imagenet_r_names_csp")):
        assert [e.folder for e in read_class_list(ours)] == [e.folder for e in read_class_list(theirs)]


@pytest.mark.parametrize("number", [1, 2])
def test_shipped_wordnet_ids_are_synsets_with_fitting_names(number):
    listed = read_class_list(resource("txtfiles") / "classes" / f"imagenet100_tagfog_{number}.txt")
    assert len(listed) == len({entry.name for entry in listed}) == 100
    assert list(listed) == sorted(listed)  # the authors' labels are those of sorted folders
    words_shared = 0
    for folder, name in listed:
        synset = load_noun_synsets().synset(folder.removeprefix("n"))
        words = set(re.findall("[a-z]+", " ".join(synset.lemmas).replace("_", " ").lower()))
        words_shared += bool(words & set(re.findall("[a-z]+", name.lower())))
    # The others are other words for the same thing, such as "slip-on shoe" for a loafer.
    assert words_shared >= 90


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


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ([], ConfigError, "class_list is empty"),
        (["", " "], ConfigError, "class_list is empty"),
        (7, ConfigError, "class_list is no list (7): give one line a class"),
        ([1, 2], ConfigError, "class_list: class 1 of 2 is blank or no text (1)"),
        (["a\tb\tc"], ConfigError, "class 1 of 1 holds a line break, a second tab"),
        ("cifar-10", ConfigError, "class_list='cifar-10' is no file and no known list: did you mean 'cifar10'"),
        (["a", "b\tx", "", "a\ty"], DataError, "class 3 has the folder 'a' of class 1; list it once"),
        ("gone.txt", DataError, "class list gone.txt cannot be read (No such file"),
        ("txtfiles/classes/cifar11.txt", DataError, "cifar11.txt cannot be read (No such file"),
    ],
)
def test_a_list_that_is_none(spec, error, message):
    with pytest.raises(error, match=re.escape(message)):
        read_class_list(spec)


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ([], ConfigError, "class_names is empty"),
        (None, ConfigError, "class_names is no list (None)"),
        ({"crane": 0}, ConfigError, "class_names is no list"),
        (b"crane", ConfigError, "class_names: class 1 of 5 is blank or no text (99)"),
        (["crane", " "], ConfigError, "class_names: class 2 of 2 is blank"),
        (["cat\ndog", "bird"], ConfigError, "class 1 of 2 holds a line break"),
        (["n01440764"], ConfigError, "first 'n01440764', which no text tower knows"),
        (["cat", "n02084071"], ConfigError, "1 of 2 are WordNet ids, first 'n02084071'"),
        ("imagenet-1k", ConfigError, "did you mean 'imagenet1k'"),
        ("ImageNet", ConfigError, "did you mean 'imagenet'"),
        ("zzz", ConfigError, "known: cifar10, cifar100, cub200, "),
        ("nowhere/names", DataError, "nowhere/names cannot be read"),
        ("nowhere.json", DataError, "nowhere.json cannot be read"),
    ],
)
def test_names_that_are_none(spec, error, message):
    with pytest.raises(error, match=re.escape(message)):
        read_class_names(spec)


def test_folders_are_names():
    assert names_of_folders(["polar_bear", "747", "Sea Lion"]) == ("polar bear", "747", "Sea Lion")


IMAGENET10 = [listed.folder for listed in read_class_list("imagenet10")]


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        (IMAGENET10, f"10 of 10 are WordNet ids, first '{IMAGENET10[0]}', which no text tower knows"),
        (IMAGENET10[::-1], "give class_list (evaluate: --classes) as 'imagenet10' or 'imagenet10_names_mcm'"),
        ([listed.folder for listed in read_class_list("imagenet1k")], "(evaluate: --classes) as 'imagenet1k'"),
        (IMAGENET10[:3], "as a file of lines 'folder<TAB>name'; 'imagenet10' has names for them"),
        (["cat", "n00000001"], "1 of 2 are WordNet ids"),
        (["0", "1", "10"], "3 of 3 are numbers, first '0', which no text tower knows"),
        (["0", "1", "10"], "(evaluate: --classes) as a file of lines 'folder<TAB>name'"),
    ],
)
def test_folders_that_are_no_names(folders, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        names_of_folders(folders)


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
def test_a_bad_file_is_named(tmp_path, file, content, message):
    path = tmp_path / file
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"class list .*{file}.* {message}") as error:
        read_class_names(path)
    assert "\n" not in str(error.value)
