"""NegLabel's score against its authors' numbers and its formula, its log odds, and the shares that it is made of."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmneglabel.scores import NegLabelScore, Similarities, TextFeatures, group_order, similarities
from test_scores.compared import compared, fan

TEMPERATURES = st.sampled_from([0.001, 0.01, 0.1, 1.0])


def parts(seen, groups, temperature):
    """Log masses of the labels (N, 1) and of each group (N, G), equation 8 of the paper, term by term in float64."""
    images = seen.images.double() / temperature
    order = group_order(len(seen.texts.negatives), min(groups, len(seen.texts.negatives)), seed=0)
    rows = [(images @ seen.texts.negatives[group].double().T).logsumexp(dim=1) for group in order]
    return (images @ seen.texts.labels.double().T).logsumexp(dim=1)[:, None], torch.stack(rows, dim=1)


def every_share(seen, groups, temperature):
    """The mean over the groups of each label's (N, K) and negative's (N, M) share of the softmax, in float64."""
    count, images = len(seen.texts.labels), seen.images.double() / temperature
    of_labels = torch.zeros(len(images), count, dtype=torch.float64)
    of_negatives = torch.zeros(len(images), len(seen.texts.negatives), dtype=torch.float64)
    for group in (order := group_order(len(seen.texts.negatives), groups, seed=0)):
        together = torch.cat([seen.texts.labels, seen.texts.negatives[group]]).double()
        share = (images @ together.T).softmax(dim=1) / len(order)
        of_labels += share[:, :count]
        of_negatives[:, group] = share[:, count:]
    return of_labels, of_negatives


@pytest.mark.parametrize("temperature", [1, 5])
@pytest.mark.parametrize("groups", [2, 10, 100])
def test_golden_grouped_score(golden, groups, temperature):
    data = golden("grouped_score")
    seen = Similarities(data["image_features"], TextFeatures(data["id_features"], data["negative_features"]))
    score = NegLabelScore(0.01 * temperature, groups)(seen)
    torch.testing.assert_close(score, data[f"g{groups}_t{temperature}_score"], rtol=0, atol=1e-6, check_dtype=False)


def test_golden_one_group(golden):
    data = golden("grouped_score")
    seen = Similarities(data["image_features"], TextFeatures(data["id_features"], data["negative_features"]))
    torch.testing.assert_close(NegLabelScore(groups=1)(seen), data["g1_t1_score_float64"], rtol=0, atol=1e-6)


@given(st.integers(1, 9), st.integers(1, 12), st.integers(1, 40), st.integers(1, 9), TEMPERATURES)
def test_is_the_formula(images, labels, negatives, groups, temperature):
    seen = compared(images, labels, negatives, dtype=torch.float64)
    of_labels, of_groups = parts(seen, groups, temperature)
    expected = (of_labels - of_groups).sigmoid().mean(dim=1)
    torch.testing.assert_close(NegLabelScore(temperature, groups)(seen), expected, rtol=1e-9, atol=1e-12)


def test_blocks_do_not_change_the_score(monkeypatch):
    whole = NegLabelScore(groups=10)(compared(negatives=100))
    monkeypatch.setitem(similarities._BLOCK, "cpu", 1)
    torch.testing.assert_close(NegLabelScore(groups=10)(compared(negatives=100)), whole, rtol=0, atol=1e-6)


def test_extremes_are_finite():
    images = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]])
    seen = Similarities(images, TextFeatures(images[:1], images[1:]))
    score = NegLabelScore()(seen)
    assert score[0] == 1
    assert score[1] < 1e-30
    assert score.isfinite().all()


def test_confident_images_do_not_tie():
    """In float32 a ratio within 6e-8 of 1 is 1; images that differ there must still be ranked."""
    score = NegLabelScore()(fan(torch.linspace(0.57, 0.64, 20)))
    assert score.dtype == torch.float64
    assert (score.diff() < 0).all()
    assert len(score.float().unique()) < 20


@given(st.integers(1, 9), st.integers(1, 12), st.integers(1, 40), st.integers(1, 9), TEMPERATURES)
def test_log_odds_are_those_of_the_score(images, labels, negatives, groups, temperature):
    seen = compared(images, labels, negatives, dtype=torch.float64)
    score = NegLabelScore(temperature, groups)
    found, share = score.log_odds(seen), score(seen)
    of_labels, of_groups = parts(seen, groups, temperature)
    both = torch.logaddexp(of_labels, of_groups)
    torch.testing.assert_close(found, (of_labels - both).logsumexp(dim=1) - (of_groups - both).logsumexp(dim=1))
    plain = (share > 0) & (share < 1 - 1e-6)
    torch.testing.assert_close(found[plain], share[plain].logit(), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("temperature", [0.001, 0.003, 0.01])
def test_log_odds_rank_what_the_score_rounds_away(temperature, dtype):
    seen = fan(torch.linspace(0, torch.pi / 2, 60, dtype=dtype))
    odds, score = NegLabelScore(temperature).log_odds(seen), NegLabelScore(temperature)(seen)
    assert (score == 1).sum() > 5
    assert (odds.dtype, odds.isfinite().all()) == (torch.float64, True)
    assert (odds.diff() < 0).all()
    expected = (seen.images[:, 0] - seen.images[:, 1]).double() / temperature
    torch.testing.assert_close(odds, expected, rtol=1e-5, atol=1e-4)


@given(st.integers(1, 5), st.integers(1, 12), st.integers(1, 40), st.integers(1, 9), TEMPERATURES)
def test_all_shares_are_those_of_the_softmax(images, labels, negatives, groups, temperature):
    seen, groups = compared(images, labels, negatives, dtype=torch.float64), min(groups, negatives)
    of_labels, of_negatives = every_share(seen, groups, temperature)
    score = NegLabelScore(temperature, groups)
    found = score.shares(seen, count=labels + negatives)
    torch.testing.assert_close(found.label_shares, of_labels.gather(1, found.labels), rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(found.negative_shares, of_negatives.gather(1, found.negatives), rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(found.label_shares.sum(dim=1), score(seen))
    everything = found.label_shares.sum(dim=1) + found.negative_shares.sum(dim=1)
    torch.testing.assert_close(everything, torch.ones_like(everything))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("block", [1, 40, 10**6])
def test_the_five_largest_shares_in_blocks_of_any_size(monkeypatch, block, dtype):
    monkeypatch.setitem(similarities._BLOCK, "cpu", block)
    seen = compared(images=6, labels=8, negatives=47, dtype=dtype)
    found = NegLabelScore(groups=7).shares(seen)
    for shares, (which, share) in zip(every_share(seen, 7, 0.01), (found[:2], found[2:]), strict=True):
        torch.testing.assert_close(share, shares.topk(5, dim=1).values, rtol=1e-4, atol=1e-12, check_dtype=False)
        torch.testing.assert_close(share, shares.gather(1, which), rtol=1e-4, atol=1e-12, check_dtype=False)
        assert all(len(set(row)) == 5 for row in which.tolist())


def test_shares_are_the_same_before_and_after_the_score():
    score, before, after = NegLabelScore(groups=7), compared(negatives=47), compared(negatives=47)
    first, scored, odds = score.shares(before), score(before), score.log_odds(before)
    assert torch.equal(score(after), scored)
    assert torch.equal(score.log_odds(after), odds)
    assert all(map(torch.equal, score.shares(after), first))


@pytest.mark.parametrize(("angle", "share"), [(0.0, 1), (torch.pi / 2, 0)])
def test_shares_of_images_that_are_beyond_doubt(angle, share):
    shares = NegLabelScore(temperature=0.001).shares(fan(torch.tensor([angle])))
    assert shares.label_shares.item() == share
    assert shares.negative_shares.item() == pytest.approx(1 - share, abs=1e-4)  # exponents of 1,000 in float32


def test_a_score_of_ones_own_shares_no_masses_with_another():
    class Doubled(NegLabelScore):
        def _reduced(self, seen, count=0):
            found = super()._reduced(seen, count)
            return found._replace(id_mass=2 * found.id_mass)

    for scores in ((Doubled(), NegLabelScore()), (NegLabelScore(), Doubled())):
        seen = compared(negatives=100)
        found = {type(score): score(seen) for score in scores}
        assert (found[Doubled] > found[NegLabelScore]).all()
