"""The pipeline that makes of a picture file what a tower expects, as one transform and as a whole."""

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmpretrain.registry import TRANSFORMS
from PIL import Image

from mmneglabel.backbones import Preprocessing
from mmneglabel.backbones.pixels import fit


@TRANSFORMS.register_module()
class FitToTower(BaseTransform):
    """Resize and cut a picture as a vision-language tower expects it; see :func:`mmneglabel.backbones.pixels.fit`.

    **Required and modified keys:** ``img`` (uint8, RGB, shape (H, W, 3)). **Modified:** ``img_shape``.

    Args:
        size: height and width of the result.
        resize_mode: "shortest", "longest" or "squash".
        interpolation: the resize filter, such as "bicubic".
    """

    def __init__(self, size: tuple[int, int], resize_mode: str = "shortest", interpolation: str = "bicubic") -> None:
        self.size, self.resize_mode, self.interpolation = tuple(size), resize_mode, interpolation

    def transform(self, results: dict) -> dict:
        """Change ``img``."""
        picture = Image.fromarray(results["img"])
        results["img"] = np.array(fit(picture, self.size, self.resize_mode, self.interpolation))
        results["img_shape"] = self.size
        return results

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.size}, {self.resize_mode!r}, {self.interpolation!r})"


def tower_pipeline(facts: Preprocessing) -> list[dict[str, Any]]:
    """Config of the pipeline that a tower with these facts wants; its preprocessor normalises."""
    return [
        {"type": "LoadRGBImage"},
        {
            "type": "FitToTower",
            "size": facts.size,
            "resize_mode": facts.resize_mode,
            "interpolation": facts.interpolation,
        },
        {"type": "PackInputs", "meta_keys": ("img_path", "unreadable")},
    ]
