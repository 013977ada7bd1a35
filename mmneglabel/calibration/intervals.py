"""Tails and quantiles of shares, as far as calibration wants them, without SciPy: Beta, binomial, beta-binomial."""

from collections.abc import Iterator
from itertools import count
from math import exp, lgamma, log, log1p

import numpy as np


def beta_cdf(x: float, a: float, b: float) -> float:
    """P(X <= x) of Beta(a, b): the regularised incomplete beta function."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # where the fraction converges slowly
        return 1 - beta_cdf(1 - x, b, a)
    return exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction 1 / (1 + k1 / (1 + k2 / ...)) of DLMF 8.17.22, from the front (modified Lentz)."""
    c, d, value = 1.0, 0.0, 1.0
    for k in _coefficients(x, a, b):
        d = 1 / (1 + k * d or 1e-300)
        c = 1 + k / c or 1e-300
        value *= c * d
        if abs(c * d - 1) < 1e-15:
            return 1 / value
    return 1 / value


def _coefficients(x: float, a: float, b: float) -> Iterator[float]:
    for m in count():
        if m:
            yield m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))


def beta_quantile(share: float, a: float, b: float) -> float:
    """The x in [0, 1] with P(X <= x) = ``share`` of Beta(a, b); Beta(a, 0) lies at 1 and Beta(0, b) at 0."""
    if not a or not b:
        return float(not b)
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if beta_cdf(middle, a, b) < share else (low, middle)
    return middle


def binomial_cdf(successes: int, trials: int, share: float) -> float:
    """P(X <= successes) of so many trials, each a success with probability ``share``."""
    return 1.0 if successes >= trials else 1 - beta_cdf(share, successes + 1, trials - successes)


def clopper_pearson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact interval of the share behind ``successes`` of ``trials``; it covers it at least so often."""
    tail = (1 - confidence) / 2
    return (
        beta_quantile(tail, successes, trials - successes + 1),
        beta_quantile(1 - tail, successes + 1, trials - successes),
    )


def beta_binomial_quantile(share: float, trials: int, a: float, b: float) -> int:
    """The least x with P(X <= x) >= ``share``; X are successes of ``trials`` whose own share is from Beta(a, b)."""
    if not a or not b:
        return trials * (not b)
    x = np.arange(trials, dtype=np.float64)
    # Each probability over the one before; their logs add up, and the largest is set to 1 lest all vanish.
    logs = np.append(0.0, np.cumsum(np.log((trials - x) * (x + a)) - np.log((x + 1) * (trials - x - 1 + b))))
    cdf = np.cumsum(np.exp(logs - logs.max()))
    return int(np.searchsorted(cdf, share * cdf[-1]))
