"""What holds of every score: what it reads, which way is up, and which settings it refuses."""

import pytest
import torch
from torch.nn.functional import normalize

from mmneglabel import scores
from mmneglabel.errors import ConfigError
from mmneglabel.posthoc import Outputs
from mmneglabel.scores import Score, Similarities, TextFeatures
from mmneglabel.scores.score import LOCAL, NEGATIVES, PAIRS
from test_scores.compared import unit

ALL = [thing for name in scores.__all__ if isinstance(thing := getattr(scores, name), type)
       and issubclass(thing, Score) and thing is not Score]  # fmt: skip
LABELS, NEGATIVE = unit(5, 1, width=64), unit(50, 2, width=64)


def given(score, images):
    """The images with what the score says it needs, and nothing else."""

    def pairs(labels, negatives):
        return normalize(LABELS[labels] + NEGATIVE[negatives], dim=1)

    negatives, tower = (NEGATIVE if NEGATIVES in score.needs else None), (pairs if PAIRS in score.needs else None)
    local = images[:, None].expand(-1, 3, -1) if LOCAL in score.needs else None
    return Similarities(images, TextFeatures(LABELS, negatives, tower), local)


@pytest.mark.parametrize("kind", ALL)
def test_needs_no_more_than_it_says_and_is_higher_near_the_labels(kind):
    near, far = (kind()(given(kind, images)) for images in (LABELS, NEGATIVE))
    assert (near.shape, far.shape) == ((5,), (50,))
    assert near.min() > far.median()


@pytest.mark.parametrize("kind", [kind for kind in ALL if NEGATIVES in kind.needs and PAIRS not in kind.needs])
def test_says_that_there_are_no_negatives(kind):
    with pytest.raises(ConfigError, match="no negatives to compare with"):
        kind()(Similarities(LABELS, TextFeatures(LABELS)))


class Margin(Score):
    """As in the docstring of Score."""

    def __call__(self, seen):
        first, second = seen.logits.topk(2, dim=1).values.unbind(1)
        return first - second


def test_a_score_of_ones_own_serves_every_model():
    expected = torch.tensor([100.0] * 4)
    torch.testing.assert_close(Margin()(Similarities(torch.eye(4), TextFeatures(torch.eye(4)))), expected)
    torch.testing.assert_close(Margin()(Outputs(100 * torch.eye(4))), expected)
    assert (Margin.needs, Margin().fit(None)) == (frozenset(), "nothing to fit")
    with pytest.raises(TypeError, match="abstract"):
        Score()


@pytest.mark.parametrize(
    ("kind", "settings", "says"),
    [
        ("MCMScore", {"temperature": 0}, r"temperature must be positive and finite, got 0; the default is 1\.0"),
        ("GLMCMScore", {"temperature": 0}, "temperature must be positive"),
        ("GLMCMScore", {"weight": -1}, "weight must be finite and not negative"),
        ("EOEScore", {"temperature": "1"}, "temperature must be positive"),
        ("EOEScore", {"beta": -0.1}, "beta must be finite and not negative"),
        ("MSPScore", {"temperature": True}, "temperature must be positive"),
        ("EnergyScore", {"temperature": -1}, "temperature must be positive"),
        ("NegLabelScore", {"temperature": None}, "temperature must be positive"),
        ("NegLabelScore", {"groups": 0}, "groups must be an integer above 0, got 0; the default is 100"),
        ("NegLabelScore", {"groups": None}, "groups must be an integer above 0"),
        ("NegLabelScore", {"seed": 2**64}, "seed must be an integer of 64 bits"),
        ("NegLabelScore", {"seed": 1.0}, "seed must be an integer of 64 bits"),
        ("MultiMatchingScore", {"top_labels": 0}, "top_labels must be an integer above 0"),
        ("NegRefineScore", {"alpha": -1}, "alpha must be finite and not negative"),
        ("NegRefineScore", {"top_negatives": 0}, "top_negatives must be an integer above 0"),
        ("NegRefineScore", {"groups": 0}, "groups must be an integer above 0"),
    ],
)
def test_bad_settings(kind, settings, says):
    with pytest.raises(ConfigError, match=says):
        getattr(scores, kind)(**settings)
