"""Which candidates are farthest from the labels: against the authors' choice, and the definition."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import normalize

from mmneglabel.errors import DataError
from mmneglabel.mining import farthest, quantile_similarity


@pytest.mark.parametrize("part", ["noun", "adj"])
@pytest.mark.parametrize(("quantile", "ratio"), [(0.95, 0.15), (0.5, 0.4), (1.0, 0.05)])
def test_golden(golden, quantile, ratio, part):
    data = golden("negmining")
    similarity = quantile_similarity(data[f"{part}_features"], data["id_features"], quantile)
    expected = data[f"q{round(quantile * 100)}_p{round(ratio * 100):02d}_{part}_index"]
    assert torch.equal(farthest(similarity, ratio), expected)


@given(st.integers(1, 30), st.floats(0, 1), st.integers(0, 2**16))
def test_is_the_interpolated_quantile(labels, quantile, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(20, 8, generator=generator, dtype=torch.float64)
    y = torch.randn(labels, 8, generator=generator, dtype=torch.float64)
    expected = torch.quantile(normalize(x, dim=-1) @ normalize(y, dim=-1).T, quantile, dim=1)
    torch.testing.assert_close(quantile_similarity(x, y, quantile), expected, rtol=0, atol=1e-12)


def test_blocks_of_any_size(monkeypatch):
    x, y = torch.randn(50, 4), torch.randn(6, 4)
    whole = quantile_similarity(x, y, 0.9)
    monkeypatch.setattr("mmneglabel.mining.select.ROWS", 7)
    torch.testing.assert_close(quantile_similarity(x, y, 0.9), whole)


def test_ties_keep_corpus_order():
    assert farthest(torch.tensor([0.5, 0.1, 0.5, 0.1]), 1.0).tolist() == [1, 3, 0, 2]


def test_what_has_no_features_is_not_far():
    similarity = quantile_similarity(torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), torch.eye(2)[:1], 0.5)
    assert similarity.isnan().tolist() == [True, False, False]
    assert farthest(similarity, 1.0).tolist() == [2, 1]
    assert farthest(similarity, 0.5).tolist() == [2]


@pytest.mark.parametrize("broken", ["candidate", "ID label"])
def test_names_features_that_are_not_finite(broken):
    good, bad = torch.ones(2, 2), torch.tensor([[1.0, float("nan")]])
    with pytest.raises(DataError, match=f"A {broken}'s text features hold NaN"):
        quantile_similarity(bad if broken == "candidate" else good, good if broken == "candidate" else bad, 0.5)
