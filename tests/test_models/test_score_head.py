from functools import partial

import pytest
import torch
from stand_in import StandInBackbone
from torch.nn.functional import normalize

from mmneglabel.backbones import encode_words
from mmneglabel.errors import ConfigError
from mmneglabel.mining import LabelsOnly, NegMining
from mmneglabel.models import ScoreHead
from mmneglabel.scores import EnergyScore, MaxLogitScore, MCMScore, NegLabelScore, Similarities


@pytest.fixture
def banks(words):
    tower = StandInBackbone()

    def mine(miner):
        return miner.mine(("cat", "dog"), partial(encode_words, tower), "tower")

    return {"mined": mine(NegMining(corpus=words, ratio=0.5, groups=7)), "photo": mine(LabelsOnly())}


IMAGES = normalize(torch.randn(6, 16, generator=torch.Generator().manual_seed(0)), dim=-1)


def test_every_score_reads_its_bank(banks):
    scores = {"a": (NegLabelScore(), "mined"), "b": (MCMScore(), "photo"), "c": (EnergyScore(), "mined")}
    found, logits = ScoreHead(scores, banks)(IMAGES)
    mined, photo = banks["mined"], banks["photo"]
    whole = Similarities(IMAGES, mined.label_features, mined.negative_features, 7)
    assert list(found) == ["a", "b", "c"]
    torch.testing.assert_close(found["a"], NegLabelScore()(whole))
    torch.testing.assert_close(found["b"], MCMScore()(Similarities(IMAGES, photo.label_features)))
    torch.testing.assert_close(found["c"], EnergyScore()(whole))
    torch.testing.assert_close(logits, 100 * IMAGES @ mined.label_features.T)


def test_a_score_may_cut_its_own_groups(banks):
    head = ScoreHead({"7": (NegLabelScore(), "mined"), "1": (NegLabelScore(groups=1), "mined")}, banks)
    alone = banks["mined"].regroup(1)
    expected = NegLabelScore()(Similarities(IMAGES, alone.label_features, alone.negative_features, 1))
    torch.testing.assert_close(head(IMAGES)[0]["1"], expected)


def test_scores_of_one_bank_share_its_features(banks):
    scores = {n: (s, "mined") for n, s in (("a", MCMScore()), ("b", EnergyScore()), ("c", MaxLogitScore()))}
    assert len(ScoreHead(scores, banks).banks) == 1


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_autocast_and_half_features_are_scored_in_float32(banks, dtype):
    head = ScoreHead({"NegLabel": (NegLabelScore(), "mined")}, banks)
    half = IMAGES.to(dtype)
    expected, _ = head(half.float())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found, logits = head(half)
    assert torch.equal(found["NegLabel"], expected["NegLabel"])
    assert logits.dtype == torch.float32


def test_a_bank_may_be_named_like_an_attribute_of_modules(banks):
    head = ScoreHead({"a": (MCMScore(), "half"), "b": (NegLabelScore(), "type")},
                     {"half": banks["photo"], "type": banks["mined"]})  # fmt: skip
    assert list(head(IMAGES)[0]) == ["a", "b"]


def test_text_features_are_no_state(banks):
    assert not ScoreHead({"NegLabel": (NegLabelScore(), "mined")}, banks).state_dict()


def test_refuses_more_groups_than_negatives(banks):
    with pytest.raises(ConfigError, match="groups=999 for 50 negatives"):
        ScoreHead({"a": (NegLabelScore(groups=999), "mined")}, banks)
