"""A tower in a user's own file that lacks something is refused by one line that names it."""

import itertools

import pytest
import torch
from stand_in import StandInBackbone
from torch import nn

from mmneglabel.backbones import OpenCLIPBackbone, Preprocessing, VisionLanguageBackbone, encode_words
from mmneglabel.errors import ConfigError

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
    assert not OwnTower().net.training


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

    with pytest.raises(ConfigError, match="HalfTower is no tower yet: write its embed_image, embed_text"):
        HalfTower()


def test_arguments_that_a_tower_does_not_take():
    with pytest.raises(
        ConfigError, match="OwnTower: got an unexpected keyword argument 'load_weights'; it takes embed_"
    ):
        OwnTower(load_weights=False)
    with pytest.raises(
        ConfigError, match="OpenCLIPBackbone: missing a required argument: 'model_name'; it takes model_n"
    ):
        OpenCLIPBackbone(pretrained="openai")


def test_pictures_of_another_width():
    tower = StandInBackbone()
    tower.projection = nn.Parameter(tower.projection[:5])
    with pytest.raises(ConfigError, match=r"\(2, 5\) where \(2, 16\)"):
        tower.encode_image(torch.zeros(2, 3, 8, 8))


def test_a_tokenizer_whose_ids_change():
    draw = itertools.count()
    with pytest.raises(ConfigError, match=r"same ids each time.* it gave \[0, 0, 0.* and \[1, 1, 1"):
        use(ids=lambda prompts: torch.full((len(prompts), 3), next(draw)))
