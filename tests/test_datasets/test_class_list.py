import re

import pytest
from mmpretrain.datasets.categories import CIFAR10_CATEGORIES, CIFAR100_CATEGORIES

from mmneglabel.corpus.noun_synsets import load_noun_synsets
from mmneglabel.corpus.resources import resource
from mmneglabel.datasets.class_list import read_class_list
from mmneglabel.errors import ConfigError, DataError


def test_folders_and_names(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeffn01 great  white shark\r\n\r\nmy dogs\tdog\ncat\n".encode())
    want = (("n01", "great  white shark"), ("my dogs", "dog"), ("cat", "cat"))
    assert read_class_list(path) == read_class_list(["n01 great  white shark", "my dogs\tdog", " cat "]) == want


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ([], ConfigError, "class_list is empty"),
        (["", " "], ConfigError, "class_list is empty"),
        (7, ConfigError, "class_list=7; give a text file"),
        ([1, 2], ConfigError, "give a text file, or a list of folder names"),
        (["a", "b x", "", "a y"], DataError, "class 3 has the folder 'a' of class 1; list it once"),
        ("gone.txt", DataError, "class list gone.txt cannot be read (No such file"),
        ("txtfiles/classes/cifar11.txt", DataError, "cifar11.txt cannot be read (No such file"),
    ],
)
def test_errors(spec, error, message):
    with pytest.raises(error, match=re.escape(message)):
        read_class_list(spec)


def test_an_empty_file_is_named(tmp_path):
    (tmp_path / "e.txt").write_text("\n")
    with pytest.raises(ConfigError, match=re.escape(f"class list {tmp_path / 'e.txt'} is empty")):
        read_class_list(str(tmp_path / "e.txt"))


@pytest.mark.parametrize(("name", "names"), [("cifar10", CIFAR10_CATEGORIES), ("cifar100", CIFAR100_CATEGORIES)])
def test_shipped_lists_are_found_from_anywhere(name, names, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_class_list(f"txtfiles/classes/{name}.txt") == tuple((n, n) for n in names)


@pytest.mark.parametrize("number", [1, 2])
def test_shipped_wordnet_ids_are_synsets_with_fitting_names(number):
    listed = read_class_list(resource("txtfiles") / "classes" / f"imagenet100_tagfog_{number}.txt")
    assert len(listed) == len({entry.name for entry in listed}) == 100
    words_shared = 0
    for folder, name in listed:
        synset = load_noun_synsets().synset(folder.removeprefix("n"))
        words = set(re.findall("[a-z]+", " ".join(synset.lemmas).replace("_", " ").lower()))
        words_shared += bool(words & set(re.findall("[a-z]+", name.lower())))
    # The others are other words for the same thing, such as "slip-on shoe" for a loafer.
    assert words_shared >= 90
