import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mmneglabel.errors import DataError
from mmneglabel.evaluation import bootstrap, ood_metrics
from mmneglabel.evaluation.bootstrap import RESAMPLED, resample
from mmneglabel.results import Results


def results(*scores, names=("A", "B"), **more):
    """Of sets of scores (N, S), the ID set's first."""
    sets = np.repeat(np.arange(len(scores)), [len(one) for one in scores])
    every = np.concatenate(scores).astype(np.float64).reshape(len(sets), -1)
    labels = np.full(len(sets), -1)
    names = names[: every.shape[1]]
    return Results(("id", "near", "far")[: len(scores)], names, sets, every, labels, labels, **more)


SCORES = hnp.arrays(np.int64, st.integers(1, 60), elements=st.integers(-6, 6))


@given(SCORES, SCORES, st.integers(0, 2**32))
def test_a_draw_is_measured_as_the_images_that_it_holds(known, ood, seed):
    """Ties, few images and full recall among them; not near, but equal."""
    random = np.random.default_rng(seed)
    draws = [bootstrap._drawn(random, 3, len(side)) for side in (known, ood)]
    measured = bootstrap._Against(known, ood).measured(*bootstrap._Ranked(known).up_to(draws[0]), draws[1])
    for row, counts in zip(measured, zip(*draws, strict=True), strict=True):
        want = ood_metrics(np.repeat(known, counts[0]), np.repeat(ood, counts[1]))
        assert row.tolist() == pytest.approx([want[name] for name in RESAMPLED], abs=1e-15)


def test_an_interval_holds_the_true_value_in_about_95_percent_of_tests():
    """AUROC of two normals one apart is 0.7602; 300 tests of 80 + 60 images."""
    random, held = np.random.default_rng(0), 0
    for seed in range(300):
        found = resample(results(random.normal(1, 1, 80), random.normal(0, 1, 60)), 400, seed)
        low, high = found.interval("A", "mean", "auroc")
        held += low <= 0.7602 <= high
    assert 0.92 <= held / 300 <= 0.98


def test_differences_are_paired():
    """Two scores that agree but for a little noise differ by far less than either varies."""
    random = np.random.default_rng(0)
    sides = [np.repeat(random.normal(mean, 1, (200, 1)), 2, axis=1) for mean in (1, 0)]
    for side in sides:
        side[:, 1] += random.normal(0, 0.01, len(side))
    found = resample(results(*sides))
    (low, high), (least, most) = found.interval("A", "near", "auroc"), found.difference("A", "B", "near", "auroc")
    assert most - least < (high - low) / 10
    assert found.difference("A", "A", "near", "fpr95_id_positive") == (0, 0)


def test_groups_and_means_are_of_the_same_draws():
    random = np.random.default_rng(0)
    images = results(*(random.normal(mean, 1, (40, 2)) for mean in (1, 0, -1)), groups={"all": ("near", "far")})
    found = resample(images, 50)
    blocks = found.values["B"]
    np.testing.assert_array_equal(blocks["mean"], (blocks["near"] + blocks["far"]) / 2)
    np.testing.assert_array_equal(blocks["mean"], blocks["all"])


def test_draws_follow_from_the_seed_and_leave_out_unreadable_images():
    random = np.random.default_rng(0)
    images = results(random.normal(1, 1, 90), random.normal(0, 1, 70))
    broken = results(np.r_[np.nan, images.scores[:90, 0]], images.scores[90:, 0], unreadable={0: "broken"})
    first, again, other = resample(images, 60), resample(broken, 60), resample(images, 60, seed=1)
    np.testing.assert_array_equal(first.values["A"]["near"], again.values["A"]["near"])
    assert (first.values["A"]["near"] != other.values["A"]["near"]).any()


def test_a_set_without_images_is_named():
    with pytest.raises(DataError, match="set 'near' has no readable image"):
        resample(results(np.ones(3), np.ones(1), unreadable={3: "broken"}))
