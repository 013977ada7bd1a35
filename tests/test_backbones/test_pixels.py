"""Pixels against open_clip's own evaluation transforms, to the last bit."""

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from torchvision import transforms

from mmneglabel.backbones import Preprocessing, normalised
from mmneglabel.errors import ConfigError

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


@pytest.mark.parametrize("mode", ["shortest", "squash"])
@pytest.mark.parametrize("sides", [(37, 50), (48, 36), (31, 64), (200, 33)])
def test_the_middle_of_a_larger_picture(mode, sides):
    """Against torchvision, in OpenOOD's way for 256 and 224: resized to more than is cut out."""
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (*sides, 3), dtype=np.uint8))
    steps = [transforms.Resize(45 if mode == "shortest" else (45, 45)), transforms.CenterCrop(32)]
    steps += [transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
    ours = normalised(picture, Preprocessing((32, 32), MEAN, STD, "bilinear", mode, [45, 45]))
    torch.testing.assert_close(ours, transforms.Compose(steps)(picture), rtol=0, atol=1e-6)


@pytest.mark.parametrize("resized_to", [(31, 45), 45, (45.0, 45.0), (45, 45, 45)])
def test_nothing_can_be_cut_from_less(resized_to):
    with pytest.raises(ConfigError, match="resized_to must be a height and a width, whole pixels of at least"):
        Preprocessing((32, 32), MEAN, STD, "bilinear", resized_to=resized_to)
