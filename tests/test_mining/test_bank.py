import pytest
import torch

from mmneglabel.errors import ConfigError
from mmneglabel.mining import NegMining
from mmneglabel.mining.bank import fingerprint, group_order


@pytest.mark.parametrize(("count", "groups"), [(10, 3), (12, 3), (5, 1), (7, 7), (1, 1)])
def test_group_order_permutes_all_but_the_remainder(count, groups):
    order = group_order(count, groups, seed=0)
    kept = count - count % groups
    assert sorted(order[:kept].tolist()) == list(range(kept))
    assert order[kept:].tolist() == list(range(kept, count))


def test_group_order_is_private_and_seeded():
    state = torch.get_rng_state()
    first, again, other = (group_order(50, 5, seed) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("groups", [0, -1, 11, True, 2.0])
def test_refuses_groups(groups):
    with pytest.raises(
        ConfigError, match=f"groups={groups} for 10 negatives: set groups to an integer between 1 and 10"
    ):
        group_order(10, groups, seed=0)


def _in_mined_order(bank):
    return bank.negative_features[torch.argsort(bank.order)]


def test_regroup_keeps_words_and_features_together(mine, words):
    bank = mine(NegMining(corpus=words, ratio=0.5, groups=7))
    other = bank.regroup(4)
    assert (other.groups, other.negatives) == (4, bank.negatives)
    assert torch.equal(_in_mined_order(other), _in_mined_order(bank))
    assert torch.equal(other.regroup(7).negative_features, bank.negative_features)
    assert bank.regroup(7) is bank


def test_fingerprint_ignores_key_order():
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1}) != fingerprint({"a": 1, "b": [3]})


def test_summary_says_sizes(mine, words):
    assert (
        "3 labels, 50 negatives (30 nouns, 20 adjectives) in 7 groups, the last 1 in none, by NegMining with seed 0"
        in mine(NegMining(corpus=words, ratio=0.5, groups=7)).summary()
    )
