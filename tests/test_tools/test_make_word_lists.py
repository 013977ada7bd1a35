"""The lists that travel with the project and the tool that makes them, from a tiny WordNet."""

import gzip
import os

import pytest
from paths import authors

from mmneglabel.corpus.noun_synsets import SYNSETS_NAME
from mmneglabel.corpus.wordnet import open_wordnet
from mmneglabel.corpus.words import LABEL_FILES
from mmneglabel.errors import DataError
from mmneglabel.storage.resources import resource
from test_tools.loading import load_tool, run_tool

TOOL = load_tool("_make_word_lists")
WORDS = {"noun.act": ["run", "café"], "adj.all": ["good"]}
FILES = TOOL.list_files(WORDS) | {SYNSETS_NAME: gzip.compress(b"table")}


@pytest.mark.skipif("MMNEGLABEL_WORDNET" not in os.environ, reason="MMNEGLABEL_WORDNET names no WordNet folder")
def test_wordnet_yields_the_shipped_lists():
    TOOL.compare_lists(TOOL.wordnet_files(os.environ["MMNEGLABEL_WORDNET"]), resource("txtfiles"))


def test_write_verify_compare(tmp_path):
    folder = tmp_path / "new" / "lists"
    TOOL.write_lists(FILES, folder)
    TOOL.write_lists(FILES, folder)
    assert (folder / "noun.act.txt").read_bytes() == "run\ncafé\n".encode()
    assert sorted(path.name for path in folder.iterdir()) == ["SHA256SUMS", "adj.all.txt", "noun.act.txt", SYNSETS_NAME]
    assert (folder / "SHA256SUMS").read_text().splitlines()[0].endswith("  adj.all.txt")
    assert TOOL.verify_lists(folder) == 3
    TOOL.compare_lists(FILES, folder)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (SYNSETS_NAME, lambda path: path.unlink()),
        (SYNSETS_NAME, lambda path: path.write_bytes(path.read_bytes()[:-1])),
        (SYNSETS_NAME, lambda path: path.write_bytes(path.read_bytes() + b"x")),
        ("noun.act.txt", lambda path: path.unlink()),
        ("noun.act.txt", lambda path: path.write_text("edited\n")),
        ("noun.more.txt", lambda path: path.touch()),
    ],
)
def test_damage_is_named(tmp_path, name, damage):
    TOOL.write_lists(FILES, tmp_path)
    damage(tmp_path / name)
    with pytest.raises(DataError, match=f"do not match SHA256SUMS: {name};"):
        run_tool("make_word_lists", "--check", "--out", tmp_path)
    if name in FILES:
        with pytest.raises(DataError, match=f"not what this WordNet gives: {name}"):
            TOOL.compare_lists(FILES, tmp_path)


def test_how_a_table_was_packed_does_not_count(tmp_path):
    TOOL.write_lists(FILES, tmp_path)
    TOOL.compare_lists(FILES | {SYNSETS_NAME: gzip.compress(b"table", compresslevel=1, mtime=1)}, tmp_path)
    with pytest.raises(DataError, match=f"not what this WordNet gives: {SYNSETS_NAME}"):
        TOOL.compare_lists(FILES | {SYNSETS_NAME: gzip.compress(b"other")}, tmp_path)


def test_what_cannot_be_written_is_named(tmp_path):
    (tmp_path / SYNSETS_NAME).mkdir()
    with pytest.raises(DataError, match=f"{SYNSETS_NAME} cannot be written"):
        TOOL.write_lists(FILES, tmp_path)
    with pytest.raises(DataError, match="cannot be written"):
        TOOL.write_lists(FILES, tmp_path / "noun.act.txt" / "folder")


def test_missing_and_broken_checksums(tmp_path):
    with pytest.raises(DataError, match="SHA256SUMS cannot be read"):
        TOOL.verify_lists(tmp_path)
    (tmp_path / "SHA256SUMS").write_text("12  noun.act.txt\n")
    with pytest.raises(DataError, match="no checksum"):
        TOOL.verify_lists(tmp_path)


def test_other_words_are_named(tmp_path):
    TOOL.write_lists(FILES, tmp_path)
    with pytest.raises(DataError, match=r"not what this WordNet gives: noun\.act\.txt, noun\.body\.txt"):
        TOOL.compare_lists(TOOL.list_files({**WORDS, "noun.act": ["walk"], "noun.body": ["arm"]}), tmp_path)


def test_tool_makes_and_checks(wordnet_folder, nltk_data, tmp_path, capsys):
    folder, nltks = str(tmp_path / "one"), str(tmp_path / "two")
    run_tool("make_word_lists", "--wordnet", str(wordnet_folder), "--out", folder)
    assert "wrote 29 lists with 12 words and noun_synsets.tsv.gz" in capsys.readouterr().out
    run_tool("make_word_lists", "--out", nltks)
    run_tool("make_word_lists", "--check", "--out", nltks, "--wordnet", str(wordnet_folder))
    run_tool("make_word_lists", "--check", "--out", folder, "--wordnet", "nltk")
    assert "30 files match their checksums and what WordNet yields" in capsys.readouterr().out


def test_tool_checks_the_shipped_lists_by_default(capsys):
    run_tool("make_word_lists", "--check")
    assert capsys.readouterr().out == "30 files match their checksums\n"


def test_tool_says_what_is_wrong_in_one_line(tmp_path):
    with pytest.raises(DataError, match="no WordNet folder") as end:
        run_tool("make_word_lists", "--wordnet", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out"))
    assert "\n" not in str(end.value)
    assert not (tmp_path / "out").exists()


def test_a_first_senses_number_is_left_out(wordnet_folder):
    _, *rows = gzip.decompress(TOOL.noun_synset_table(open_wordnet(wordnet_folder))).decode().splitlines()
    lemmas = [row.split("\t")[2] for row in rows]
    assert lemmas[1:6] == ["dog domestic_dog", "Great_Dane", "run tally", "wait", "run#2"]


def test_bytes_do_not_change(wordnet_folder):
    first = TOOL.noun_synset_table(open_wordnet(wordnet_folder))
    assert first == TOOL.noun_synset_table(open_wordnet(wordnet_folder))
    assert first[4:10] == b"\0\0\0\0\2\xff"  # no time, no system in the header


EXPECTED = {
    "adj.all": ["good", "goodish"],
    "adj.pert": ["parisian"],
    "adj.ppl": ["run"],
    "noun.Tops": ["entity"],
    "noun.act": ["run", "wait"],
    "noun.animal": ["dog", "great dane"],
    "noun.food": ["cox's orange pippin"],
    "noun.location": ["paris"],
    "noun.state": ["wait"],
}


def test_first_lemmas_of_a_bare_folder(wordnet_folder):
    words = TOOL.lexicographer_words(open_wordnet(wordnet_folder))
    assert tuple(words) == LABEL_FILES
    assert {name: found for name, found in words.items() if found} == EXPECTED


@pytest.mark.parametrize("end", [b"|", b" n ", b" 01 wait", b"wait 0 001"])
def test_record_cut_short(wordnet_folder, end):
    data = wordnet_folder / "data.noun"
    data.write_bytes(data.read_bytes()[: data.read_bytes().rindex(end)])
    with pytest.raises(DataError, match=r"the WordNet in .*wordnet is damaged"):
        TOOL.wordnet_files(str(wordnet_folder))


def test_tool_counts_what_the_papers_rows_take(capsys):
    run_tool(
        "make_word_lists",
        "--authors",
        *map(str, (authors("noun.Tops.txt").parent, authors("selected_neg_labels*.txt"))),
    )
    assert capsys.readouterr().out.splitlines() == [
        "NegLabel: 70,000 candidates (56,909 nouns, 13,091 adjectives), 10,499 kept",
        "CSP: 56,620 candidates (46,560 nouns, 10,060 adjectives), 8,493 kept",
        "NegRefine: 56,192 candidates (46,132 nouns, 10,060 adjectives), 8,428 kept",
        "NegLabel's authors' published list: 10,499 lines",
    ]


@pytest.mark.parametrize("other", ["lists", "list", "nothing"])
def test_tool_refuses_what_is_not_the_authors(tmp_path, other):
    path = resource("txtfiles") if other == "lists" else tmp_path / "list.txt"
    if other == "list":
        path.write_text("the nice rock\n")
    message = {"lists": "29 files differ", "list": "is not the list", "nothing": "cannot be read"}[other]
    with pytest.raises(DataError, match=f"{message}"):
        run_tool("make_word_lists", "--authors", str(path))
