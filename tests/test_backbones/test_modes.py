"""What one image's features are does not depend on what was encoded before."""

import open_clip
import pytest
import torch
from torch import nn

from mmneglabel.backbones import OpenCLIPBackbone, encode_words
from mmneglabel.backbones.base import inference


@pytest.fixture(scope="module", params=["RN50", "MobileCLIP-S1"])
def tower(request):
    """Widths, sizes and BatchNorms are the architecture's own; one layer of text, and a block a stage of the ResNet."""
    whole = open_clip.get_model_config

    def few_layers(name):
        config = whole(name)
        config["text_cfg"]["layers"] = 1
        if "layers" in config["vision_cfg"]:
            config["vision_cfg"]["layers"] = [1] * 4
        return config

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("open_clip.factory.get_model_config", few_layers)
        torch.manual_seed(0)
        return OpenCLIPBackbone(request.param)


def test_words_leave_pictures_as_they_are(tower):
    assert any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in tower.modules())
    assert not any(module.training for module in tower.modules())
    buffers = {name: buffer.clone() for name, buffer in tower.named_buffers()}
    picture = torch.randn(1, 3, *tower.preprocessing.size, generator=torch.Generator().manual_seed(0))
    before = tower.encode_image(picture)
    encode_words(tower, ["the nice dog"])
    tower.encode_image(picture + 1)
    assert torch.equal(tower.encode_image(picture), before)
    assert all(torch.equal(buffer, buffers[name]) for name, buffer in tower.named_buffers())


def test_each_module_gets_its_own_mode_back():
    parts = nn.Sequential(nn.Dropout(), nn.Sequential(nn.BatchNorm1d(2), nn.Dropout())).eval()
    parts[1][0].train()
    before = [module.training for module in parts.modules()]
    with inference(parts):
        assert not any(module.training for module in parts.modules())
    assert [module.training for module in parts.modules()] == before == [False, False, False, True, False]
