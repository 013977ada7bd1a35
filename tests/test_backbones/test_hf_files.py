"""Pixels against the image processors of transformers, by whose settings they are made."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from small_transformers import PIXELS

from mmneglabel.backbones import Preprocessing, normalised
from mmneglabel.backbones.hf_files import stated_pixels
from mmneglabel.errors import ConfigError

pytest.importorskip("transformers")

KINDS = {"CLIPImageProcessor": "clip", "SiglipImageProcessor": "siglip", "EfficientNetImageProcessor": "efficientnet"}


def pillow_processor(settings):
    """The one that resizes by Pillow: newer releases have two, and the usual one's filters round otherwise."""
    kind = settings["image_processor_type"]
    module = f"transformers.models.{KINDS[kind]}.image_processing_pil_{KINDS[kind]}"
    return getattr(pytest.importorskip(module), f"{kind}Pil")(**settings)


def picture(height, width):
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


ALIGN = PIXELS["align"] | {"size": {"height": 346, "width": 346}, "crop_size": {"height": 289, "width": 289}}
CLIP = {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 40}, "crop_size": 32}


@pytest.mark.parametrize("sides", [(48, 36), (40, 60), (64, 31), (320, 481)])
@pytest.mark.parametrize(
    "settings",
    [PIXELS["clip"], CLIP, {**CLIP, "resample": 2}, PIXELS["siglip"], PIXELS["align"], ALIGN],
    ids=["clip", "clip, cut", "clip, bilinear", "siglip", "align, small", "align"],
)
def test_is_the_processors_picture(settings, sides):
    processor = pillow_processor(settings)
    facts = Preprocessing(**stated_pixels(processor.to_dict(), "org/name"))
    theirs = torch.as_tensor(processor(picture(*sides), return_tensors="pt")["pixel_values"][0])
    ours = normalised(picture(*sides), facts)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_aligns_own_pixels():
    facts = Preprocessing(**stated_pixels(pillow_processor(ALIGN).to_dict(), "org/name"))
    half = (0.5,) * 3
    assert facts == Preprocessing((289, 289), half, half, "bilinear", "squash", (346, 346))
    assert str(facts) == "289x289 cut from 346x346, squash, bilinear, mean 0.5/0.5/0.5, std 0.5/0.5/0.5"


@pytest.mark.parametrize(
    "change", [{"do_resize": False}, {"do_center_crop": False}, {"size": {"longest_edge": 9}}, {"include_top": True}]
)
def test_what_no_words_are_for(change):
    settings = pillow_processor(CLIP).to_dict() | change
    with pytest.raises(ConfigError, match=r"The image processor of 'org/name' does what .*give size, mean") as error:
        stated_pixels(json.loads(json.dumps(settings)), "org/name")
    assert "\n" not in str(error.value)
