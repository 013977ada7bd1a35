"""What scores share: groups of negatives, their logits in blocks, and what is computed once a batch."""

import pytest
import torch

from mmneglabel.errors import ConfigError
from mmneglabel.scores import NegLabelScore, NegRefineScore, Similarities, TextFeatures, group_order, similarities
from test_scores.compared import compared


@pytest.mark.parametrize("groups", [2, 10, 100])
def test_golden_groups(golden, groups):
    expected = golden("grouped_score")[f"g{groups}_perm"]
    assert torch.equal(group_order(1037, groups, seed=0).flatten(), expected)


@pytest.mark.parametrize(("count", "groups"), [(10, 3), (12, 3), (5, 1), (7, 7), (1, 1)])
def test_groups_hold_all_but_the_last_mined(count, groups):
    order = group_order(count, groups, seed=0)
    assert order.shape == (groups, count // groups)
    assert sorted(order.flatten().tolist()) == list(range(count - count % groups))


def test_groups_are_private_and_seeded():
    state = torch.get_rng_state()
    first, again, other = (group_order(50, 5, seed) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(("groups", "made"), [(1, 1), (4, 4), (9, 9), (10, 9), (100, 9)])
def test_negatives_group_by_group(groups, made):
    texts = compared(negatives=9).texts
    features, order = texts.grouped(groups, seed=3)
    assert torch.equal(order, group_order(9, made, seed=3))
    assert torch.equal(features, texts.negatives[order])
    assert texts.grouped(groups, seed=3)[0] is features


def test_without_negatives_there_are_no_groups():
    with pytest.raises(ConfigError, match="no negatives to compare with: give the score a bank that mines some"):
        compared().texts.grouped(10, seed=0)


def test_texts_are_no_state_of_a_model():
    assert compared(negatives=9).texts.state_dict() == {}


@pytest.mark.parametrize("block", [1, 40, 10**6])
def test_negative_logits_in_blocks_of_any_size(monkeypatch, block):
    monkeypatch.setitem(similarities._BLOCK, "cpu", block)
    seen = compared(negatives=37)
    expected = 100 * seen.images @ seen.texts.negatives[group_order(37, 6, seed=1).flatten()].T
    for _ in range(2):
        blocks = list(seen.negative_logits(6, seed=1))
        torch.testing.assert_close(torch.cat(blocks, dim=1).flatten(1), expected)
        for each in blocks:
            each.zero_()  # a block is the caller's


@pytest.mark.parametrize("block", [1, 40, 10**6])
@pytest.mark.parametrize("count", [7, 90])
def test_the_best_negatives_in_blocks_of_any_size(monkeypatch, block, count):
    monkeypatch.setitem(similarities._BLOCK, "cpu", block)
    seen = compared(negatives=47)
    expected = (seen.images @ seen.texts.negatives.T).topk(min(count, 47), dim=1).indices
    assert torch.equal(seen.top_negatives(count), expected)


@pytest.mark.parametrize(("device", "blocks"), [("cpu", 11), ("meta", 1)])
def test_other_devices_than_cpus_take_all_negatives_at_once(device, blocks, monkeypatch):
    texts = TextFeatures(torch.empty(2, 4, device=device), torch.empty(10_499, 4, device=device))
    calls, topk = [], torch.Tensor.topk
    monkeypatch.setattr(torch.Tensor, "topk", lambda *args, **more: calls.append(args) or topk(*args, **more))
    assert Similarities(torch.empty(256, 4, device=device), texts).top_negatives(5).shape == (256, 5)
    assert len(calls) == blocks + 1  # and one among the best of the blocks


def test_scores_of_one_batch_compute_their_masses_once(monkeypatch):
    computed, compute = [], NegLabelScore._reduced
    monkeypatch.setattr(NegLabelScore, "_reduced", lambda score, *args: computed.append(score) or compute(score, *args))
    seen = compared(negatives=20)
    texts = TextFeatures(seen.texts.labels, seen.texts.negatives, lambda labels, negatives: seen.texts.labels[labels])
    seen = Similarities(seen.images, texts)
    NegLabelScore().shares(seen)
    for score in (NegLabelScore(), NegRefineScore(), NegLabelScore()):
        score(seen)
    NegLabelScore().log_odds(seen)
    assert len(computed) == 1
    others = [NegLabelScore(groups=3), NegLabelScore(temperature=0.02), NegLabelScore(groups=3, seed=1)]
    assert len({score(seen).sum().item() for score in others}) == 3
    assert computed[1:] == others
