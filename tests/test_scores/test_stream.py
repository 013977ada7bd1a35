"""What holds of every score that learns while testing: its order, its seeds, where its numbers stand."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmneglabel import scores
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.scores import ORDERS, NegLabelScore, OODDScore, Similarities, Stream, StreamScore, TextFeatures
from test_scores.compared import unit

ALL = [scores.AdaNegScore, scores.OODDScore, scores.TANLScore]
LABELS, NEGATIVE = unit(5, 1, width=64), unit(50, 2, width=64)
TEXTS = TextFeatures(LABELS, NEGATIVE, noise=lambda seed: unit(15, 100 + seed, width=64))


class Counting(Stream):
    """How many images came before each."""

    def __init__(self):
        self.seen = 0

    def __call__(self, images, static):
        assert len(images) == (len(static) if static is not None else len(images))
        first, self.seen = self.seen, self.seen + len(images)
        return torch.arange(first, self.seen)


class CountingScore(StreamScore):
    """As in docs/extending.md, but for the numbers."""

    def start(self, texts, seed):
        return Counting()


def played(score, images, known, texts=TEXTS, seed=0):
    """One stream."""
    static = None if score.static is None else score.static(Similarities(images, texts))
    return score.play(images, static, texts, known, seed)


@given(st.sampled_from(ORDERS), st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**63), st.integers(1, 70))
def test_each_image_is_brought_once_and_has_its_place(order, known, ood, seed, batch_size):
    score = CountingScore(order=order, batch_size=batch_size)
    places = score.play(torch.zeros(known + ood, 1), None, TEXTS, known, seed).long()
    assert sorted(places.tolist()) == list(range(known + ood))
    assert torch.equal(score.arranged(known, ood, seed)[places], torch.arange(known + ood))
    if order in ("id_first", "given"):
        assert places[:known].max() < places[known:].min()
    if order == "ood_first":
        assert places[known:].max() < places[:known].min()


def test_shuffled_is_the_permutation_of_a_generator_with_the_seed():
    expected = torch.randperm(30, generator=torch.Generator().manual_seed(7))
    assert torch.equal(CountingScore().arranged(20, 10, 7), expected)
    assert torch.equal(CountingScore(order="given").arranged(20, 10, 7), torch.arange(30))


def test_the_global_generator_is_left_alone():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    for kind in ALL:
        played(kind(batch_size=8), unit(20, width=64), 10)
    assert torch.equal(torch.rand(3), expected)


def test_seeds_follow_one_another():
    assert CountingScore(seed=3, streams=4).seeds == (3, 4, 5, 6)


@pytest.mark.parametrize("kind", ALL)
def test_a_stream_begins_with_nothing_and_its_score_keeps_nothing(kind):
    score, images = kind(batch_size=8), torch.cat([LABELS, NEGATIVE])
    first = played(score, images, len(LABELS))
    assert torch.equal(played(score, images, len(LABELS)), first)
    assert first.dtype == torch.float64
    assert first[: len(LABELS)].min() > first[len(LABELS) :].median()


@pytest.mark.parametrize("kind", ALL)
def test_hangs_on_the_order_alone_not_on_where_images_stand(kind):
    score, images = kind(batch_size=8, order="given"), torch.cat([LABELS, NEGATIVE[:15]])
    shuffled = replace(score, order="shuffled")
    order = shuffled.arranged(5, 15, 3)
    static = None if score.static is None else score.static(Similarities(images, TEXTS))
    other = score.play(images[order], None if static is None else static[order], TEXTS, 5, 3)
    torch.testing.assert_close(played(shuffled, images, 5, seed=3)[order], other, rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("batch_size", [1, 20])
def test_single_images_and_all_at_once_are_legal(kind, batch_size):
    found = played(kind(batch_size=batch_size), unit(20, width=64), 10)
    assert found.isfinite().all()


@pytest.mark.parametrize("kind", ALL)
def test_float32_and_float64_decide_alike(kind):
    images = torch.nn.functional.normalize(LABELS[torch.arange(60) % 5] + unit(60, 9, width=64), dim=1)
    texts = TextFeatures(LABELS.double(), NEGATIVE.double(), noise=lambda seed: TEXTS.noise(seed).double())
    precise = played(kind(batch_size=8), images.double(), 30, texts)
    torch.testing.assert_close(played(kind(batch_size=8), images, 30), precise, rtol=0, atol=2e-5)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (torch.tensor(0.5), r"a tensor of shape \(\)"),
        (torch.zeros(1), r"a tensor of shape \(1,\)"),
        (torch.zeros(4, 1), r"a tensor of shape \(4, 1\)"),
        (torch.full((4,), torch.nan), r"a tensor of shape \(4,\): look for NaN"),
        ([0.0] * 4, r"\[0\.0"),
        (None, "None"),
    ],
)
def test_a_stream_that_gives_no_score_an_image_is_named(answer, said):
    class Broken(StreamScore):
        def start(self, texts, seed):
            return lambda images, static: answer

    with pytest.raises(DataError, match=f"Broken: its stream must give .* 4 finite numbers, .* gives {said}"):
        Broken(batch_size=4).play(torch.zeros(8, 2), None, TEXTS, 4, 0)


def test_oodd_stands_on_any_score_of_single_images():
    score = OODDScore(static=scores.MaxLogitScore())
    assert score.needs == {"stream", "texts"}
    assert OODDScore(static=scores.NegRefineScore()).needs >= {"pairs"}


@pytest.mark.parametrize(
    ("kind", "settings", "says"),
    [
        ("AdaNegScore", {"order": "random"}, r"order is 'random'; known: given, id_first, ood_first, shuffled"),
        ("TANLScore", {"batch_size": 0}, r"batch_size must be an integer above 0, got 0; the default is 256"),
        ("OODDScore", {"batch_size": 0}, "the default is 64"),
        ("OODDScore", {"streams": 0}, "streams must be an integer above 0"),
        ("OODDScore", {"seed": -1.0}, "seed must be an integer of 64 bits"),
        ("OODDScore", {"seed": 2**64 - 1, "streams": 2}, "seed must be an integer of 64 bits"),
        ("AdaNegScore", {"gap": 1.1}, "gap must be a number from 0 to 1, got 1.1"),
        ("AdaNegScore", {"threshold": -0.1}, "threshold must be a number from 0 to 1"),
        ("AdaNegScore", {"weight": -0.1}, "weight must be finite and not negative"),
        ("AdaNegScore", {"beta": float("nan")}, "beta must be finite and not negative"),
        ("AdaNegScore", {"capacity": -1}, "capacity must be an integer above -1"),
        ("AdaNegScore", {"proxies": "tasks"}, "proxies is 'tasks'; did you mean 'task'"),
        ("AdaNegScore", {"combine": "mean"}, "combine is 'mean'; known: adapted, product, static, sum"),
        ("AdaNegScore", {"adaptive_gap": 1}, "adaptive_gap must be True or False"),
        ("AdaNegScore", {"static": scores.MCMScore()}, r"static is MCMScore.*: give dict\(type='NegLabelScore'"),
        ("TANLScore", {"alpha": 2}, "alpha must be a number from 0 to 1"),
        ("TANLScore", {"gap": None}, "gap must be a number from 0 to 1"),
        ("TANLScore", {"length": 0}, "length must be an integer above 0"),
        ("TANLScore", {"step": -1}, "step must be an integer above -1"),
        ("TANLScore", {"queue": 0}, "queue must be an integer above 0"),
        ("TANLScore", {"history": 1.5}, "history must be an integer above 0"),
        ("TANLScore", {"temperature": 0}, "temperature must be positive"),
        ("OODDScore", {"capacity": 0}, "capacity must be an integer above 0"),
        ("OODDScore", {"k": "5"}, "k must be an integer above 0"),
        ("OODDScore", {"static": scores.GLMCMScore()}, "reads no local features, which are not kept"),
        ("OODDScore", {"static": "NegLabel"}, "static is 'NegLabel': give a score of single images"),
    ],
)
def test_bad_settings(kind, settings, says):
    with pytest.raises(ConfigError, match=says):
        getattr(scores, kind)(**settings)


def test_static_scores_are_those_of_the_table():
    assert scores.AdaNegScore().static == NegLabelScore(groups=5)
    assert OODDScore().static == NegLabelScore()
    assert SimpleNamespace(**vars(scores.TANLScore())).length == 1000
