"""Words taken out of a mined bank and added to it."""

from functools import partial

import pytest
import torch
from stand_in import StandInBackbone

from mmneglabel.backbones import encode_words
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.judges import WordNetJudge
from mmneglabel.mining import CSP, Edits, NegFilter, NegMining, ReadyList, load_bank, quantile_similarity, save_bank

TOWER = StandInBackbone()
ENCODE = partial(encode_words, TOWER)
MINERS = {
    "NegMining": lambda words: NegMining(corpus=words, quantile=0.5),
    "CSP": lambda words: CSP(corpus=words, ratio=0.5),
    "NegFilter": lambda words: NegFilter(pool=NegMining(corpus=words, quantile=0.5), judge=WordNetJudge()),
    "ReadyList": lambda words: ReadyList(path=words / "noun.act.txt"),
}


@pytest.fixture
def words(corpus):
    return corpus([f"thing {'abcdefghijklmnop'[i]}" for i in range(16)], [f"odd{'abcdefgh'[i]}" for i in range(8)])


@pytest.fixture(params=MINERS)
def bank(request, mine, words):
    return mine(MINERS[request.param](words))


def test_drops_in_mined_order_and_adds_behind(bank):
    first = bank.negatives[0]
    edited = Edits(drop=[f" {first.upper()}"], unlike=["lens flare", "Fog", "fog"])(bank, ENCODE)
    assert edited.negatives == (*bank.negatives[1:], "lens flare", "fog")
    assert edited.parts_of_speech == (*bank.parts_of_speech[1:], "noun", "noun")
    assert torch.equal(edited.negative_features[:-2], bank.negative_features[1:])
    assert torch.equal(edited.distances[:-2], bank.distances[1:])
    assert edited.recipe == bank.recipe | {"drop": [first], "unlike": ["lens flare", "fog"]}
    assert edited.summary() == edited.summary().removesuffix(", 1 dropped, 2 added") + ", 1 dropped, 2 added"


def test_added_words_are_written_and_measured_like_the_mined_ones(bank):
    """The words of a bank, taken out and added again, have the features and distances that they had."""
    nouns = [word for word, pos in zip(bank.negatives, bank.parts_of_speech, strict=True) if pos == "noun"][-2:]
    again = Edits(unlike=nouns)(Edits(drop=nouns)(bank, ENCODE), ENCODE)
    places = [bank.negatives.index(word) for word in nouns]
    torch.testing.assert_close(again.negative_features[-2:], bank.negative_features[places])
    torch.testing.assert_close(again.distances[-2:], bank.distances[places])


def test_what_is_there_already_is_not_added_twice(bank):
    word = bank.negatives[1]
    edited = Edits(unlike=[word.upper()])(bank, ENCODE)
    assert edited.negatives == bank.negatives
    assert edited.recipe["unlike"] == []


def test_underscores_are_blanks(bank):
    """As in names of folders and in WordNet's lists, from which words are copied."""
    first = bank.negatives[0]
    edited = Edits(drop=[first.replace(" ", "_")], unlike=["lens_flare"])(bank, ENCODE)
    assert edited.recipe == bank.recipe | {"drop": [first], "unlike": ["lens flare"]}
    assert edited.negatives[-1] == "lens flare"
    torch.testing.assert_close(
        edited.negative_features[-1:], Edits(unlike=["lens flare"])(bank, ENCODE).negative_features[-1:]
    )


@pytest.mark.parametrize(("label", "word"), [("polar bear", "Polar_bear"), ("polar_bear", "polar bear")])
def test_a_class_name_is_no_negative_however_it_is_spelled(mine, words, label, word):
    bank = mine(NegMining(corpus=words), ("dog", label))
    with pytest.raises(ConfigError, match=f"unlike: '{word}' is a class name"):
        Edits(unlike=[word])(bank, ENCODE)


def test_without_a_word_it_is_the_same_bank(bank):
    assert Edits()(bank, ENCODE) is bank


def test_lists_may_be_files_and_of_those_some_need_not_be_there(bank, listed):
    drop = listed("No Negative", bank.negatives[2], name="drop.txt")
    edited = Edits(drop=str(drop), unlike=listed("fog", name="add.txt"))(bank, ENCODE)
    assert (edited.recipe["drop"], edited.recipe["unlike"]) == ([bank.negatives[2]], ["fog"])


def test_the_recipe_tells_of_every_edit_of_a_saved_bank(mine, words, tmp_path):
    edited = Edits(drop=["thing a"])(mine(NegMining(corpus=words, ratio=1.0)), ENCODE)
    save_bank(edited, tmp_path / "bank.safetensors")
    again = Edits(drop=["thing b"], unlike=["fog"])(load_bank(tmp_path / "bank.safetensors"), ENCODE)
    assert (again.recipe["drop"], again.recipe["unlike"]) == (["thing a", "thing b"], ["fog"])
    assert len({edited.fingerprint, again.fingerprint}) == 2


def test_nothing_mined_may_stay(mine, words):
    bank = mine(NegMining(corpus=words))
    own = Edits(drop=bank.negatives, unlike=["fog"])(bank, ENCODE)
    assert own.negatives == ("fog",)
    want = quantile_similarity(ENCODE(["fog"], ("the nice {}",)), bank.label_features, 0.95)
    torch.testing.assert_close(own.distances, 1 - want)
    with pytest.raises(ConfigError, match="drop takes all 3 negatives out"):
        Edits(drop=bank.negatives)(bank, ENCODE)


@pytest.mark.parametrize(
    ("edits", "error", "said"),
    [
        ({"drop": ["thing z"]}, ConfigError, "drop: 'thing z' is none of the 24 negatives by NegMining: .*'thing"),
        ({"unlike": ["CAT"]}, ConfigError, "unlike: 'CAT' is a class name, and would speak against its class"),
        ({"drop": ["Fog"], "unlike": ["fog"]}, ConfigError, "'fog' is in drop and in unlike"),
        ({"drop": ["a_b"], "unlike": ["A b"]}, ConfigError, "'a b' is in drop and in unlike"),
        ({"drop": 5}, ConfigError, "drop must be a list of strings, got 5"),
        ({"unlike": [5]}, ConfigError, "unlike must be a list of strings"),
        ({"drop": "nowhere.txt"}, DataError, r"list of words to drop nowhere\.txt cannot be read"),
        ({"unlike": "nowhere.txt"}, DataError, r"list of words to add nowhere\.txt cannot be read"),
    ],
    ids=str,
)
def test_edits_that_cannot_be_meant(mine, words, edits, error, said):
    bank = mine(NegMining(corpus=words, ratio=1.0))
    with pytest.raises(error, match=said):
        Edits(**edits)(bank, ENCODE)
