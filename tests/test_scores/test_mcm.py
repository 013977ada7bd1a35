import pytest
import torch

from mmneglabel.errors import ConfigError
from mmneglabel.scores import MCMScore, Similarities


def test_golden(golden):
    data = golden("grouped_score")
    score = MCMScore()(Similarities(data["image_features"], data["id_features"]))
    torch.testing.assert_close(score, data["mcm_t1_score_float64"], rtol=0, atol=1e-6, check_dtype=False)


def test_one_label_is_certain():
    assert MCMScore()(Similarities(torch.eye(2), torch.eye(2)[:1])).tolist() == [1, 1]


def test_temperature_sharpens():
    similarities = Similarities(torch.eye(3), torch.eye(3))
    assert (MCMScore(temperature=0.1)(similarities) > MCMScore()(similarities)).all()


def test_refuses_a_temperature():
    with pytest.raises(ConfigError, match=r"temperature must be positive and finite, got 0; the default is 1\.0"):
        MCMScore(temperature=0)
