"""ImaginedList against names chosen by EOE's code, its authors' files, and what is no list of names."""

import json

import pytest
import torch
from paths import authors
from torch.nn.functional import normalize

from mmneglabel.errors import ConfigError, DataError
from mmneglabel.mining import ImaginedList, notes


@pytest.fixture
def names(tmp_path):
    def write(content, name="names.json"):
        (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content))
        return tmp_path / name

    return write


@pytest.mark.parametrize(
    ("kept", "rules"),
    [("far", {}), ("near", {"task": "near"}), ("near_cosine", {"task": "near", "max_cosine": 0.85})],
)
def test_golden(golden, names, kept, rules):
    vectors = golden("eoe_names")
    lower = [name.lower() for name in vectors["imagined"]]
    features = dict(zip(lower, vectors["imagined_features"], strict=True))
    features |= zip(vectors["id_names"], vectors["id_features"], strict=True)

    def encode(words, templates):
        assert not words or tuple(templates) == ("a photo of a {}",)
        return normalize(torch.stack([features[word] for word in words]), dim=1) if words else torch.empty(0, 32)

    bank = ImaginedList(path=names({"far": vectors["imagined"]}), **rules).mine(vectors["id_names"], encode, "vectors")
    assert sorted(bank.negatives) == vectors[kept]
    assert list(bank.negatives) == [name for name in dict.fromkeys(lower) if name in vectors[kept]]
    assert set(bank.parts_of_speech) == {"noun"}


@pytest.mark.parametrize(("classes", "kept"), [(10, 26), (20, 44)])
def test_the_authors_files_are_read_as_they_are(mine, classes, kept):
    path = authors(f"near_3_ImageNet{classes}_*.json")
    labels = [line.split("\t")[1] for line in authors(f"imagenet{classes}_names_mcm.txt").read_text().splitlines()]
    miner = ImaginedList(path=path, task="near")
    bank = mine(miner, labels)
    assert len(bank.negatives) == kept
    assert notes(bank, miner) == [f"{kept} of {3 * classes} imagined names stay by the rules of EOE's near task."]


def test_one_name_a_line(mine, names):
    bank = mine(ImaginedList(path=names("Red Fox\n\nowl\nred fox\nDOG\n", "names.txt")))
    assert bank.negatives == ("red fox", "owl")


def test_words_keep_the_case_of_id_names_and_blanks_alone_part_them(mine, names):
    listed = names({"near": ["siamese rug", "cat flap", "race-car", "frogs", "out of sight", "Siamese cat"]})
    bank = mine(ImaginedList(path=listed, task="near"), ("Siamese cat", "race car", "tree frog", "bird of prey"))
    assert bank.negatives == ("siamese rug", "race-car", "frogs")


def test_every_rule_counts_in_the_fingerprint(names):
    path = names({"far": ["owl"]})
    changes = ({}, {"task": "near"}, {"max_cosine": 0.85}, {"path": names({"far": ["fox"]}, "other.json")})
    assert len({ImaginedList(**{"path": path} | c).fingerprint(("cat",), "tower") for c in changes}) == len(changes)


@pytest.mark.parametrize("content", ["[", "5", '["owl"]', '{"far": "owl"}', '{"far": [3]}', "{}", "[" * 200_000])
def test_what_is_no_list_of_names(mine, names, content):
    with pytest.raises(DataError, match=r"list of imagined names .*names\.json"):
        mine(ImaginedList(path=names(content)))


@pytest.mark.parametrize("rules", [{"task": "near"}, {"max_cosine": -1}])
def test_rules_that_leave_no_name(mine, names, rules):
    with pytest.raises(ConfigError, match="ImaginedList: no negatives stay by its words and rules"):
        mine(ImaginedList(path=names({"far": ["cat flap"]}), **rules))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"task": "Near"}, "task is 'Near'; did you mean 'near'"),
        ({"max_cosine": 85}, "max_cosine must be a number from -1 to 1, got 85"),
        ({"path": 5}, "list of imagined names must be a path, got 5"),
    ],
)
def test_bad_settings(mine, names, settings, message):
    with pytest.raises(ConfigError, match=message):
        mine(ImaginedList(**{"path": names({"far": ["owl"]})} | settings))
