"""The WordNet judge on the shipped table, and what a user can get wrong."""

import dataclasses
import hashlib
import json

import pytest

from mmneglabel.corpus.noun_synsets import SYNSETS_NAME
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.judges.wordnet_judge import WordNetJudge
from mmneglabel.storage.resources import resource

JUDGE = WordNetJudge()
FIRST = WordNetJudge(senses="first")


@pytest.mark.parametrize(
    "word",
    [
        "samarkand",
        "great slave lake",
        "sewards folly",
        "genus kohleria",
        "family rosaceae",
        "order rosales",
        "haida",
        "sikhism",
        "church of england",
    ],
)
def test_proper_nouns(word):
    assert JUDGE.proper_nouns([word]) == FIRST.proper_nouns([word]) == [True]


@pytest.mark.parametrize(
    "word",
    [
        "dog",
        "kohleria",  # a genus of plants is also any of its plants
        "drimys",
        "jack-tar",
        "monterey cypress",
        "foucault pendulum",
        "order of magnitude",  # no rank of a taxon
        "genus",
        "spiny-leaved space",
        "no such word",
        "",
    ],
)
def test_common_words(word):
    assert JUDGE.proper_nouns([word]) == FIRST.proper_nouns([word]) == [False]


def test_turkey_is_a_country_in_its_second_sense_only():
    assert JUDGE.proper_nouns(["turkey", "dog"]) == [True, False]
    assert FIRST.proper_nouns(["turkey", "dog"]) == [False, False]


@pytest.mark.parametrize(
    ("word", "label", "verdict"),
    [
        ("beagle", "dog", True),
        ("Beagle", "hound dog", True),
        ("dog", "beagle", False),
        ("white shark", "great white shark", True),  # synonyms
        ("paris", "city", True),  # through an instance
        ("spiny-leaved space", "Spiny-Leaved Space", True),  # equal, though no lemma
        ("spiny-leaved space", "space heater", False),
        ("dog", "no such label", False),
        ("cup of joe", "cup", False),
        ("tabby", "tiger cat", False),
    ],
)
def test_subcategories(word, label, verdict):
    assert JUDGE.subcategories([(word, label)]) == [verdict]


def test_first_senses_alone_miss_the_bird_named_crane():
    pairs = [("whooping crane", "crane"), ("beagle", "dog")]
    assert JUDGE.subcategories(pairs) == [True, True]
    assert FIRST.subcategories(pairs) == [False, True]


def test_many_pairs_keep_their_order():
    pairs = [("beagle", "dog"), ("beagle", "cat"), ("tabby", "cat"), ("beagle", "dog")]
    assert JUDGE.subcategories(pairs) == [True, False, True, True]


def test_nothing_to_judge():
    assert JUDGE.proper_nouns([]) == JUDGE.subcategories([]) == []


def test_facts_tell_what_decides():
    facts = JUDGE.facts()
    assert json.loads(json.dumps(facts)) == facts
    digest = hashlib.sha256((resource("txtfiles") / SYNSETS_NAME).read_bytes()).hexdigest()
    assert facts == {"judge": "WordNetJudge", "version": 1, "senses": "all", "synsets_sha256": digest}
    assert FIRST.facts() == facts | {"senses": "first"}


def test_a_copy_elsewhere_gives_the_same_facts(tmp_path):
    path = tmp_path / "copy.tsv.gz"
    path.write_bytes((resource("txtfiles") / SYNSETS_NAME).read_bytes())
    assert WordNetJudge(synsets=path).facts() == WordNetJudge(synsets=str(path)).facts() == JUDGE.facts()


def test_it_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        JUDGE.senses = "first"


@pytest.mark.parametrize("senses", ["firsts", "", None, 1, ["all"]])
def test_unknown_senses(senses):
    with pytest.raises(ConfigError, match=r"senses is .*; (did you mean|known)"):
        WordNetJudge(senses=senses)


def test_synsets_must_be_a_path():
    with pytest.raises(ConfigError, match="synsets must be a path, got 3"):
        WordNetJudge(synsets=3)


@pytest.mark.parametrize("ask", [lambda j: j.proper_nouns(["a"]), lambda j: j.subcategories([]), WordNetJudge.facts])
def test_missing_and_damaged_table(tmp_path, ask):
    path = tmp_path / "table.tsv.gz"
    with pytest.raises(DataError, match=r"no table of noun synsets .*table\.tsv\.gz"):
        ask(WordNetJudge(synsets=path))
    path.write_bytes(b"damaged")
    with pytest.raises(DataError, match=r"table\.tsv\.gz is damaged"):
        ask(WordNetJudge(synsets=path))
