"""Pictures, folders, image lists and class lists as users have them."""

import numpy as np
from PIL import Image

from trials.trial import Trial

NEAR = "test_dataloader.dataset.ood_sets.0"


def image(pixels):
    """A function that saves these pixels at a path."""
    return lambda path: Image.fromarray(pixels).save(path)


def folder_of(pixels, ending="png"):
    """The set "near" with one picture of these pixels in it."""
    return {f"{NEAR}.data_root": "{here}/near"}, {f"near/a.{ending}": image(pixels)}


TRIALS = [
    Trial("floats", "a.tif: TIFF with pixels of mode F", *folder_of(np.eye(8, dtype=np.float32), "tif")),
    Trial("a strip", "a.png: 400000 x 1 pixels, more than 200", *folder_of(np.zeros((1, 400_000), np.uint8))),
]
