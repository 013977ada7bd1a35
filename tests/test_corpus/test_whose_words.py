"""Whose words: our lists and the authors' by digest, anything else the user's."""

import shutil

import pytest
from paths import authors

from mmneglabel.corpus import read_corpus, resource
from mmneglabel.corpus.words import AUTHORS, AUTHORS_FOLDER, OURS, USERS, read_lists, read_sums, unlike_authors


def test_ours_are_known_wherever_they_lie_and_whatever_is_left_out(tmp_path):
    for file in resource("txtfiles").glob("*.txt"):
        (tmp_path / file.name).write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert read_corpus().whose == read_corpus(tmp_path).whose == read_corpus(tmp_path, ("adj.all",)).whose == OURS
    assert str(read_corpus()) == "mmneglabel's word lists: 56,788 nouns, 14,006 adjectives"
    with (tmp_path / "noun.act.txt").open("a") as file:
        file.write("one more\n")
    assert read_corpus(tmp_path).whose == USERS


def test_27_files_of_the_authors_and_their_list_are_known():
    names = [name.rpartition("/") for name in read_sums(resource("txtfiles") / "AUTHORS_SHA256SUMS")]
    assert [folder for folder, _, _ in names].count("txtfiles") == 27
    assert names[-1][2] == "selected_neg_labels_in1k_10k.txt"
    assert len(unlike_authors(read_lists(resource("txtfiles")))) == 29  # WordNet's own 3.0 differs a little everywhere


@pytest.fixture
def in_place(tmp_path, monkeypatch):
    """A folder to start a run in, with the authors' lists in their place."""
    shutil.copytree(authors("noun.Tops.txt").parent, tmp_path / AUTHORS_FOLDER)
    monkeypatch.chdir(tmp_path)
    return tmp_path / AUTHORS_FOLDER


def test_the_authors_words_are_found_in_their_place(in_place):
    corpus = read_corpus("neglabel")
    assert (corpus.whose, len(corpus.nouns) + len(corpus.adjectives)) == (AUTHORS, 70_000)
    assert read_corpus("neglabel", exclude_words=["entity"]).whose == AUTHORS


def test_a_file_more_in_their_place_is_said(in_place):
    (in_place / "noun.gt_labels.txt").write_text("badlands\n")
    assert read_corpus("neglabel").whose == USERS
    assert unlike_authors(read_lists(in_place)) == ["noun.gt_labels"]
