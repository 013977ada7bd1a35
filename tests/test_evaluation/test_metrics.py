import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from paths import read_golden
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from mmneglabel.errors import DataError
from mmneglabel.evaluation import METRIC_NAMES, ood_metrics
from mmneglabel.evaluation.metrics import Ties

SUFFIX = "_auroc_auprin_auprout_fpr95"
GOLDEN = read_golden("metrics")


@pytest.mark.parametrize("case", [name.removesuffix(SUFFIX) for name in GOLDEN if name.endswith(SUFFIX)])
def test_golden_vectors(case):
    got = ood_metrics(GOLDEN[f"{case}_in"].numpy(), GOLDEN[f"{case}_out"].numpy())
    want = GOLDEN[case + SUFFIX]
    keys = ("auroc", "aupr_in", "aupr_out", "fpr95_id_positive")
    np.testing.assert_allclose([got[key] for key in keys], want, rtol=0, atol=1e-9)


def reference_nearest_fpr(id_scores, ood_scores):
    """Walk the thresholds one by one: nearest recall up to the first full one, the lowest threshold wins ties."""
    best, best_distance = None, np.inf
    for threshold in sorted(set(id_scores) | set(ood_scores), reverse=True):
        recall = np.sum(id_scores >= threshold) / len(id_scores)
        if abs(recall - 0.95) <= best_distance:
            best, best_distance = np.mean(ood_scores >= threshold), abs(recall - 0.95)
        if recall == 1:
            return best
    raise AssertionError


def score_sets():
    rng = np.random.default_rng(7)
    yield "normal", rng.normal(1, 1, 311), rng.normal(0, 1, 207)
    yield "many ties", rng.integers(0, 6, 300) * 0.1, rng.integers(-2, 4, 100) * 0.1
    yield "constant", np.full(30, 0.25), np.full(20, 0.25)
    yield "saturated", np.minimum(rng.normal(1, 0.2, 400), 1), np.minimum(rng.normal(0.9, 0.2, 300), 1)
    yield "separated", rng.uniform(2, 3, 40), rng.uniform(0, 1, 60)
    yield "inverted", rng.uniform(0, 1, 40), rng.uniform(2, 3, 60)
    yield "one each", np.array([1.0]), np.array([0.0])
    yield "twenty", np.arange(20.0), np.arange(20.0) - 0.5


@pytest.mark.parametrize(("id_scores", "ood_scores"), [pytest.param(a, b, id=n) for n, a, b in score_sets()])
def test_parity_with_sklearn(id_scores, ood_scores):
    scores = np.concatenate([id_scores, ood_scores])
    is_id = np.concatenate([np.ones(len(id_scores)), np.zeros(len(ood_scores))])
    fpr, tpr, _ = roc_curve(1 - is_id, -scores, drop_intermediate=False)
    want = {
        "auroc": roc_auc_score(is_id, scores),
        "aupr_in": average_precision_score(is_id, scores),
        "aupr_out": average_precision_score(1 - is_id, -scores),
        "fpr95_id_positive": reference_nearest_fpr(id_scores, ood_scores),
        "fpr95_ood_positive": fpr[np.argmax(tpr >= 0.95)],
    }
    got = ood_metrics(id_scores, ood_scores)
    assert tuple(got) == METRIC_NAMES == tuple(want)
    assert got == pytest.approx(want, abs=1e-12)


def test_the_two_fpr95_are_different_numbers():
    id_scores, ood_scores = np.r_[np.zeros(10), np.full(90, 5.0)], np.r_[np.zeros(50), np.full(50, -1.0)]
    got = ood_metrics(id_scores, ood_scores)
    assert got["fpr95_id_positive"] == 0.0  # recalls 0.90 and 1.00 are equally near; rounded, the first is nearer
    assert got["fpr95_ood_positive"] == 0.1


def test_lowest_of_equally_near_thresholds():
    got = ood_metrics(np.r_[np.full(19, 5.0), 0.0], np.array([4.0, 3.0, -1.0, -2.0]))
    assert got["fpr95_id_positive"] == 0.5


def test_float32_and_lists_are_promoted():
    rng = np.random.default_rng(0)
    a, b = rng.normal(1, 1, 50).astype(np.float32), rng.normal(0, 1, 40).astype(np.float32)
    assert ood_metrics(a, b) == ood_metrics(a.astype(np.float64).tolist(), b.astype(np.float64).tolist())


@pytest.mark.parametrize(
    ("id_scores", "ood_scores", "message"),
    [
        ([], [1.0], "there are no ID scores"),
        ([1.0], [], "there are no OOD scores"),
        ([[1.0]], [1.0], r"ID scores have shape \(1, 1\)"),
        (1.0, [1.0], r"ID scores have shape \(\)"),
        ([1.0], [0.0, np.nan], "1 of 2 OOD scores are not finite .* nan"),
        ([np.inf, 1.0], [0.0], "1 of 2 ID scores are not finite .* inf"),
    ],
)
def test_bad_input_is_named(id_scores, ood_scores, message):
    with pytest.raises(DataError, match=message) as info:
        ood_metrics(id_scores, ood_scores)
    assert "\n" not in str(info.value)


FEWER = settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)

# Few distinct values make ties frequent; integers survive a monotone transform exactly.
SCORES = hnp.arrays(np.int64, st.integers(1, 60), elements=st.integers(-6, 6))


@FEWER
@given(SCORES, SCORES)
def test_values_are_fractions_and_match_the_plain_definition(id_scores, ood_scores):
    got = ood_metrics(id_scores, ood_scores)
    assert all(0 <= value <= 1 for value in got.values())
    pairs = np.sign(id_scores[:, None] - ood_scores[None, :])
    assert got["auroc"] == pytest.approx((1 + pairs.mean()) / 2, abs=1e-12)
    assert got["fpr95_id_positive"] == reference_nearest_fpr(id_scores, ood_scores)


@FEWER
@given(SCORES, SCORES)
def test_monotone_transforms_change_nothing(id_scores, ood_scores):
    got = ood_metrics(id_scores, ood_scores)
    assert ood_metrics(np.exp(id_scores / 3), np.exp(ood_scores / 3)) == got
    assert ood_metrics(5 * id_scores - 100, 5 * ood_scores - 100) == got


@FEWER
@given(SCORES, SCORES)
def test_swapping_and_negating_the_sets(id_scores, ood_scores):
    got, swapped = ood_metrics(id_scores, ood_scores), ood_metrics(ood_scores, id_scores)
    assert got["auroc"] == pytest.approx(1 - swapped["auroc"], abs=1e-12)
    mirrored = ood_metrics(-ood_scores, -id_scores)
    assert mirrored["auroc"] == pytest.approx(got["auroc"], abs=1e-12)
    assert mirrored["aupr_in"] == got["aupr_out"]
    assert mirrored["aupr_out"] == got["aupr_in"]


@FEWER
@given(SCORES, SCORES, st.randoms(use_true_random=False))
def test_order_of_images_changes_nothing(id_scores, ood_scores, random):
    shuffled = list(id_scores), list(ood_scores)
    for part in shuffled:
        random.shuffle(part)
    want = ood_metrics(id_scores, ood_scores)
    assert ood_metrics(*shuffled) == ood_metrics(np.sort(id_scores), np.sort(ood_scores)) == want


@FEWER
@given(SCORES, SCORES)
def test_counts_keep_every_image(id_scores, ood_scores):
    ties = Ties.of(id_scores, ood_scores)
    assert ties.scores.tolist() == sorted({*id_scores.tolist(), *ood_scores.tolist()}, reverse=True)
    assert ties.id_counts.tolist() == [np.sum(id_scores == score) for score in ties.scores]
    assert ties.ood_counts.tolist() == [np.sum(ood_scores == score) for score in ties.scores]
