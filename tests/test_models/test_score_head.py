from functools import partial

import pytest
import torch
from stand_in import StandInBackbone
from torch.nn.functional import normalize

from mmneglabel.backbones import encode_words
from mmneglabel.mining import LabelsOnly, NegMining
from mmneglabel.models import ScoreHead
from mmneglabel.scores import EnergyScore, MCMScore, NegLabelScore, Similarities, TextFeatures

IMAGES = normalize(torch.randn(6, 16, generator=torch.Generator().manual_seed(0)), dim=-1)


@pytest.fixture
def mined(words):
    return NegMining(corpus=words, ratio=0.5).mine(("cat", "dog"), partial(encode_words, StandInBackbone()), "tower")


@pytest.fixture
def photo():
    return LabelsOnly().mine(("cat", "dog"), partial(encode_words, StandInBackbone()), "tower")


def test_every_score_reads_its_bank_and_a_bank_is_held_once(mined, photo):
    scores = {"a": NegLabelScore(groups=7), "b": MCMScore(), "c": EnergyScore(), "d": NegLabelScore(groups=1)}
    head = ScoreHead(scores, {"a": mined, "b": photo, "c": mined, "d": mined})
    found = head(IMAGES)
    assert (list(found.scores), len(head.texts)) == (list("abcd"), 2)
    for name, bank in (("a", mined), ("b", photo), ("c", mined), ("d", mined)):
        seen = Similarities(IMAGES, TextFeatures(bank.label_features, bank.negative_features))
        torch.testing.assert_close(found.scores[name], scores[name](seen))
    torch.testing.assert_close(found.logits, 100 * IMAGES @ mined.label_features.T)


def test_details_are_given_where_they_are_asked_for(mined):
    head = ScoreHead({"a": NegLabelScore(groups=7), "b": MCMScore()}, {"a": mined, "b": mined})
    assert not head(IMAGES).details.tensors()
    found = head(IMAGES, explain="a")
    assert list(found.details.log_odds) == ["a"]
    torch.testing.assert_close(found.details.log_odds["a"].sigmoid(), found.scores["a"])
    assert found.details.shares.negatives.shape == (6, 5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_autocast_and_half_features_are_scored_in_float32(mined, dtype):
    head = ScoreHead({"NegLabel": NegLabelScore()}, {"NegLabel": mined})
    half = IMAGES.to(dtype)
    expected = head(half.float()).scores["NegLabel"]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = head(half)
    assert torch.equal(found.scores["NegLabel"], expected)
    assert found.logits.dtype == torch.float32


def test_text_features_are_no_state(mined):
    assert not ScoreHead({"half": NegLabelScore()}, {"half": mined}).state_dict()


def test_a_head_in_float64_takes_images_of_any_precision(mined):
    head = ScoreHead({"NegLabel": NegLabelScore()}, {"NegLabel": mined})
    once = head(IMAGES.double()).scores["NegLabel"]
    torch.testing.assert_close(head.double()(IMAGES).scores["NegLabel"], once)
