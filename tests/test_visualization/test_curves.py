import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import precision_recall_curve, roc_curve

from mmneglabel.evaluation import ood_metrics
from mmneglabel.results import Results
from mmneglabel.visualization.curves import histogram, main_score, precision_recall, roc

SCORES = hnp.arrays(np.int64, st.integers(1, 60), elements=st.integers(-6, 6)).map(lambda array: array.astype(float))


@given(SCORES, SCORES)
def test_short_curves_are_those_of_scikit_learn(known, ood):
    truth, scores = np.r_[np.ones(len(known)), np.zeros(len(ood))], np.r_[known, ood]
    fpr, tpr, _ = roc_curve(truth, scores, drop_intermediate=False)
    found = roc(known, ood)
    np.testing.assert_allclose([found.x, found.y], [fpr, tpr], atol=1e-12)
    precision, recall, _ = precision_recall_curve(truth, scores)
    found = precision_recall(known, ood)
    want = dict.fromkeys(zip(recall[-2::-1].round(9), precision[-2::-1].round(9), strict=True))
    assert {*zip(found.x.round(9), found.y.round(9), strict=True)} <= want.keys()


@pytest.mark.parametrize("size", [50, 20_000])
def test_thinned_curves_keep_their_area(size):
    random = np.random.default_rng(0)
    known, ood = random.normal(1, 1, size), random.normal(0, 1, size)
    curve, want = roc(known, ood), ood_metrics(known, ood)
    assert len(curve.x) < 1000
    assert np.trapezoid(curve.y, curve.x) == pytest.approx(want["auroc"], abs=1e-4)
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    curve = precision_recall(known, ood)
    assert len(curve.x) < 2000
    assert np.sum(np.diff(curve.x, prepend=0) * curve.y) == pytest.approx(want["aupr_in"], abs=2e-3)


def images(**more):
    """Three ID and two OOD images; the second score is a share."""
    scores = np.array([[3.0, 0.9], [2.0, 0.8], [1.0, 0.7], [0.0, 0.2], [-1.0, 0.1]])
    labels = np.full(5, -1)
    return Results(
        ("id", "far"), ("MCM", "NegLabel"), np.array([0, 0, 0, 1, 1]), scores, labels, labels,
        log_odds_names=("NegLabel",), log_odds=np.log(scores[:, 1:] / (1 - scores[:, 1:])), **more,
    )  # fmt: skip


def test_histograms_are_of_log_odds_where_there_are_any():
    found = histogram(images(), "NegLabel")
    assert found.is_share
    assert found.edges[0] < -2
    assert all(shares.sum() == pytest.approx(1) for shares in found.shares.values())
    assert found.shares["far"][20:].sum() == found.shares["id"][:20].sum() == 0
    assert not histogram(images(), "MCM").is_share
    assert (histogram(images(), "MCM", ["far"]).edges == histogram(images(), "MCM").edges).all()


def test_unreadable_images_are_in_no_picture():
    found = images(unreadable={0: "broken"})
    assert histogram(found, "MCM").shares["id"].sum() == pytest.approx(1)
    assert len(found.values("NegLabel", "id")) == 2
    assert np.isnan(found.values("NegLabel")[0])


def test_main_score():
    assert main_score(images()) == "NegLabel"
    assert main_score(images(shares_of="MCM")) == "MCM"
