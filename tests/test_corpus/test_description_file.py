"""The file of class descriptions: what is read, what is refused, and that writing is reading's inverse."""

import pytest

from mmneglabel.corpus.description_file import read_comments, read_descriptions, write_descriptions, write_lines
from mmneglabel.errors import DataError


def test_comments_blanks_and_underscores(write_files):
    text = "\ufeff# by hand\r\n\r\naquarium_fish\t A fish in a tank.  \r\ncat\tA cat; #1 pet.\r\n"
    path = write_files({"a.tsv": text}) / "a.tsv"
    assert read_descriptions(path) == {"aquarium fish": "A fish in a tank.", "cat": "A cat; #1 pet."}
    assert read_comments(path) == ["# by hand"]


@pytest.mark.parametrize(
    "text",
    [
        "maple_tree: a tree: red in autumn\ncat: a pet that is small\n",  # a text may hold what parts
        "maple tree:a tree: red in autumn\n\ncat:a pet that is small",
        "maple tree is a tree: red in autumn\ncat is a pet that is small\n",
    ],
)
def test_forms_that_tagfogs_authors_released(write_files, text):
    path = write_files({"a.txt": text}) / "a.txt"
    assert read_descriptions(path) == {"maple tree": "a tree: red in autumn", "cat": "a pet that is small"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cat\n", "line 1 is 'cat'"),
        ("# x\n\ncat\t\n", "line 3 is 'cat'"),
        ("\tA cat.\n", "line 1 is 'A cat.'"),
        ("cat\tA cat.\tfelis\n", "one tab"),
        ("my_cat\tA cat.\ndog\tA dog.\nmy cat\tA cat.\n", "'my cat' on lines 1 and 3"),
        ("# nothing\n", "is empty"),
        ("cat\tA cat: small.\ndog: a dog\n", "line 2 is 'dog: a dog'"),
        ("cat is a pet\ndog: a dog\n", "line 1 is 'cat is a pet'"),
        ("cat:\ndog: a dog\n", "line 1 is 'cat:'"),
        (b"caf\xe9\tA place.\n", "not UTF-8"),
    ],
)
def test_what_is_refused_is_named_with_its_place(write_files, text, words):
    path = write_files({"a.tsv": text}) / "a.tsv"
    with pytest.raises(DataError) as caught:
        read_descriptions(path)
    assert words in str(caught.value)
    assert "a.tsv" in str(caught.value)


def test_missing_file(tmp_path):
    with pytest.raises(DataError, match=r"description file .*nowhere\.tsv cannot be read"):
        read_descriptions(tmp_path / "nowhere.tsv")


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / "a.tsv"
    descriptions = {"dog": "A dog.", "aquarium fish": "A fish: blue, \u201cquoted\u201d."}
    write_descriptions(path, descriptions, ["# one", "# two"])
    assert list(read_descriptions(path).items()) == list(descriptions.items())
    assert read_comments(path) == ["# one", "# two"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_never_breaks_its_line(tmp_path):
    write_lines(tmp_path / "a.tsv", [("dog", "A\tdog\nbarks.")])
    assert read_descriptions(tmp_path / "a.tsv") == {"dog": "A dog barks."}
