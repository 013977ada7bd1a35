"""The lists that travel with the project and the tool that makes them."""

import os

import pytest

from mmneglabel.corpus.resources import resource
from mmneglabel.corpus.text_files import write_atomically
from mmneglabel.corpus.word_lists import compare_lists, verify_lists, write_lists
from mmneglabel.corpus.wordnet import lexicographer_words, open_wordnet
from mmneglabel.errors import DataError

WORDS = {"noun.act": ["run", "café"], "adj.all": ["good"]}


def test_shipped_lists_match_their_checksums():
    assert verify_lists(resource("txtfiles")) == 29


@pytest.mark.skipif("MMNEGLABEL_WORDNET" not in os.environ, reason="MMNEGLABEL_WORDNET names no WordNet folder")
def test_wordnet_yields_the_shipped_lists():
    compare_lists(lexicographer_words(open_wordnet(os.environ["MMNEGLABEL_WORDNET"])), resource("txtfiles"))


def test_write_verify_compare(tmp_path):
    folder = tmp_path / "new" / "lists"
    write_lists(WORDS, folder)
    write_lists(WORDS, folder)
    assert (folder / "noun.act.txt").read_bytes() == "run\ncafé\n".encode()
    assert sorted(path.name for path in folder.iterdir()) == ["SHA256SUMS", "adj.all.txt", "noun.act.txt"]
    assert (folder / "SHA256SUMS").read_text().splitlines()[0].endswith("  adj.all.txt")
    assert verify_lists(folder) == 2
    compare_lists(WORDS, folder)


@pytest.mark.parametrize("damage", ["edit", "remove", "add"])
def test_damage_is_named(tmp_path, damage):
    write_lists(WORDS, tmp_path)
    target = tmp_path / ("noun.more.txt" if damage == "add" else "noun.act.txt")
    target.unlink() if damage == "remove" else target.write_text("edited\n")
    with pytest.raises(DataError, match=f"do not match SHA256SUMS: {target.name}"):
        verify_lists(tmp_path)


def test_missing_and_broken_checksums(tmp_path):
    with pytest.raises(DataError, match="SHA256SUMS cannot be read"):
        verify_lists(tmp_path)
    (tmp_path / "SHA256SUMS").write_text("12  noun.act.txt\n")
    with pytest.raises(DataError, match="no checksum"):
        verify_lists(tmp_path)


def test_other_words_are_named(tmp_path):
    write_lists(WORDS, tmp_path)
    with pytest.raises(DataError, match=r"not what this WordNet gives: noun\.act\.txt, noun\.body\.txt"):
        compare_lists({**WORDS, "noun.act": ["walk"], "noun.body": ["arm"]}, tmp_path)


def test_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "list.txt"
    path.write_text("old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(path), "replace", fail)
    with pytest.raises(DataError, match="No space left"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["list.txt"]


def test_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be made"):
        write_lists(WORDS, tmp_path / "file" / "lists")


def test_tool_makes_and_checks(make_word_lists, wordnet_folder, nltk_data, tmp_path, capsys):
    folder, nltks = str(tmp_path / "one"), str(tmp_path / "two")
    make_word_lists.main(["--wordnet", str(wordnet_folder), "--out", folder])
    assert "wrote 29 lists with 12 words" in capsys.readouterr().out
    make_word_lists.main(["--out", nltks])
    make_word_lists.main(["--check", "--out", nltks, "--wordnet", str(wordnet_folder)])
    make_word_lists.main(["--check", "--out", folder, "--wordnet", "nltk"])
    assert "29 lists match their checksums and what WordNet yields" in capsys.readouterr().out


def test_tool_checks_the_shipped_lists_by_default(make_word_lists, capsys):
    make_word_lists.main(["--check"])
    assert capsys.readouterr().out == "29 lists match their checksums\n"


def test_tool_says_what_is_wrong_in_one_line(make_word_lists, tmp_path):
    with pytest.raises(SystemExit, match="error: no WordNet folder") as end:
        make_word_lists.main(["--wordnet", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out")])
    assert "\n" not in end.value.code
    assert not (tmp_path / "out").exists()
