"""Pixels against open_clip's own evaluation transforms, to the last bit."""

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from mmneglabel.backbones import Preprocessing, normalised

MEAN, STD = (0.4, 0.5, 0.6), (0.2, 0.3, 0.25)


@pytest.mark.parametrize("mode", ["shortest", "longest", "squash"])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("sides", [(37, 50), (50, 37), (32, 32), (31, 64), (9, 11), (200, 33), (32, 35), (61, 32)])
def test_is_open_clips_transform(mode, interpolation, sides):
    noise = np.random.default_rng(0).integers(0, 256, (*sides, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    transform = open_clip.image_transform(32, False, MEAN, STD, resize_mode=mode, interpolation=interpolation)
    ours = normalised(picture, Preprocessing((32, 32), MEAN, STD, interpolation, mode))
    torch.testing.assert_close(ours, transform(picture), rtol=0, atol=1e-6)
