"""What a tower expects of its pixels."""

import math
from dataclasses import dataclass

from mmneglabel.errors import ConfigError, did_you_mean

RESIZE_MODES = ("shortest", "longest", "squash")
FILTERS = ("nearest", "bilinear", "bicubic", "box", "lanczos", "hamming")
"""The resize filters, by the names that Pillow and MMPretrain's ``ResizeEdge`` know."""


@dataclass(frozen=True)
class Preprocessing:
    """What a tower expects of its pixels. Lists may be given, and are kept as tuples.

    Attributes:
        size: height and width of the input, in pixels.
        mean: per-channel RGB mean, in [0, 1].
        std: per-channel RGB standard deviation, in (0, 1].
        interpolation: the resize filter the weights were released with, such as "bicubic".
        resize_mode: how a picture becomes that size. "shortest": its short edge is resized, the middle is cut out.
            "longest": its long edge is resized, the rest is padded with black, the picture in the middle. "squash":
            both edges are resized, whatever that does to its shape.

    Raises:
        ConfigError: a value is none of these.
    """

    size: tuple[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str
    resize_mode: str = "shortest"

    def __post_init__(self) -> None:
        for name in ("size", "mean", "std"):
            value = getattr(self, name)
            object.__setattr__(self, name, tuple(value) if isinstance(value, list | tuple) else (value,))
        _check(len(self.size) == 2 and all(isinstance(edge, int) and edge > 0 for edge in self.size), "size", self.size)
        for name, lowest in (("mean", 0.0), ("std", math.nextafter(0, 1))):
            value = getattr(self, name)
            _check(len(value) == 3 and all(_within(number, lowest) for number in value), name, value)
        for name, known in (("interpolation", FILTERS), ("resize_mode", RESIZE_MODES)):
            if (value := getattr(self, name)) not in known:
                raise ConfigError(f"preprocessing: {name} is {value!r}; {did_you_mean(str(value), known)}")


_MEANING = {
    "size": "a height and a width, whole pixels above 0",
    "mean": "three numbers in [0, 1], red first; divide those of the 0..255 scale by 255",
    "std": "three numbers in (0, 1], red first; divide those of the 0..255 scale by 255",
}


def _check(right: bool, name: str, value: object) -> None:
    if not right:
        raise ConfigError(f"preprocessing: {name} must be {_MEANING[name]}; got {value}.")


def _within(number: object, lowest: float) -> bool:
    return isinstance(number, int | float) and lowest <= number <= 1
