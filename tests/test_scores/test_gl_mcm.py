"""GL-MCM against vectors made with its authors' code, and what it needs."""

import pytest
import torch
from torch.nn.functional import normalize

from mmneglabel.errors import ConfigError
from mmneglabel.scores import GLMCMScore, MCMScore, Similarities, gl_mcm


@pytest.fixture
def compared(golden):
    data = golden("glmcm")
    images, labels, local = (normalize(data[f"{n}_features"], dim=-1) for n in ("global", "text", "local"))
    return data, Similarities(images, labels, local=local.flatten(1, 2))


def test_golden(compared):
    data, similarities = compared
    torch.testing.assert_close(MCMScore()(similarities), data["mcm"], rtol=0, atol=1e-5)
    torch.testing.assert_close(GLMCMScore()(similarities), data["glmcm_l05"], rtol=0, atol=1e-5)
    torch.testing.assert_close(GLMCMScore(weight=1.0)(similarities), data["glmcm"], rtol=0, atol=1e-5)
    torch.testing.assert_close(GLMCMScore(weight=3.0)(similarities), data["mcm"] + 3 * data["local_mcm"])


def test_blocks_do_not_change_the_score(compared, monkeypatch):
    whole = GLMCMScore()(compared[1])
    monkeypatch.setattr(gl_mcm, "_BLOCK", 1)
    torch.testing.assert_close(GLMCMScore()(compared[1]), whole)


def test_without_local_features(compared):
    with pytest.raises(ConfigError, match="needs local image features"):
        GLMCMScore()(Similarities(compared[1].images, compared[1].labels))


@pytest.mark.parametrize("settings", [{"temperature": 0}, {"weight": -1}, {"weight": float("inf")}])
def test_bad_settings(settings):
    with pytest.raises(ConfigError, match=next(iter(settings))):
        GLMCMScore(**settings)
