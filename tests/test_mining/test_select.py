import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import normalize

from mmneglabel.errors import ConfigError, DataError
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
    monkeypatch.setattr("mmneglabel.mining.select._ROWS", 7)
    torch.testing.assert_close(quantile_similarity(x, y, 0.9), whole)


def test_ties_keep_corpus_order():
    assert farthest(torch.tensor([0.5, 0.1, 0.5, 0.1]), 1.0).tolist() == [1, 3, 0, 2]


@pytest.mark.parametrize("quantile", [-0.1, 1.1, float("nan"), "0.95", None, True])
def test_refuses_a_quantile(quantile):
    with pytest.raises(ConfigError, match=r"quantile must be in \[0, 1\]"):
        quantile_similarity(torch.ones(2, 2), torch.ones(2, 2), quantile)


@pytest.mark.parametrize("ratio", [0, -1, 1.5, float("nan"), "0.15", True])
def test_refuses_a_ratio(ratio):
    with pytest.raises(ConfigError, match=r"ratio must be in \(0, 1\]"):
        farthest(torch.zeros(3), ratio)


@pytest.mark.parametrize("broken", ["candidate", "ID label"])
def test_names_features_that_are_not_finite(broken):
    good, bad = torch.ones(2, 2), torch.tensor([[1.0, float("nan")]])
    with pytest.raises(DataError, match=f"A {broken}'s text features hold NaN"):
        quantile_similarity(bad if broken == "candidate" else good, good if broken == "candidate" else bad, 0.5)
