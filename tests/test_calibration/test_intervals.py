"""Tails and quantiles against SciPy's."""

import numpy as np
import pytest
from scipy import stats

from mmneglabel.calibration.intervals import (
    beta_binomial_quantile,
    beta_cdf,
    beta_quantile,
    binomial_cdf,
    clopper_pearson,
)

SHAPES = [(n + 1 - k, k) for n in (19, 62, 1_980, 50_000, 1_000_000) for k in {1, n // 20 + 1, n // 2, n}]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_beta(shape):
    for share in (0.025, 0.5, 0.975):
        assert beta_quantile(share, *shape) == pytest.approx(stats.beta.ppf(share, *shape), abs=1e-10, rel=0)
    for x in (-1, 0, 1e-9, 0.3, 0.9499, 0.99, 1, 2):
        assert beta_cdf(x, *shape) == pytest.approx(stats.beta.cdf(x, *shape), abs=1e-9, rel=0)


def test_beta_of_any_shape():
    for a, b, x in np.random.default_rng(0).random((500, 3)) * (60, 60, 1):
        assert beta_cdf(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), abs=1e-12, rel=0)


def test_the_ends():
    assert (beta_quantile(0.5, 20, 0), beta_quantile(0.5, 0, 20)) == (1.0, 0.0)
    assert (beta_binomial_quantile(0.5, 7, 20, 0), beta_binomial_quantile(0.5, 7, 0, 20)) == (7, 0)


@pytest.mark.parametrize(("trials", "shape"), [(1, (19, 1)), (62, (60, 3)), (500, (950, 50)), (100_000, (4_750, 250))])
def test_beta_binomial(trials, shape):
    for share in (0.025, 0.4, 0.975):
        assert beta_binomial_quantile(share, trials, *shape) == stats.betabinom.ppf(share, trials, *shape)


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (10, 10), (48, 50), (900, 1_000)])
def test_binomial(successes, trials):
    exact = stats.binomtest(successes, trials).proportion_ci(method="exact")
    assert clopper_pearson(successes, trials) == pytest.approx(tuple(exact), abs=1e-10, rel=0)
    assert binomial_cdf(successes, trials, 0.9) == pytest.approx(stats.binom.cdf(successes, trials, 0.9), abs=1e-12)
