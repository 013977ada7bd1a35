"""The lists that travel with the project and the tool that makes them."""

import gzip
import os

import pytest

from mmneglabel.corpus.noun_synsets import SYNSETS_NAME, load_noun_synsets
from mmneglabel.corpus.synset_table import noun_synset_table
from mmneglabel.corpus.word_lists import compare_lists, list_files, verify_lists, write_lists
from mmneglabel.corpus.wordnet import lexicographer_words, open_wordnet
from mmneglabel.errors import DataError
from mmneglabel.storage.resources import resource
from mmneglabel.storage.text_files import write_atomically

WORDS = {"noun.act": ["run", "café"], "adj.all": ["good"]}
FILES = list_files(WORDS) | {SYNSETS_NAME: gzip.compress(b"table")}


def test_shipped_lists_match_their_checksums():
    assert verify_lists(resource("txtfiles")) == 30


@pytest.mark.skipif("MMNEGLABEL_WORDNET" not in os.environ, reason="MMNEGLABEL_WORDNET names no WordNet folder")
def test_wordnet_yields_the_shipped_lists():
    wordnet = open_wordnet(os.environ["MMNEGLABEL_WORDNET"])
    files = list_files(lexicographer_words(wordnet)) | {SYNSETS_NAME: noun_synset_table(wordnet)}
    compare_lists(files, resource("txtfiles"))


def test_write_verify_compare(tmp_path):
    folder = tmp_path / "new" / "lists"
    write_lists(FILES, folder)
    write_lists(FILES, folder)
    assert (folder / "noun.act.txt").read_bytes() == "run\ncafé\n".encode()
    assert sorted(path.name for path in folder.iterdir()) == ["SHA256SUMS", "adj.all.txt", "noun.act.txt", SYNSETS_NAME]
    assert (folder / "SHA256SUMS").read_text().splitlines()[0].endswith("  adj.all.txt")
    assert verify_lists(folder) == 3
    compare_lists(FILES, folder)


@pytest.mark.parametrize("damage", ["edit", "remove"])
def test_a_damaged_table_is_named(tmp_path, damage):
    write_lists(FILES, tmp_path)
    target = tmp_path / SYNSETS_NAME
    target.unlink() if damage == "remove" else target.write_bytes(target.read_bytes()[:-1])
    with pytest.raises(DataError, match=f"do not match SHA256SUMS: {SYNSETS_NAME}"):
        verify_lists(tmp_path)
    with pytest.raises(DataError, match=f"not what this WordNet gives: {SYNSETS_NAME}"):
        compare_lists(FILES, tmp_path)


def test_how_a_table_was_packed_does_not_count(tmp_path):
    write_lists(FILES, tmp_path)
    compare_lists(FILES | {SYNSETS_NAME: gzip.compress(b"table", compresslevel=1, mtime=1)}, tmp_path)
    with pytest.raises(DataError, match=f"not what this WordNet gives: {SYNSETS_NAME}"):
        compare_lists(FILES | {SYNSETS_NAME: gzip.compress(b"other")}, tmp_path)


def test_table_that_cannot_be_written(tmp_path):
    (tmp_path / SYNSETS_NAME).mkdir()
    with pytest.raises(DataError, match=f"{SYNSETS_NAME} cannot be written"):
        write_lists(FILES, tmp_path)


@pytest.mark.parametrize("damage", ["edit", "remove", "add"])
def test_damage_is_named(tmp_path, damage):
    write_lists(FILES, tmp_path)
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
    write_lists(FILES, tmp_path)
    with pytest.raises(DataError, match=r"not what this WordNet gives: noun\.act\.txt, noun\.body\.txt"):
        compare_lists(list_files({**WORDS, "noun.act": ["walk"], "noun.body": ["arm"]}), tmp_path)


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
        write_lists(FILES, tmp_path / "file" / "lists")


def test_tool_makes_and_checks(make_word_lists, wordnet_folder, nltk_data, tmp_path, capsys):
    folder, nltks = str(tmp_path / "one"), str(tmp_path / "two")
    make_word_lists.main(["--wordnet", str(wordnet_folder), "--out", folder])
    assert "wrote 29 lists with 12 words and noun_synsets.tsv.gz" in capsys.readouterr().out
    make_word_lists.main(["--out", nltks])
    make_word_lists.main(["--check", "--out", nltks, "--wordnet", str(wordnet_folder)])
    make_word_lists.main(["--check", "--out", folder, "--wordnet", "nltk"])
    assert "30 files match their checksums and what WordNet yields" in capsys.readouterr().out


def test_tool_checks_the_shipped_lists_by_default(make_word_lists, capsys):
    make_word_lists.main(["--check"])
    assert capsys.readouterr().out == "30 files match their checksums\n"


def test_tool_notices_a_damaged_table(make_word_lists, wordnet_folder, tmp_path):
    make_word_lists.main(["--wordnet", str(wordnet_folder), "--out", str(tmp_path)])
    assert len(load_noun_synsets(tmp_path / SYNSETS_NAME)) == 9
    with (tmp_path / SYNSETS_NAME).open("ab") as file:
        file.write(b"x")
    with pytest.raises(SystemExit, match=f"do not match SHA256SUMS: {SYNSETS_NAME}"):
        make_word_lists.main(["--check", "--out", str(tmp_path)])


def test_tool_says_what_is_wrong_in_one_line(make_word_lists, tmp_path):
    with pytest.raises(SystemExit, match="error: no WordNet folder") as end:
        make_word_lists.main(["--wordnet", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out")])
    assert "\n" not in end.value.code
    assert not (tmp_path / "out").exists()
