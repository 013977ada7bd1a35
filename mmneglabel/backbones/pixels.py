"""What a tower expects of its pixels, and a picture made into them: resized, cut or padded, normalised."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from mmneglabel.errors import ConfigError, did_you_mean, is_number, is_whole, one_of
from mmneglabel.runtime import fit

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
        resized_to: the height and width that it is resized to, where they are larger than the ``size`` that is then cut
            out of the middle, as (346, 346) for ALIGN's 289; None is ``size``.
    """

    size: tuple[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str
    resize_mode: str = "shortest"
    resized_to: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        scale = "red first; divide those of the 0..255 scale by 255"
        self._keep("size", 2, lambda edge: is_whole(edge) and edge > 0, "a height and a width, whole pixels above 0")
        if self.resized_to is not None:
            least = f"a height and a width, whole pixels of at least {self.size}; leave it out to cut nothing"
            self._keep("resized_to", 2, lambda edge: is_whole(edge) and edge >= max(self.size), least)
        self._keep("mean", 3, lambda mean: is_number(mean) and 0 <= mean <= 1, f"three numbers in [0, 1], {scale}")
        self._keep("std", 3, lambda std: is_number(std) and 0 < std <= 1, f"three numbers in (0, 1], {scale}")
        one_of(self, FILTERS, interpolation=self.interpolation)
        one_of(self, RESIZE_MODES, resize_mode=self.resize_mode)

    def _keep(self, name: str, count: int, fits: Callable[[Any], bool], meaning: str) -> None:
        """Keep ``count`` numbers as a tuple."""
        value = getattr(self, name)
        numbers = tuple(value) if isinstance(value, list | tuple) else (value,)
        if len(numbers) != count or not all(map(fits, numbers)):
            raise ConfigError(f"preprocessing: {name} must be {meaning}; got {numbers}.")
        object.__setattr__(self, name, numbers)

    def stated(self) -> dict[str, Any]:
        """The facts by their names, without those that are left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def __str__(self) -> str:
        """The facts on one line."""
        mean, std = ("/".join(f"{value:.4g}" for value in values) for values in (self.mean, self.std))
        size = "x".join(map(str, self.size))
        cut = f" cut from {'x'.join(map(str, self.resized_to))}" if self.resized_to else ""
        return f"{size}{cut}, {self.resize_mode}, {self.interpolation}, mean {mean}, std {std}"


def checked_pixels(given: Mapping[str, Any], known: Mapping[str, Any], whose: str) -> dict[str, Any]:
    """Pixel facts that a user wrote down, refused before anything is fetched or built.

    Args:
        given: those facts.
        known: all that may be given, each with a value that can be.
        whose: what to call them in an error.

    Raises:
        ConfigError: they are none, or have an unknown name or a value that cannot be.
    """
    if not isinstance(given, Mapping):
        raise ConfigError(f"{whose} is {given!r}: give dict(mean=..., std=...) of some of {', '.join(known)}.")
    if unknown := sorted(given.keys() - known):
        raise ConfigError(f"{whose} has no {unknown[0]!r}; {did_you_mean(unknown[0], known)}")
    Preprocessing(**{"size": (1, 1), **known, **given})
    return dict(given)


def normalised(picture: Image.Image, facts: Preprocessing) -> Tensor:
    """Pixels (3, H, W) of an RGB picture, float32, ready for ``tower.encode_image(pixels[None])``."""
    fitted = fit(picture, facts.size, facts.resize_mode, facts.interpolation, facts.resized_to)
    levels = np.asarray(fitted, dtype=np.float32) / 255
    return torch.from_numpy((levels - np.float32(facts.mean)) / np.float32(facts.std)).permute(2, 0, 1)
