"""What is said once of a bank: doubtful words, words that its tower cannot read, and whose words they are."""

from textwrap import shorten

import pytest
from paths import TINY_CLIP
from stand_in import StandInBackbone

from mmneglabel.backbones import OpenCLIPBackbone
from mmneglabel.corpus.words import AUTHORS_FOLDER
from mmneglabel.errors import DataError
from mmneglabel.mining import CSP, LabelsOnly, NegFilter, NegMining, ReadyList, notes
from test_mining.judge import ScriptedJudge


@pytest.mark.parametrize(
    ("labels", "negatives", "said"),
    [
        (("cat", "dog"), ("rock", "sand"), []),
        (("cat", "dog", "cat"), ("rock",), ["1 class names stand more than once, such as 'cat'"]),
        (("polar_bear", "dog"), ("sea_lion",), ["1 class names hold underscores, such as 'polar_bear'"]),
        (("Cat", "dog"), ("rock", "cat", "DOG"), ["2 of 3 negatives equal class names, such as 'cat'"]),
        (("polar bear",), ("rock", "Polar_bear"), ["1 of 2 negatives equal class names, such as 'Polar_bear'"]),
        (("кот", "747", "Übermut"), ("rock",), ["1 of 3 class names have no Latin letter, such as 'кот'"]),
        (("cat",), ("石", "rock"), ["1 of 2 negatives have no Latin letter, such as '石'"]),
    ],
    ids=["nothing", "twice", "underscores", "equal", "equal but for spelling", "foreign classes", "foreign negatives"],
)
def test_what_is_said_of_a_bank(mine, listed, labels, negatives, said):
    miner = ReadyList(path=listed(*negatives))
    found = notes(mine(miner, labels), miner, StandInBackbone())
    assert len(found) == len(said)
    assert all(note.startswith(start) for note, start in zip(found, said, strict=True))


@pytest.fixture(scope="module")
def clip():
    return OpenCLIPBackbone(TINY_CLIP)


def test_words_that_are_cut(mine, listed, clip):
    long = " ".join(["endless"] * 90)
    miner = ReadyList(path=listed("rock", long, "sand"))
    bank = mine(miner, ("cat", "dog", long), clip)
    starts = [f"1 of 3 {what} were cut, such as {shorten(long, 60)!r}" for what in ("class names", "negatives")]
    said = {mined: [note for note in notes(bank, miner, clip, mined) if "cut" in note] for mined in (True, False)}
    assert [note.startswith(start) for note, start in zip(said[True], starts, strict=True)] == [True, True]
    assert said[False] == said[True][:1]  # the negatives of a bank that is kept are not looked at again
    assert not any("cut" in note for note in notes(bank, miner))


def test_a_tower_that_reads_many_languages(mine, clip, monkeypatch):
    bank = mine(LabelsOnly(), ("猫", "dog"), clip)
    assert ["no Latin letter" in note for note in notes(bank, LabelsOnly(), clip)] == [True]
    monkeypatch.setattr(type(clip), "multilingual", True)
    assert notes(bank, LabelsOnly(), clip) == []


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Nobody's folder to start a run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_words_of_somebody_else_in_the_authors_place(mine, words, here):
    (here / "data" / "neglabel").mkdir(parents=True)
    words.rename(here / AUTHORS_FOLDER)
    pool = NegMining(corpus="neglabel", ratio=1.0)
    for miner in (pool, NegFilter(pool=pool, judge=ScriptedJudge())):
        bank = mine(miner)
        assert bank.recipe["words"] == "the user's words: 60 nouns, 40 adjectives"
        assert "from the user's words: 60 nouns, 40 adjectives" in bank.summary()
        (note,) = [note for note in notes(bank, miner) if "papers'" in note]
        assert "Not the papers' words but the user's words: 60 nouns, 40 adjectives: data/neglabel/txtfiles" in note
        assert "differs from their release in 27 files, such as adj.all.txt" in note


@pytest.mark.parametrize("miner", [NegMining, CSP])
def test_without_the_authors_folder_our_words_are_taken_and_it_is_said(here, miner):
    ours, wanted = miner(), miner(corpus="neglabel")
    assert wanted.words == ours.words
    assert wanted.fingerprint(("cat",), "tower") == ours.fingerprint(("cat",), "tower")
    (note,) = wanted.notes(None)
    assert "Not the papers' words but mmneglabel's word lists" in note
    assert "is not there (txtfiles/README.md says how to get it)" in note
    assert ours.notes(None) == []


def test_a_folder_that_is_named_must_be_there(here):
    with pytest.raises(DataError, match="nowhere cannot be read"):
        NegMining(corpus="nowhere").fingerprint(("cat",), "tower")
