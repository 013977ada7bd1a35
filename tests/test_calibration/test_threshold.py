"""Thresholds keep what they promise: exactly by hand, and on simulated calibration sets."""

import numpy as np
import pytest
from scipy import stats

from mmneglabel.calibration import calibrate, flagged, images_wanted
from mmneglabel.calibration.threshold import KEPT_AT_MOST
from mmneglabel.errors import ConfigError, DataError


def test_by_hand():
    """Of 39 scores 1 to 39 the second smallest is the first to pass, so the threshold lies at 1.5."""
    found = calibrate(np.arange(39, 0, -1))
    assert (found.accept.value, found.accept.gap, found.accept.rank, found.n) == (1.5, 1.0, 2, 39)
    assert found.decide([1, 1.5, 1.6, 40]) == ["out", "out", "in", "in"]
    assert found.p_values([0, 1, 1.5, 39, 99]).tolist() == [1 / 40, 2 / 40, 2 / 40, 1, 1]
    assert calibrate(np.arange(1, 20)).accept.value == 0  # the least score less its gap


def test_review():
    found = calibrate(np.arange(1, 1_000), accept=0.9, review=0.99)
    assert (found.accept.value, found.refuse.value) == (99.5, 9.5)
    assert found.decide([9, 10, 99, 100]) == ["out", "review", "review", "in"]


def test_ties_move_the_threshold_down():
    """A threshold between equal scores would part what nothing parts."""
    scores = np.r_[1.0, 2, 2, 2, np.arange(3, 70)]
    assert (calibrate(scores).accept.value, calibrate(scores).accept.rank) == (1.5, 2)
    assert calibrate(np.r_[5.0, 5, 5, np.arange(6, 70)]).accept.value == 4


@pytest.mark.parametrize(
    ("accept", "guarantee", "least"),
    [
        (0.95, "average", 19),
        (0.9, "average", 9),
        (0.99, "average", 99),
        (0.95, "confident", 59),
        (0.99, "confident", 299),
    ],
)
def test_the_fewest_images(accept, guarantee, least):
    assert images_wanted(accept, guarantee) == least
    scores = np.arange(1.0, least + 1)
    assert calibrate(scores, accept, guarantee).accept.rank == 1
    with pytest.raises(DataError, match=rf"{least - 1} calibration images cannot promise .* take {least} or more"):
        calibrate(scores[1:], accept, guarantee)


@pytest.mark.parametrize("n", [19, 59, 200, 1_000])
def test_intervals_hold(n):
    """20,000 simulated calibration sets: true acceptance within the interval, further images within theirs."""
    draws = np.sort(np.random.default_rng(n).random((20_000, n)), axis=1)
    one = calibrate(draws[0])
    low, high = one.accept.interval(n)
    rank = one.accept.rank
    cuts = draws[:, rank - 1] - (draws[:, 1] - draws[:, 0]) if rank == 1 else draws[:, rank - 2 : rank].mean(axis=1)
    true = 1 - cuts.clip(0, 1)
    assert np.mean((true >= low) & (true <= high)) >= 0.95
    assert np.mean(true) >= 0.95
    passed = np.random.default_rng(1).binomial(500, true)
    fewest, most = one.passing(500)
    assert 0.94 <= np.mean((passed >= fewest) & (passed <= most)) <= 0.99


@pytest.mark.parametrize("n", [59, 200, 1_000])
def test_the_confident_guarantee_fails_rarely(n):
    draws = np.sort(np.random.default_rng(n).random((20_000, n)), axis=1)
    rank = calibrate(draws[0], guarantee="confident").accept.rank
    assert np.mean(1 - draws[:, rank - 1] < 0.95) <= 0.055
    if n > 59:  # and is not stricter than it must be
        assert np.mean(1 - draws[:, rank] < 0.95) > 0.05


@pytest.mark.parametrize("n", [200, 1_000, 10_000])
def test_of_flagged_images_few_are_good(n):
    """The false discovery rate over 300 simulated calibration sets, a tenth of the images OOD by 3.5 deviations."""
    rng, shares = np.random.default_rng(n), []
    for _ in range(300):
        good, images = rng.normal(size=n), rng.normal(size=1_000)
        images[:100] -= 3.5
        marks = flagged(calibrate(good).p_values(images), 0.1)
        shares.append(marks[100:].sum() / max(1, marks.sum()))
    assert np.mean(shares) <= 0.1 + 3 * np.std(shares) / 300**0.5


def test_flagging_is_benjamini_and_hochbergs():
    for seed in range(20):
        p_values = np.random.default_rng(seed).random(200) ** 3
        adjusted = stats.false_discovery_control(p_values, method="bh")
        np.testing.assert_array_equal(flagged(p_values, 0.1), adjusted <= 0.1)
    assert not flagged(np.full(5, 0.5), 0.1).any()


def test_the_fewest_that_can_be_flagged():
    """SHIP's arithmetic: with p-values of at least 1/(n+1), flagging R of m wants R/m * rate to reach that."""
    found = calibrate(np.arange(1.0, 200))
    least = found.fewest_flagged(1_000, 0.1)
    assert least == 50
    outliers = np.full(1_000, 500.0)
    outliers[:least] = -1
    assert flagged(found.p_values(outliers), 0.1).sum() == least
    outliers[0] = 500
    assert not flagged(found.p_values(outliers), 0.1).any()


def test_of_very_many_scores_some_are_kept():
    scores = np.random.default_rng(0).normal(size=3 * KEPT_AT_MOST + 7)
    found = calibrate(scores)
    assert len(found.kept) == KEPT_AT_MOST
    tried = np.linspace(-4, 4, 99)
    exact = (1 + np.searchsorted(np.sort(scores), tried, side="right")) / (len(scores) + 1)
    assert ((found.p_values(tried) >= exact) & (found.p_values(tried) <= exact + 4 / len(scores))).all()


@pytest.mark.parametrize("shift", [0.0, 1e-9, 12.3456789])
def test_rounding_never_makes_an_image_look_worse(shift):
    scores = np.random.default_rng(0).normal(size=5_000) + shift
    exact = (1 + np.searchsorted(np.sort(scores), scores, side="right")) / 5_001
    assert (calibrate(scores).p_values(scores) >= exact).all()


@pytest.mark.parametrize(
    ("scores", "given", "error", "says"),
    [
        (range(50), {"guarantee": "sure"}, ConfigError, "guarantee is 'sure': give 'average' or 'confident'"),
        (range(50), {"accept": 95}, ConfigError, "accept=95, review=None: shares"),
        (range(50), {"accept": 1.0}, ConfigError, "accept=1.0"),
        (range(50), {"accept": 0.9, "review": 0.9}, ConfigError, "accept=0.9, review=0.9"),
        (range(50), {"accept": 0.9, "review": 0.8}, ConfigError, "accept=0.9, review=0.8"),
        (range(50), {"review": 0.99}, DataError, "50 calibration images cannot promise to pass 0.99 .* take 99"),
        ([], {}, DataError, "0 calibration images cannot promise to pass 0.95 of good images: take 19 or more"),
        ([*range(50), float("nan"), float("inf")], {}, DataError, "2 of 52 calibration scores are no numbers"),
        ([3.0] * 50, {}, DataError, "all 50 calibration images have the score 3, so no threshold parts any"),
    ],
)
def test_what_is_refused(scores, given, error, says):
    with pytest.raises(error, match=says):
        calibrate(list(scores), **given)
