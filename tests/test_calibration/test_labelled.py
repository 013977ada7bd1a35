"""Labelled images: by class, with unknown ones, over all thresholds; by hand and against other formulas."""

import numpy as np
import pytest
from sklearn.metrics import auc, roc_auc_score

from mmneglabel.calibration import aurc, by_class, kept_and_refused, oscr, risk_coverage


def test_by_class():
    labels = np.repeat([0, 2, 5], [200, 40, 3])
    passes = np.r_[np.arange(200) >= 10, np.arange(40) >= 12, [True, True, False]]
    usual, low, few = by_class(labels, passes, 0.95)
    assert [(one.label, one.images, one.passed) for one in (usual, low, few)] == [(0, 200, 190), (2, 40, 28), (5, 3, 2)]
    assert [one.low for one in (usual, low, few)] == [False, True, False]
    assert usual.interval == pytest.approx((0.91, 0.976), abs=1e-3)


def test_all_is_well_where_all_pass():
    assert not any(one.low for one in by_class(range(50), [True] * 50, 0.95))


def test_chance_over_many_classes_is_no_fault():
    """At the promised share a class is blamed in at most 5 % of simulated runs."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(20), 50)
    blamed = [any(one.low for one in by_class(labels, rng.random(1_000) < 0.95, 0.95)) for _ in range(200)]
    assert np.mean(blamed) <= 0.08


def test_kept_and_refused():
    found = kept_and_refused([True, True, False, True], [True, False, True, True], [False, True, False, False])
    assert found == {"known": 0.5, "unknown": 0.75, "harmonic_mean": 0.6}
    assert kept_and_refused([False], [True], [True])["harmonic_mean"] == 0


def test_oscr():
    """AUROC where all labels are right; by the curve itself where not."""
    rng = np.random.default_rng(0)
    scores, ood = rng.integers(0, 20, 80) + 5.0, rng.integers(0, 20, 50)
    right = rng.random(80) < 0.7
    both = np.r_[scores, ood]
    assert oscr(scores, np.ones(80), ood) == pytest.approx(roc_auc_score(np.arange(130) < 80, both))
    cuts = np.r_[np.unique(both)[::-1], -1]
    rates = [(np.mean(ood >= cut), np.mean((scores >= cut) & right)) for cut in [99, *cuts]]
    assert oscr(scores, right, ood) == pytest.approx(auc(*zip(*rates, strict=True)))


def test_risk_and_coverage():
    coverage, risk = risk_coverage([3, 1, 2, 2], [False, True, True, False])
    assert (coverage.tolist(), risk.tolist()) == ([0.25, 0.75, 1.0], [0.0, 1 / 3, 0.5])
    assert aurc([3, 1, 2, 2], [False, True, True, False]) == pytest.approx((0 + 2 / 3 + 0.5) / 4)
    assert aurc(range(9), np.zeros(9)) == 0
