"""What all miners share, ready lists, and banks of labels alone."""

import importlib
import sys

import pytest
import torch
from paths import authors

from mmneglabel.corpus import Prompts
from mmneglabel.errors import ConfigError
from mmneglabel.mining import LabelsOnly, ReadyList


def test_ready_list_keeps_its_order(mine, listed):
    bank = mine(ReadyList(path=listed("the nice rock", "This is a red photo", "sand")))
    assert bank.negatives == ("rock", "red", "sand")
    assert bank.parts_of_speech == ("noun", "adj", "noun")


def test_whose_a_ready_list_is(listed):
    listed = ReadyList(path=listed("the nice rock", "sand", "rock"))
    assert listed.sources()["words"] == "the user's words: 2 listed"
    published = ReadyList(path=authors("selected_neg_labels_in1k_10k.txt"))
    assert published.sources()["words"] == "NegLabel's authors' published list: 10,499 listed"


def test_ready_list_may_drop_class_names(mine, listed):
    kept, dropped = (mine(ReadyList(path=listed("rock", "Cat", "sand"), drop_labels=drop)) for drop in (False, True))
    assert (kept.negatives, dropped.negatives) == (("rock", "Cat", "sand"), ("rock", "sand"))
    assert kept.fingerprint != dropped.fingerprint


def test_a_list_that_leaves_nothing_is_refused_before_it_is_encoded(listed):
    miner = ReadyList(path=listed("Cat", "dog"), drop_labels=True)
    with pytest.raises(ConfigError, match="ReadyList: no negatives stay by its words and rules: give more words"):
        miner.choose(("cat", "dog"), torch.eye(2), None)


def test_labels_only(mine):
    bank = mine(LabelsOnly())
    assert (bank.labels, bank.negatives) == (("cat", "dog", "cat"), ())
    assert bank.label_features.shape == (3, 16)
    assert bank.negative_features.shape == (0, 16)


def test_prompts_may_be_a_dict():
    assert LabelsOnly(prompts={"label": "a photo of a {}"}).prompts == Prompts(label="a photo of a {}")
    with pytest.raises(ConfigError, match="exactly one"):
        LabelsOnly(prompts={"label": "a photo"})


def test_recipe_is_known_before_mining_and_covers_everything(mine, listed):
    path = listed("rock", "sand")
    miner = ReadyList(path=path)
    bank = mine(miner)
    tower = bank.recipe["text_tower"]
    assert miner.fingerprint(bank.labels, tower) == bank.fingerprint
    others = [
        ReadyList(path=listed("sand", "rock", name="other.txt")).fingerprint(bank.labels, tower),
        ReadyList(path=path, prompts={"noun": "{}"}).fingerprint(bank.labels, tower),
        miner.fingerprint(("cat",), tower),
        miner.fingerprint(bank.labels, "another tower"),
    ]
    assert len({bank.fingerprint, *others}) == 5


def test_distances_are_cosine_distances(mine, listed):
    bank = mine(ReadyList(path=listed("cat")), labels=("cat",))
    torch.testing.assert_close(bank.distances, torch.zeros(1), atol=1e-6, rtol=0)


CHANGES = ["letters: int = 4", "most: int = 5", "letters: int = 5\n    def notes(self, bank): return ['mine']"]


@pytest.mark.parametrize("change", CHANGES, ids=["value", "name", "text"])
def test_a_change_of_ones_own_miner_is_another_recipe(change, tmp_path, monkeypatch):
    """Its fields and its text, though its sources say nothing of them."""
    monkeypatch.syspath_prepend(tmp_path)
    recipes = []
    for name, body in (("own_first", "letters: int = 5"), ("own_changed", change)):
        (tmp_path / f"{name}.py").write_text(
            "from dataclasses import dataclass\nfrom mmneglabel.mining import LabelsOnly\n\n\n"
            f"@dataclass(frozen=True, kw_only=True)\nclass Own(LabelsOnly):\n    {body}\n"
        )
        recipes.append(importlib.import_module(name).Own().recipe(("cat",), "tower"))
        monkeypatch.delitem(sys.modules, name)
    assert (recipes[0]["method"], recipes[0]["letters"]) == ("Own", 5)
    assert recipes[0] != recipes[1]
