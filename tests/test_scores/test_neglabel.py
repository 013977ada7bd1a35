import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import normalize

from mmneglabel.errors import ConfigError
from mmneglabel.scores import NegLabelScore, Similarities, similarities


def features(count, width=16, seed=0, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    return normalize(torch.randn(count, width, generator=generator, dtype=torch.float64), dim=-1).to(dtype)


def reference(images, labels, negatives, groups, temperature):
    """Equation 8 of the paper, term by term in float64."""
    id_mass = (images @ labels.T / temperature).exp().sum(1)
    parts = negatives[: len(negatives) - len(negatives) % groups].chunk(groups)
    return sum(id_mass / (id_mass + (images @ part.T / temperature).exp().sum(1)) for part in parts) / groups


@pytest.mark.parametrize("temperature", [1, 5])
@pytest.mark.parametrize("groups", [2, 10, 100])
def test_golden_grouped_score(golden, groups, temperature):
    data = golden("grouped_score")
    negatives = data["negative_features"][data[f"g{groups}_perm"]]
    compared = Similarities(data["image_features"], data["id_features"], negatives, groups)
    score = NegLabelScore(temperature=0.01 * temperature)(compared)
    torch.testing.assert_close(score, data[f"g{groups}_t{temperature}_score"], rtol=0, atol=1e-6, check_dtype=False)


def test_golden_one_group(golden):
    data = golden("grouped_score")
    compared = Similarities(data["image_features"], data["id_features"], data["negative_features"], 1)
    torch.testing.assert_close(NegLabelScore()(compared), data["g1_t1_score_float64"], rtol=0, atol=1e-6)


@given(st.integers(1, 9), st.integers(1, 12), st.integers(0, 40), st.integers(1, 6), st.sampled_from([0.01, 0.1, 1.0]))
def test_is_the_formula(images, labels, extra, groups, temperature):
    x, y = features(images, dtype=torch.float64), features(labels, seed=1, dtype=torch.float64)
    n = features(groups + extra, seed=2, dtype=torch.float64)
    score = NegLabelScore(temperature)(Similarities(x, y, n, groups))
    torch.testing.assert_close(score, reference(x, y, n, groups, temperature), rtol=1e-9, atol=1e-12)


def test_blocks_do_not_change_the_score(monkeypatch):
    x, y, n = features(5), features(4, seed=1), features(100, seed=2)
    whole = NegLabelScore()(Similarities(x, y, n, 10))
    monkeypatch.setitem(similarities._BLOCK, "cpu", 1)
    torch.testing.assert_close(NegLabelScore()(Similarities(x, y, n, 10)), whole, rtol=0, atol=1e-6)


def test_extremes_are_finite():
    x = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]])
    labels, negatives = torch.tensor([[1.0, 0.0]]), torch.tensor([[-1.0, 0.0], [0.0, 1.0]])
    score = NegLabelScore()(Similarities(x, labels, negatives, 2))
    assert torch.isfinite(score).all()
    assert score[0] == 1
    assert score[1] < 1e-30


def test_confident_images_do_not_tie():
    """In float32 a ratio within 6e-8 of 1 is 1; images that differ there must still be ranked."""
    labels, negatives = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    angles = torch.linspace(0.57, 0.64, 20)
    score = NegLabelScore()(Similarities(torch.stack([angles.cos(), angles.sin()], 1), labels, negatives, 1))
    assert score.dtype == torch.float64
    assert (score.diff() < 0).all()
    assert len(score.float().unique()) < 20


def test_is_higher_for_images_near_the_labels():
    labels, negatives = features(5), features(50, seed=1)
    near = NegLabelScore()(Similarities(labels, labels, negatives, 5))
    far = NegLabelScore()(Similarities(negatives, labels, negatives, 5))
    assert near.min() > far.max()


def test_needs_negatives():
    with pytest.raises(ConfigError, match="needs negatives"):
        NegLabelScore()(Similarities(features(2), features(3)))


@pytest.mark.parametrize("temperature", [0, -1, -math.inf, math.nan, math.inf, None])
def test_refuses_a_temperature(temperature):
    with pytest.raises(ConfigError, match=r"temperature must be positive"):
        NegLabelScore(temperature=temperature)


@pytest.mark.parametrize("groups", [0, -1, 2.0, True, "7"])
def test_refuses_groups(groups):
    with pytest.raises(ConfigError, match=f"groups must be an integer above 0, got {groups!r}"):
        NegLabelScore(groups=groups)
