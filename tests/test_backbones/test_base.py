"""A tower in a user's own file: ten lines are enough, what it lacks is one line, and nothing it encodes changes it."""

import itertools

import open_clip
import pytest
import torch
from stand_in import StandInBackbone
from torch import nn

from mmneglabel.backbones import OpenCLIPBackbone, Preprocessing, VisionLanguageBackbone, encode_words
from mmneglabel.backbones.base import inference
from mmneglabel.errors import ConfigError

TICKS = itertools.count()
PIXELS = Preprocessing((8, 8), (0.5,) * 3, (0.5,) * 3, "bicubic")


class OwnTower(VisionLanguageBackbone):
    """As the class docstring says."""

    def __init__(self, embed_dim=4, preprocessing=PIXELS, width=4, weights=True, ids=None, wrap=lambda x: x):
        super().__init__()
        if embed_dim is not None:
            self.embed_dim = embed_dim
        if preprocessing is not None:
            self.preprocessing = preprocessing
        self.net = nn.BatchNorm1d(width, affine=weights, track_running_stats=weights)
        self.width, self.ids, self.wrap = width, ids or (lambda prompts: torch.ones(len(prompts), 3).long()), wrap

    def tokenize(self, prompts):
        return self.ids(prompts)

    def embed_text(self, tokens):
        return self.wrap(torch.ones(len(tokens), self.width))

    def embed_image(self, pixels):
        return self.wrap(self.net(torch.ones(len(pixels), self.width)))


def use(**lacking):
    tower = OwnTower(**lacking)
    tower.text_fingerprint()
    encode_words(tower, ["dog", "cat"])
    return tower.encode_image(torch.zeros(2, 3, 8, 8))


def test_ten_lines_are_enough():
    assert use().shape == (2, 4)
    tower, other = OwnTower(), OwnTower()
    assert not tower.net.training
    assert tower.text_fingerprint() == other.text_fingerprint() != tower.image_fingerprint()
    nn.init.zeros_(other.net.weight)
    assert tower.text_fingerprint() != other.text_fingerprint()  # a tower that cannot tell gives everything
    other = OwnTower()
    other.net.eps = 0.1
    assert tower.image_fingerprint() != other.image_fingerprint()


@pytest.mark.parametrize(
    ("lacking", "says"),
    [
        ({"embed_dim": None}, "OwnTower: embed_dim is None: set self.embed_dim"),
        ({"embed_dim": 4.0}, "OwnTower: embed_dim is 4.0"),
        ({"preprocessing": None}, "OwnTower: preprocessing is None: set self.preprocessing"),
        ({"preprocessing": {"mean": 0.5}}, "OwnTower: preprocessing is {'mean': 0.5}"),
        ({"weights": False}, "OwnTower has no parameters"),
        ({"width": 5}, r"OwnTower gives embeddings of shape \(2, 5\) where \(2, 4\) is due"),
        ({"wrap": lambda x: x[:1]}, r"shape \(1, 4\) where \(2, 4\)"),
        ({"wrap": lambda x: (x, None)}, "of shape tuple where"),
        ({"ids": lambda prompts: [[1, 2]] * len(prompts)}, "tokenize must give .* it gave list"),
        (
            {"ids": lambda prompts: torch.full((len(prompts), 3), next(TICKS))},
            r"same ids each time.* it gave \[0, 0, 0.* and \[1, 1, 1",
        ),
    ],
)
def test_what_a_tower_lacks(lacking, says):
    with pytest.raises(ConfigError, match=says) as error:
        use(**lacking)
    assert "\n" not in str(error.value)


def test_a_tower_without_its_methods():
    class HalfTower(VisionLanguageBackbone):
        def tokenize(self, prompts):
            return torch.ones(len(prompts), 3).long()

    with pytest.raises(ConfigError, match=r"HalfTower is no tower yet: write its embed_image, embed_text\.$"):
        HalfTower()


def test_pictures_of_another_width():
    tower = StandInBackbone()
    tower.projection = nn.Parameter(tower.projection[:5])
    with pytest.raises(ConfigError, match=r"\(2, 5\) where \(2, 16\)"):
        tower.encode_image(torch.zeros(2, 3, 8, 8))


@pytest.fixture(scope="module", params=["RN50", "MobileCLIP-S1"])
def batchnorms(request):
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


def test_words_leave_pictures_as_they_are(batchnorms):
    assert any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in batchnorms.modules())
    assert not any(module.training for module in batchnorms.modules())
    buffers = {name: buffer.clone() for name, buffer in batchnorms.named_buffers()}
    picture = torch.randn(1, 3, *batchnorms.preprocessing.size, generator=torch.Generator().manual_seed(0))
    before = batchnorms.encode_image(picture)
    encode_words(batchnorms, ["the nice dog"])
    batchnorms.encode_image(picture + 1)
    assert torch.equal(batchnorms.encode_image(picture), before)
    assert all(torch.equal(buffer, buffers[name]) for name, buffer in batchnorms.named_buffers())


def test_each_module_gets_its_own_mode_back():
    parts = nn.Sequential(nn.Dropout(), nn.Sequential(nn.BatchNorm1d(2), nn.Dropout())).eval()
    parts[1][0].train()
    with inference(parts):
        assert not any(module.training for module in parts.modules())
        assert not torch.is_grad_enabled()
    assert [module.training for module in parts.modules()] == [False, False, False, True, False]
    assert torch.is_grad_enabled()
