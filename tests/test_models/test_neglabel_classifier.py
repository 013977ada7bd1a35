from functools import partial

import pytest
import torch
from mmpretrain.registry import MODELS, TASK_UTILS
from mmpretrain.structures import DataSample
from paths import TINY_CLIP
from stand_in import StandInBackbone

from mmneglabel.backbones import encode_words
from mmneglabel.errors import ConfigError, DataError, WeightsError
from mmneglabel.mining import NegMining
from mmneglabel.models import NegLabelClassifier
from mmneglabel.scores import Score
from mmneglabel.scores.score import STREAM
from mmneglabel.scores.tanl import noise_pictures

NAMES = ("cat", "dog", "bird")
SCORES = {"NegLabel": {"groups": 7}, "MCM": {"bank": {"prompts": {"label": "the nice {}"}}}}


def build(**changes):
    config = {"type": "NegLabelClassifier", "backbone": {"type": "StandInBackbone"}, "class_names": NAMES}
    return MODELS.build(config | {"scores": SCORES} | changes)


@pytest.fixture
def bank(words):
    tower = StandInBackbone()
    miner = NegMining(corpus=words, ratio=0.5)
    return miner.mine(NAMES, partial(encode_words, tower), tower.text_fingerprint())


PIXELS = torch.randn(5, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def test_predicts_class_and_scores(bank):
    model = build()
    model.set_banks(bank)
    samples = model(PIXELS, mode="predict")
    logits = 100 * model(PIXELS, mode="tensor") @ bank.label_features.T
    for sample, row in zip(samples, logits, strict=True):
        torch.testing.assert_close(sample.pred_score, row.softmax(0))
        assert sample.pred_label.tolist() == [row.argmax()]
        assert list(sample.ood_scores) == ["NegLabel", "MCM"]
        assert sample.ood_scores["MCM"] == pytest.approx((row / 100).softmax(0).max().item(), abs=1e-6)
        assert 0 <= sample.ood_scores["NegLabel"] <= 1


def test_what_is_wrong_with_words_shows_before_a_tower_is_built():
    with pytest.raises(DataError, match=r"list of words to drop nowhere\.txt cannot be read"):
        build(backbone={"type": "NoTower"}, scores={"NegLabel": {"bank": {"drop": "nowhere.txt"}}})


def test_features_have_unit_norm():
    torch.testing.assert_close(build()(PIXELS).norm(dim=1), torch.ones(5))


def test_normalises_as_the_tower_was_trained():
    data = build().data_preprocessor({"inputs": torch.full((1, 3, 8, 8), 255, dtype=torch.uint8)})
    torch.testing.assert_close(data["inputs"], torch.ones(1, 3, 8, 8))
    own = build(data_preprocessor={"type": "mmpretrain.ClsDataPreprocessor", "mean": [0] * 3, "std": [255] * 3})
    assert own.data_preprocessor.mean.flatten().tolist() == [0, 0, 0]


def test_tells_of_a_missing_bank():
    with pytest.raises(ConfigError, match="no label bank yet: add NegLabelMiningHook"):
        build()(PIXELS, mode="predict")


def test_there_is_nothing_to_train():
    with pytest.raises(ConfigError, match="zero-shot"):
        build()(PIXELS, mode="loss")


def test_refuses_pictures_of_another_size():
    with pytest.raises(ConfigError, match=r"makes 9x8 images and the backbone takes 8x8: set ResizeEdge.scale"):
        build()(torch.zeros(1, 3, 9, 8))


def test_refuses_banks_of_others(bank):
    with pytest.raises(ConfigError, match="mined for other class names"):
        build(class_names=("cat", "dog", "cow")).set_banks(bank)
    with pytest.raises(ConfigError, match="16-dimensional features and the backbone 8"):
        build(backbone={"type": "StandInBackbone", "embed_dim": 8}).set_banks(bank)
    with pytest.raises(ConfigError, match="No bank for the scores MCM"):
        build().set_banks({"NegLabel": bank})


def test_the_predicting_score_is_named_not_guessed():
    with pytest.raises(ConfigError, match=r"No score 'NegLabel' .*: set model.predict_with to one of MCM, CSP"):
        build(scores=["MCM", "CSP"])
    for scores, predict_with in ((["MCM", "CSP"], "CSP"), (["MCM", "NegLabel"], None), (["MCM", "Energy"], None)):
        assert list(build(scores=scores, predict_with=predict_with).scores) == scores


def test_one_bank_for_all_scores_whose_miners_would_make_the_same(words):
    own = {"bank": {"corpus": str(words)}}
    scores = {"a": {"method": "NegLabel", **own}, "b": {"method": "NegLabel", "groups": 3, **own}, "MCM": {}}
    model = build(scores=scores, predict_with="a")
    made = model.prepare()
    assert [(one.scores, one.mined) for one in made] == [(("a", "b"), True), (("MCM",), True)]
    assert len(model.head.texts) == 2
    assert model.prepare() == []
    assert model.facts()["scores"]["b"]["bank"] == "a"
    again = build(scores={"a": {"method": "NegLabel", **own}})
    assert [one.mined for one in again.prepare()] == [False]


def test_checkpoints_round_trip_and_others_are_refused(bank):
    model, other = build(), build(backbone={"type": "StandInBackbone", "seed": 1})
    model.set_banks(bank)
    other.load_state_dict(model.state_dict())
    assert other.backbone.text_fingerprint() == model.backbone.text_fingerprint()
    wide = build(backbone={"type": "StandInBackbone", "embed_dim": 24})
    with pytest.raises(WeightsError, match=r"'backbone.projection' \(\(24, 192\) in the checkpoint, \(16, 192\)"):
        model.load_state_dict(wide.state_dict())
    clip = build(backbone={"type": "OpenCLIPBackbone", "model_name": TINY_CLIP})
    with pytest.raises(WeightsError, match="absent"):
        model.load_state_dict(clip.state_dict(), strict=False)


def test_a_built_backbone_may_be_given():
    tower = StandInBackbone()
    assert NegLabelClassifier(tower, NAMES, SCORES).backbone is tower


def test_multi_matching_reads_the_same_pairs_whatever_the_groups(bank):
    scores = {
        "own": {"method": "NegRefine", "alpha": 2, "groups": 7},
        "cut": {"method": "MultiMatching"},
        "NegLabel": SCORES["NegLabel"],
        "other groups": {"method": "NegRefine", "groups": 3},
        "NegLabel 3": {"method": "NegLabel", "groups": 3},
    }
    model = build(scores=scores)
    model.set_banks(bank)
    for sample in model(PIXELS, mode="predict"):
        found = sample.ood_scores
        assert found["own"] == pytest.approx(found["NegLabel"] + 2 * found["cut"], abs=1e-6)
        assert found["other groups"] == pytest.approx(found["NegLabel 3"] + 2 * found["cut"], abs=1e-6)
    assert model.state_dict().keys() == build().state_dict().keys()


def test_local_features_come_from_the_same_pass(words):
    scores = {"GL-MCM": {"weight": 1.0}, "MCM": {}}
    model = build(backbone={"type": "OpenCLIPBackbone", "model_name": TINY_CLIP}, scores=scores).eval()
    model.prepare()
    samples = model(torch.randn(2, 3, 32, 32), mode="predict")
    assert all(1 / 3 < sample.ood_scores["GL-MCM"] - sample.ood_scores["MCM"] <= 1 for sample in samples)
    with pytest.raises(ConfigError, match="The pipeline makes 16x16 images"):
        model(torch.randn(2, 3, 16, 16), mode="predict")


def test_a_tower_without_local_features_is_refused_before_anything_is_mined():
    with pytest.raises(ConfigError, match="StandInBackbone has no local image features"):
        build(scores=["GL-MCM"])


@TASK_UTILS.register_module()
class RememberingScore(Score):
    """A score of single images that says it hangs on those before."""

    needs = frozenset({STREAM})

    def __call__(self, similarities):
        raise AssertionError("it is never asked")


def test_streams_are_told_apart_and_no_single_image_is_scored_by_them(bank):
    model = build(scores=SCORES | {"OODD": {}})
    model.set_banks(bank)
    assert list(model.scores) == ["NegLabel", "MCM", "OODD (stream)"]
    assert model.streams()["OODD (stream)"][1] is model.head.texts_of("NegLabel")
    with pytest.raises(ConfigError, match=r"OODD \(stream\) learn from all images of a test, and nobody plays them"):
        model(PIXELS, mode="predict")
    model.plays_streams = True
    samples = model(PIXELS, mode="predict")
    assert list(samples[0].ood_scores) == ["NegLabel", "MCM"]
    assert samples[0].image_feature.shape == (16,)


def test_streams_alone_predict_the_class(bank):
    model = build(scores=["TANL"], predict_with="TANL")
    model.set_banks(bank)
    model.plays_streams = True
    assert [sample.ood_scores for sample in model(PIXELS, mode="predict")] == [{}] * len(PIXELS)


def test_a_single_image_may_be_named_by_a_streams_labels(bank):
    model = build(scores=SCORES | {"OODD": {}}, predict_with="OODD")
    model.set_banks(bank)
    assert model.explain() == "NegLabel"
    assert list(model.scores) == ["NegLabel"]
    assert model.head.predicting is model.head.texts_of("OODD (stream)")
    assert list(model(PIXELS, mode="predict")[0].ood_scores) == ["NegLabel"]
    with pytest.raises(ConfigError, match="no score 'OODD \\(stream\\)'"):
        model.explain("OODD (stream)")


def test_pictures_of_noise_go_through_the_tower_as_they_are(bank):
    model = build(scores=["TANL"])
    model.set_banks(bank)
    expected = model.extract_feat(noise_pictures((8, 8), 3))
    assert torch.equal(model.head.texts_of("TANL (stream)").noise(3), expected)


def test_the_mark_of_streams_is_nobodys_name():
    with pytest.raises(ConfigError, match="' \\(stream\\)' is added to the names of streams by itself"):
        build(scores={"Mine (stream)": {"method": "NegLabel"}})


def test_a_score_that_hangs_on_the_images_before_is_a_stream():
    with pytest.raises(ConfigError, match="a RememberingScore needs the images before: derive it from StreamScore"):
        build(scores={"Remembering": {"type": "RememberingScore"}})


@pytest.mark.parametrize("memory", [0, -1, "256"])
def test_bad_pair_memory_is_refused_before_anything_is_mined(memory):
    with pytest.raises(ConfigError, match="pair_memory_mb must be positive and finite"):
        build(pair_memory_mb=memory)


def test_an_image_without_features_is_named(bank):
    model = build()
    model.set_banks(bank)
    samples = [DataSample(metainfo={"img_path": f"{i}.png"}) for i in range(2)]
    features = torch.stack([bank.label_features[0], torch.zeros(16)])
    with pytest.raises(DataError, match=r"gives image 1\.png no features \(their norm is 0\)"):
        model.predict_features(features, samples)
    samples[1].set_metainfo({"unreadable": "1.png: not a picture"})
    assert len(model.predict_features(features, samples)) == 2
