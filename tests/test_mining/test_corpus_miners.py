"""NegMining, and words drawn at random."""

import shutil

import pytest
import torch
from stand_in import StandInBackbone

from mmneglabel.backbones import encode_words
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.mining import CSP, LabelsOnly, NegMining, RandomWords, farthest, quantile_similarity
from mmneglabel.mining.corpus_miners import share_words


def test_nouns_and_adjectives_apart_nouns_first_farthest_first(mine, words):
    bank = mine(NegMining(corpus=words, ratio=0.25))
    assert bank.parts_of_speech == ("noun",) * 15 + ("adj",) * 10
    assert (bank.distances[:15].diff() <= 0).all()
    assert (bank.distances[15:].diff() <= 0).all()


def test_selection_is_negmining(mine, words):
    tower = StandInBackbone()
    nouns = [f"noun {i}" for i in range(60)]
    labels = encode_words(tower, ["the nice cat", "the nice dog", "the nice cat"])
    similarity = quantile_similarity(encode_words(tower, [f"the nice {n}" for n in nouns]), labels, 0.95)
    expected = [nouns[i] for i in farthest(similarity, 0.25).tolist()]
    assert list(mine(NegMining(corpus=words, ratio=0.25)).negatives[:15]) == expected


@pytest.mark.parametrize("miner", [NegMining, RandomWords])
def test_words_features_and_distances_are_in_one_order(mine, words, miner):
    bank = mine(miner(corpus=words, ratio=0.25))
    prompts = [("the nice {}" if p == "noun" else "This is a {} photo").format(w)
               for w, p in zip(bank.negatives, bank.parts_of_speech, strict=True)]  # fmt: skip
    expected = encode_words(StandInBackbone(), prompts)
    torch.testing.assert_close(bank.negative_features, expected)
    torch.testing.assert_close(bank.distances, 1 - quantile_similarity(expected, bank.label_features, 0.95))


def test_random_words_are_as_many_and_seeded(mine, words):
    state = torch.get_rng_state()
    first, again, other = (mine(RandomWords(corpus=words, ratio=0.25, seed=s)) for s in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), state)
    assert first.parts_of_speech == ("noun",) * 15 + ("adj",) * 10
    assert len(set(first.negatives)) == 25
    assert first.negatives == again.negatives != other.negatives
    assert first.fingerprint == again.fingerprint != other.fingerprint


@pytest.mark.parametrize("miner", [NegMining, RandomWords, CSP])
@pytest.mark.parametrize(("count", "adjectives"), [(1, 0), (10, 4), (12, 4), (100, 40)])
def test_a_count_is_shared_out_by_how_many_there_are(mine, words, miner, count, adjectives):
    """Rounded down for adjectives, the rest nouns."""
    bank = mine(miner(corpus=words, count=count))
    assert bank.parts_of_speech == ("noun",) * (count - adjectives) + ("adj",) * adjectives


def test_a_count_keeps_the_farthest(mine, words):
    """Those that a ratio of the same size keeps, in the same order."""
    one, other = (mine(NegMining(corpus=words, **given)) for given in ({"count": 25}, {"ratio": 0.25}))
    assert (one.negatives, one.parts_of_speech) == (other.negatives, other.parts_of_speech)
    assert torch.equal(one.distances, other.distances)


def test_labels_are_dropped_case_and_all_before_a_count_is_shared_out(mine, words):
    labels = ("noun 3", "Noun 4", "adj 5", "cat")
    bank = mine(NegMining(corpus=words, count=98, drop_labels=True), labels)
    assert {*bank.negatives} == {f"noun {i}" for i in range(60) if i != 3} | {f"adj {i}" for i in range(40) if i != 5}
    with pytest.raises(ConfigError, match=r"NegMining: count is 99, and its words and rules leave 98 candidates"):
        mine(NegMining(corpus=words, count=99, drop_labels=True), labels)


def test_what_is_unset_leaves_fingerprints_as_they_were(words):
    """Banks of before are found in the cache."""
    settings = ({}, {"count": 15}, {"count": 16}, {"drop_labels": True})
    recipes = [NegMining(corpus=words, **given).recipe(("cat",), "tower") for given in settings]
    assert recipes[0].keys() == {
        "version", "method", "words", "nouns", "adjectives", "ratio", "quantile", "prompts", "labels", "text_tower",
    }  # fmt: skip
    assert [recipe.get("ratio") for recipe in recipes] == [0.15, None, None, 0.15]
    prints = {NegMining(corpus=words, **given).fingerprint(("cat",), "tower") for given in settings}
    assert len(prints) == len(settings)


def test_the_nth_smallest_cosine_is_a_quantile():
    """As the authors of AdaNeg and TANL take it, where ours lies between two of them otherwise."""
    features, labels = torch.randn(50, 64), torch.randn(1000, 64)
    normal = torch.nn.functional.normalize
    theirs = (normal(features, dim=1) @ normal(labels, dim=1).T).sort(dim=1).values[:, int(0.95 * 1000)]
    torch.testing.assert_close(quantile_similarity(features, labels, 950 / 999), theirs, rtol=0, atol=1e-6)
    assert (quantile_similarity(features, labels, 0.95) < theirs - 1e-6).any()


def test_words_count_in_the_fingerprint_not_their_path(words, tmp_path):
    copy = shutil.copytree(words, tmp_path / "copy")
    one, two = (NegMining(corpus=folder).fingerprint(("cat",), "tower") for folder in (words, copy))
    fewer = NegMining(corpus=words, exclude_words=["noun 3"]).fingerprint(("cat",), "tower")
    assert one == two != fewer


@pytest.mark.parametrize("miner", [NegMining, RandomWords, CSP])
def test_a_ratio_that_leaves_nothing_is_refused_before_words_are_encoded(words, miner):
    with pytest.raises(ConfigError, match=f"{miner.__name__}: no negatives stay by its words and rules"):
        miner(corpus=words, ratio=0.001).choose(("cat",), torch.eye(1), None)


def test_refuses_an_empty_corpus(mine, listed):
    with pytest.raises(DataError):
        mine(NegMining(corpus=listed("", " ")))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"ratio": 0}, "RandomWords: ratio must be a number above 0 and at most 1, got 0"),
        ({"ratio": "0.15"}, "ratio must be a number above 0"),
        ({"count": 0}, "RandomWords: count must be an integer above 0, got 0"),
        ({"count": 10.0}, "count must be an integer above 0, got 10.0"),
        ({"count": 10, "ratio": 0.1}, "RandomWords: ratio=0.1 and count=10 both say how many words are kept: leave"),
        ({"drop_labels": "no"}, "drop_labels must be True or False, got 'no'"),
        ({"quantile": 1.1}, r"quantile must be a number from 0 to 1, got 1\.1"),
        ({"seed": -(2**63) - 1}, "seed must be an integer of 64 bits"),
    ],
)
def test_bad_settings(settings, says):
    with pytest.raises(ConfigError, match=says):
        RandomWords(**settings)


@pytest.mark.parametrize("miner", [NegMining, RandomWords])
def test_words_without_features_are_left_out(words, caplog, miner):
    """Zeros have cosine 0 to every label, and would be the farthest of all."""
    mute = {f"the nice noun {i}" for i in range(10)}

    def encode(texts, templates=("{}",)):
        given = torch.tensor([[1.0, 0.1 * len(text)] for text in texts])
        filled = [templates[0].format(text) for text in texts]
        return torch.nn.functional.normalize(given) * torch.tensor([[float(text not in mute)] for text in filled])

    bank = miner(corpus=words, ratio=1.0).mine(("cat", "dog"), encode, "tower")
    assert {*bank.negatives} == {f"noun {i}" for i in range(10, 60)} | {f"adj {i}" for i in range(40)}
    assert (bank.negative_features.norm(dim=1) > 0.99).all()
    said = [line for line in caplog.messages if "left out" in line]
    assert len(said) == 1
    assert said[0].startswith("10 of 100 candidates are left out, such as 'noun ")


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_class_names_without_features_are_refused(value):
    def encode(texts, templates=("{}",)):
        return torch.tensor([[value, value] if text == "dog" else [1.0, 0.0] for text in texts])

    with pytest.raises(DataError, match="gives 1 of 2 class names no features, such as 'dog'"):
        LabelsOnly().mine(("cat", "dog"), encode, "tower")


def test_miners_of_the_same_words_read_them_once(words):
    miners = [NegMining(corpus=words), LabelsOnly(), RandomWords(corpus=words), NegMining(corpus=words, exclude=[])]
    own = NegMining(corpus=words)
    before = own.words
    share_words([*miners, own])
    one, _, other, apart = miners
    assert one.words is other.words
    assert one.words is not apart.words
    assert own.words is before  # as it was read
