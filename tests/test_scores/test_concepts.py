"""MCM, GL-MCM and EOE: against vectors made with their authors' code, and their formulas."""

import pytest
import torch
from torch.nn.functional import normalize

from mmneglabel.scores import EOEScore, GLMCMScore, MCMScore, Similarities, TextFeatures, concepts
from test_scores.compared import compared


def test_golden_mcm(golden):
    data = golden("grouped_score")
    score = MCMScore()(Similarities(data["image_features"], TextFeatures(data["id_features"])))
    torch.testing.assert_close(score, data["mcm_t1_score_float64"], rtol=0, atol=1e-6, check_dtype=False)


def test_one_label_is_certain():
    assert MCMScore()(compared(images=2, labels=1)).tolist() == [1, 1]


def test_temperature_sharpens():
    seen = Similarities(torch.eye(3), TextFeatures(torch.eye(3)))
    assert (MCMScore(temperature=0.1)(seen) > MCMScore()(seen)).all()


@pytest.fixture
def places(golden):
    """Images with 16 places each, and what their scores should be."""
    data = golden("glmcm")
    images, labels, local = (normalize(data[f"{n}_features"], dim=-1) for n in ("global", "text", "local"))
    return data, Similarities(images, TextFeatures(labels), local.flatten(1, 2))


def test_golden_gl_mcm(places):
    data, seen = places
    torch.testing.assert_close(MCMScore()(seen), data["mcm"], rtol=0, atol=1e-5)
    torch.testing.assert_close(GLMCMScore()(seen), data["glmcm_l05"], rtol=0, atol=1e-5)
    torch.testing.assert_close(GLMCMScore(weight=1.0)(seen), data["glmcm"], rtol=0, atol=1e-5)
    torch.testing.assert_close(GLMCMScore(weight=3.0)(seen), data["mcm"] + 3 * data["local_mcm"])


def test_blocks_do_not_change_the_local_part(places, monkeypatch):
    whole = GLMCMScore()(places[1])
    monkeypatch.setattr(concepts, "_BLOCK", 1)
    torch.testing.assert_close(GLMCMScore()(places[1]), whole)


def test_eoe_is_the_formula():
    seen = compared(negatives=9)
    share = (seen.images @ torch.cat([seen.texts.labels, seen.texts.negatives]).T / 0.5).softmax(dim=1)
    expected = share[:, :4].amax(1) - 0.3 * share[:, 4:].amax(1)
    torch.testing.assert_close(EOEScore(beta=0.3, temperature=0.5)(seen), expected)


def test_eoe_without_weight_is_mcm_over_all_names():
    seen = compared(images=20, negatives=9)
    everything = MCMScore()(
        Similarities(seen.images, TextFeatures(torch.cat([seen.texts.labels, seen.texts.negatives])))
    )
    closest = seen.logits.amax(1) > (100 * seen.images @ seen.texts.negatives.T).amax(1)
    assert closest.any()
    torch.testing.assert_close(EOEScore(beta=0)(seen)[closest], everything[closest])
