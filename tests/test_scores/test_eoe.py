import math

import pytest
import torch
from torch.nn.functional import normalize

from mmneglabel.errors import ConfigError
from mmneglabel.scores import EOEScore, MCMScore, Similarities


def features(count, seed):
    return normalize(torch.randn(count, 8, generator=torch.Generator().manual_seed(seed)), dim=1)


def test_is_the_formula():
    images, labels, outliers = features(6, 0), features(4, 1), features(9, 2)
    share = (images @ torch.cat([labels, outliers]).T / 0.5).softmax(dim=1)
    expected = share[:, :4].amax(1) - 0.3 * share[:, 4:].amax(1)
    score = EOEScore(beta=0.3, temperature=0.5)(Similarities(images, labels, outliers, 1))
    torch.testing.assert_close(score, expected)


def test_without_weight_it_is_mcm_over_all_names():
    images, labels, outliers = features(6, 0), features(4, 1), features(9, 2)
    score = EOEScore(beta=0)(Similarities(images, labels, outliers, 1))
    closest = (images @ labels.T).amax(1) > (images @ outliers.T).amax(1)
    everything = MCMScore()(Similarities(images, torch.cat([labels, outliers])))
    assert closest.any()
    torch.testing.assert_close(score[closest], everything[closest])


def test_is_higher_for_images_near_the_labels():
    labels, outliers = features(4, 1), features(9, 2)
    near, far = (EOEScore(temperature=0.01)(Similarities(x, labels, outliers, 1)) for x in (labels, outliers))
    assert near.min() > far.max()


@pytest.mark.parametrize("groups", [0, 3])
def test_wants_all_names_in_one_group(groups):
    negatives = features(9, 2) if groups else None
    with pytest.raises(ConfigError, match=f"its bank has {groups} groups"):
        EOEScore()(Similarities(features(2, 0), features(4, 1), negatives, groups))


@pytest.mark.parametrize("temperature", [0, -1, math.nan, math.inf, "1", True])
def test_refuses_a_temperature(temperature):
    with pytest.raises(ConfigError, match="temperature must be positive"):
        EOEScore(temperature=temperature)


@pytest.mark.parametrize("beta", [-0.1, math.nan, math.inf])
def test_refuses_a_beta(beta):
    with pytest.raises(ConfigError, match="beta must be finite and not negative"):
        EOEScore(beta=beta)
