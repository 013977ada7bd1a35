"""From a picture to the pixels that a tower was trained on: resized, cut or padded, normalised."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from mmneglabel.backbones.preprocessing import Preprocessing


def fit(picture: Image.Image, size: tuple[int, int], resize_mode: str, interpolation: str) -> Image.Image:
    """``picture`` at ``size`` (height, width), as open_clip's evaluation transforms make it, to the last bit.

    Args:
        picture: an RGB picture of any size.
        size: of the result.
        resize_mode: "shortest" covers ``size`` and cuts what stands out; "longest" stays within it and pads with
            black; "squash" does not keep the ratio of the sides.
        interpolation: Pillow's resize filter, such as "bicubic".
    """
    height, width = size
    scaled = picture.resize(_scaled(picture, size, resize_mode), Image.Resampling[interpolation.upper()])
    left, top = _start(scaled.width, width), _start(scaled.height, height)
    return scaled.crop((left, top, left + width, top + height))  # Pillow fills with black what lies outside


def normalised(picture: Image.Image, facts: Preprocessing) -> Tensor:
    """Pixels (3, H, W) of an RGB picture, float32, ready for ``tower.encode_image(pixels[None])``."""
    levels = np.asarray(fit(picture, facts.size, facts.resize_mode, facts.interpolation), dtype=np.float32) / 255
    return torch.from_numpy((levels - np.float32(facts.mean)) / np.float32(facts.std)).permute(2, 0, 1)


def _scaled(picture: Image.Image, size: tuple[int, int], resize_mode: str) -> tuple[int, int]:
    """Width and height before cutting or padding."""
    (height, width), sides = size, (picture.width, picture.height)
    if resize_mode == "squash":
        return width, height
    if resize_mode == "shortest" and height == width:  # torchvision's Resize, which rounds down
        return tuple(int(width * side / min(sides)) for side in sides)
    choose = max if resize_mode == "longest" else min
    ratio = choose(picture.width / width, picture.height / height)
    return tuple(round(side / ratio) for side in sides)


def _start(given: int, wanted: int) -> int:
    """Where a centred window of ``wanted`` begins; below 0 where it is the larger. Rounded as open_clip rounds."""
    return round((given - wanted) / 2) if given > wanted else -((wanted - given) // 2)
