"""Any picture that Pillow opens as 8-bit RGB: what it converts well, and the deeper ones that it would clip."""

import numpy as np
from PIL import Image

from mmneglabel.errors import DataError

_DEEP_MODES = {
    "JPEG2000": ("I;16",),
    "PNG": ("I", "I;16"),
    "PPM": ("I",),
    "TIFF": ("I;16", "I;16B", "I;16L", "I;16N"),
}
"""Formats and modes of grey pictures above 8 bits whose white is known, over all versions of Pillow.

TIFF's "I" has 32 bits or a sign, and FITS, SPIDER and PFM hold measurements.
"""

_BITS_PER_SAMPLE, _WHITE_IS_ZERO = 258, 262
"""TIFF's tags of the depth, 12 or 16 here, and of the meaning of 0, where 0 says white."""


def to_rgb(image: Image.Image, opened: Image.Image) -> Image.Image:
    """Convert a picture to mode RGB.

    Pictures with 8 bits are converted by Pillow. Of deeper grey ones the upper 8 bits are taken, as Pillow does with
    16-bit colours and OpenCV with both.

    Args:
        image: The picture, or ``opened`` turned.
        opened: As ``Image.open`` returns it; it knows the format of the file.

    Raises:
        DataError: Nobody knows which of its numbers is white.
    """
    if image.mode != "F" and not image.mode.startswith("I"):
        return image.convert("RGB")
    if image.mode not in _DEEP_MODES.get(opened.format, ()):
        raise DataError(
            f"{opened.format} with pixels of mode {image.mode} does not say which number is white; "
            "save it with 8 bits, or 16 without a sign"
        )
    tags = opened.tag_v2 if opened.format == "TIFF" else {}
    bits = tags.get(_BITS_PER_SAMPLE, (16,))[0]
    grey = (np.asarray(image) >> (bits - 8)).astype(np.uint8)
    return Image.fromarray(255 - grey if tags.get(_WHITE_IS_ZERO) == 0 else grey).convert("RGB")
