"""MSP, MaxLogit and Energy, of either kind of model."""

import numpy as np
import pytest
import torch
from pytorch_ood.detector import EnergyBased, MaxLogit, MaxSoftmax

from mmneglabel.posthoc import Outputs
from mmneglabel.scores import EnergyScore, MaxLogitScore, MSPScore
from test_scores.compared import compared

LOGITS = torch.randn(7, 4, generator=torch.Generator().manual_seed(5), dtype=torch.float64)


@pytest.fixture(params=["classifier", "texts"])
def seen(request):
    return Outputs(LOGITS) if request.param == "classifier" else compared(images=7, dtype=torch.float64)


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_formulas(seen, temperature):
    logits = seen.logits.numpy()
    weights = np.exp(logits / temperature)
    assert MSPScore(temperature)(seen).numpy() == pytest.approx(weights.max(1) / weights.sum(1), rel=1e-12)
    energy = temperature * np.log(weights.sum(1))
    assert EnergyScore(temperature)(seen).numpy() == pytest.approx(energy, rel=1e-12)
    assert MaxLogitScore()(seen).tolist() == logits.max(1).tolist()


def test_agree_with_pytorch_ood_but_for_the_sign(seen):
    torch.testing.assert_close(MSPScore(2.0)(seen), -MaxSoftmax.score(seen.logits, 2.0))
    torch.testing.assert_close(EnergyScore(2.0)(seen), -EnergyBased.score(seen.logits, 2.0))
    torch.testing.assert_close(MaxLogitScore()(seen), -MaxLogit.score(seen.logits))


def test_learned_outliers_share_the_softmax_and_are_no_class():
    outliers = LOGITS[:, 3:] + 5
    expected = torch.cat([LOGITS, outliers], dim=1).softmax(dim=1)[:, :4].amax(dim=1)
    seen = Outputs(LOGITS, outlier_logits=outliers)
    torch.testing.assert_close(MSPScore()(seen), expected)
    assert EnergyScore()(seen).equal(EnergyScore()(Outputs(LOGITS)))


def test_confident_images_do_not_tie():
    logits = torch.tensor([[20.0, 0.0], [21.0, 0.0], [22.0, 0.0]])
    assert logits.softmax(1).amax(1).unique().numel() == 1
    assert MSPScore()(Outputs(logits)).diff().gt(0).all()


def test_huge_logits_stay_finite():
    outputs = Outputs(torch.tensor([[1e4, -1e4]]))
    assert MSPScore()(outputs).tolist() == [1]
    assert EnergyScore()(outputs).tolist() == [1e4]
