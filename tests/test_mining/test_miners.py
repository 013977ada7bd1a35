import pytest
import torch
from paths import authors

from mmneglabel.corpus import Prompts
from mmneglabel.errors import ConfigError
from mmneglabel.mining import LabelsOnly, ReadyList


def test_ready_list_keeps_its_order(mine, tmp_path):
    (tmp_path / "list.txt").write_text("the nice rock\nThis is a red photo\nsand\n")
    bank = mine(ReadyList(path=tmp_path / "list.txt", groups=1))
    assert bank.negatives == ("rock", "red", "sand")
    assert bank.parts_of_speech == ("noun", "adj", "noun")


def test_whose_a_ready_list_is(tmp_path):
    (tmp_path / "list.txt").write_text("the nice rock\nsand\nrock\n")
    assert ReadyList(path=tmp_path / "list.txt").sources()["words"] == "the user's words: 2 listed"
    published = ReadyList(path=authors("selected_neg_labels_in1k_10k.txt"))
    assert published.sources()["words"] == "NegLabel's authors' published list: 10,499 listed"


def test_ready_list_may_drop_class_names(mine, tmp_path):
    (tmp_path / "list.txt").write_text("rock\nCat\nsand\n")
    kept = mine(ReadyList(path=tmp_path / "list.txt", groups=1))
    dropped = mine(ReadyList(path=tmp_path / "list.txt", groups=1, drop_labels=True))
    assert kept.negatives == ("rock", "Cat", "sand")
    assert dropped.negatives == ("rock", "sand")
    assert kept.fingerprint != dropped.fingerprint


def test_labels_only(mine):
    bank = mine(LabelsOnly())
    assert (bank.labels, bank.negatives, bank.groups) == (("cat", "dog", "cat"), (), 0)
    assert bank.label_features.shape == (3, 16)
    assert bank.negative_features.shape == (0, 16)


def test_prompts_may_be_a_dict():
    assert LabelsOnly(prompts={"label": "a photo of a {}"}).prompts == Prompts(label="a photo of a {}")
    with pytest.raises(ConfigError, match="exactly one"):
        LabelsOnly(prompts={"label": "a photo"})


def test_recipe_is_known_before_mining_and_covers_everything(mine, tmp_path):
    (tmp_path / "list.txt").write_text("rock\nsand\n")
    (tmp_path / "other.txt").write_text("sand\nrock\n")
    miner = ReadyList(path=tmp_path / "list.txt", groups=1)
    bank = mine(miner)
    tower = bank.recipe["text_tower"]
    assert miner.fingerprint(bank.labels, tower) == bank.fingerprint
    others = [
        ReadyList(path=tmp_path / "other.txt", groups=1).fingerprint(bank.labels, tower),
        ReadyList(path=tmp_path / "list.txt", groups=2).fingerprint(bank.labels, tower),
        ReadyList(path=tmp_path / "list.txt", groups=1, seed=1).fingerprint(bank.labels, tower),
        ReadyList(path=tmp_path / "list.txt", groups=1, prompts={"noun": "{}"}).fingerprint(bank.labels, tower),
        miner.fingerprint(("cat",), tower),
        miner.fingerprint(bank.labels, "another tower"),
    ]
    assert len({bank.fingerprint, *others}) == 7


def test_distances_are_cosine_distances(mine, tmp_path):
    (tmp_path / "list.txt").write_text("cat\n")
    bank = mine(ReadyList(path=tmp_path / "list.txt", groups=1), labels=("cat",))
    torch.testing.assert_close(bank.distances, torch.zeros(1), atol=1e-6, rtol=0)
