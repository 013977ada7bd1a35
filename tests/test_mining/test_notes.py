import pytest

from mmneglabel.corpus.known_words import AUTHORS_FOLDER
from mmneglabel.errors import DataError
from mmneglabel.mining import CSP, NegFilter, NegMining, ReadyList, notes


@pytest.mark.parametrize(
    ("labels", "negatives", "said"),
    [
        (("cat", "dog"), ("rock", "sand"), []),
        (("cat", "dog", "cat"), ("rock",), ["1 class names stand more than once, such as 'cat'"]),
        (("polar_bear", "dog"), ("sea_lion",), ["1 class names hold underscores, such as 'polar_bear'"]),
        (("Cat", "dog"), ("rock", "cat", "DOG"), ["2 of 3 negatives equal class names, such as 'cat'"]),
        (("кот", "747", "Übermut"), ("rock",), ["1 of 3 class names have no Latin letter, such as 'кот'"]),
        (("cat",), ("石", "rock"), ["1 of 2 negatives have no Latin letter, such as '石'"]),
    ],
    ids=["nothing", "twice", "underscores", "equal", "foreign classes", "foreign negatives"],
)
def test_what_is_said_of_a_bank(mine, tmp_path, labels, negatives, said):
    (tmp_path / "list.txt").write_text("\n".join(negatives) + "\n", encoding="utf-8")
    found = notes(mine(ReadyList(path=tmp_path / "list.txt", groups=1), labels))
    assert len(found) == len(said)
    assert all(note.startswith(start) for note, start in zip(found, said, strict=True))


class SaysNo:
    def proper_nouns(self, words):
        return [False] * len(words)

    def subcategories(self, pairs):
        return [False] * len(pairs)

    def check(self):
        pass

    def close(self):
        pass

    def facts(self):
        return {}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Nobody's folder to start a run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_words_of_somebody_else_in_the_authors_place(mine, words, here):
    (here / "data" / "neglabel").mkdir(parents=True)
    words.rename(here / AUTHORS_FOLDER)
    pool = NegMining(corpus="neglabel", ratio=1.0)
    for miner in (pool, NegFilter(pool=pool, judge=SaysNo())):
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
