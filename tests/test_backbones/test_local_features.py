"""Local image features against vectors made with GL-MCM's authors' code, and the towers that have none."""

import open_clip
import pytest
import torch
from stand_in import StandInBackbone
from torch.nn.functional import normalize

from mmneglabel.backbones import OpenCLIPBackbone
from mmneglabel.backbones.local_features import local_features
from mmneglabel.errors import ConfigError

PIXELS = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def tower_with(architecture):
    """Builds the tiny CLIP with another image tower."""

    def build(vision, **changes):
        torch.manual_seed(0)
        return OpenCLIPBackbone(architecture(vision=vision, **changes))

    return build


def test_golden(golden, tower_with):
    data = golden("glmcm")
    vision = {"image_size": 32, "patch_size": 8, "width": 64, "layers": 3, "head_width": 16}
    made = tower_with(vision, embed_dim=24, quick_gelu=True)
    state = {name.removeprefix("visual."): value for name, value in data.items() if name.startswith("visual.")}
    made.model.visual.load_state_dict(state)
    with torch.no_grad():
        image, local = made.local(data["pixels"])
    torch.testing.assert_close(image, data["global_features"], rtol=0, atol=1e-5)
    torch.testing.assert_close(local, data["local_features"].flatten(1, 2), rtol=0, atol=1e-5)


def test_a_resnet_has_one_feature_a_cell(tower_with):
    made = tower_with({"layers": [1, 1, 1, 1], "width": 64, "image_size": 64})
    pixels = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        image, local = made.encode_image_with_local(pixels)
        torch.testing.assert_close(image, made.encode_image(pixels))
        grid = made.model.visual.layer4(made.model.visual.layer3(made.model.visual.layer2(
            made.model.visual.layer1(made.model.visual.stem(pixels)))))  # fmt: skip
        pool = made.model.visual.attnpool
        cell = pool.c_proj(pool.v_proj(grid[1, :, 0, 1]))
    assert local.shape == (2, 4, 32)
    torch.testing.assert_close(local[1, 1], normalize(cell, dim=-1))


def test_the_image_feature_is_the_usual_one_and_no_hook_is_left(tower):
    with torch.no_grad():
        image, local = tower.encode_image_with_local(PIXELS)
        torch.testing.assert_close(image, tower.encode_image(PIXELS))
    torch.testing.assert_close(local.norm(dim=-1), torch.ones(local.shape[:2]))
    assert not any(module._forward_pre_hooks for module in tower.modules())


@pytest.mark.parametrize("vision", [{"pool_type": "avg"}, {"final_ln_after_pool": True}, {"attentional_pool": True}])
def test_towers_that_read_elsewhere_have_none(tower_with, vision):
    made = tower_with(vision)
    assert made.local is None
    with pytest.raises(ConfigError, match="OpenCLIPBackbone has no local image features"):
        made.encode_image_with_local(PIXELS)


def test_other_libraries_towers_have_none():
    assert local_features(torch.nn.Identity(), torch.nn.Identity()) is None
    with pytest.raises(ConfigError, match="StandInBackbone has no local image features"):
        StandInBackbone().encode_image_with_local(PIXELS)


def test_the_known_ones_have():
    for name in ("ViT-B-32", "RN50"):
        assert local_features(open_clip.create_model(name).visual, torch.nn.Identity()) is not None
