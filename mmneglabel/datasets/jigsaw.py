"""Jigsaws: the tiles of an ID picture in another order, which TagFog takes for outliers (arXiv 2412.05292)."""

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform
from mmpretrain.registry import TRANSFORMS
from numpy.typing import NDArray
from PIL import Image

from mmneglabel.errors import ConfigError

JIGSAW_SEED = "jigsaw_seed"
"""Key by which ``TrainingSet`` marks a picture that is to become a jigsaw; it holds the seed's integers."""


def tile_order(tiles: int, seed: Sequence[int]) -> NDArray[np.intp]:
    """Return an order of ``tiles`` tiles that depends on ``seed`` alone and is never the one they have.

    There must be 2 or more, and a seed's integers count from 0. Of NumPy only what is promised to stay the same in all
    versions is used, so that jigsaws are the same everywhere.
    """
    draws = np.random.PCG64(np.random.SeedSequence(seed))
    while True:
        order = np.argsort(draws.random_raw(tiles), kind="stable")
        if (order[1:] < order[:-1]).any():
            return order


def shuffle_tiles(image: NDArray, grid: int, order: Sequence[int]) -> NDArray:
    """Cut a picture into ``grid`` x ``grid`` tiles and put tile ``order[i]`` where tile ``i`` was, row by row.

    Args:
        image: Shape (H, W, ...); ``grid`` divides both.
        grid: Tiles a side.
        order: The numbers of the tiles, ``grid * grid`` of them.

    Returns:
        A new array of the same shape.
    """
    (height, width), rest = image.shape[:2], image.shape[2:]
    cut = image.reshape(grid, height // grid, grid, width // grid, *rest).swapaxes(1, 2)
    shuffled = cut.reshape(grid * grid, *cut.shape[2:])[np.asarray(order)]
    return shuffled.reshape(cut.shape).swapaxes(1, 2).reshape(image.shape)


@TRANSFORMS.register_module()
class ShuffleTiles(BaseTransform):
    """Make a jigsaw of a picture that ``TrainingSet`` marks as one; ID pictures pass untouched.

    **Required keys:** ``img``. **Read and removed:** ``jigsaw_seed``. **Changed keys:** ``img``, ``img_shape``.

    Args:
        grid: Tiles a side, 2 or more; TagFog takes 4 for CIFAR and 8 for ImageNet-100.
        size: Where given, jigsaws alone are made ``size`` x ``size`` before they are cut: the whole picture, its ratio
            not kept (Pillow, bilinear). So pictures of any size can be jigsaws, and ID pictures are left as they are
            for the random crop that follows. TagFog takes 224 for ImageNet-100. Defaults to None: the picture is cut
            as it comes.
    """

    def __init__(self, grid: int, size: int | None = None) -> None:
        super().__init__()
        if not isinstance(grid, int) or isinstance(grid, bool) or grid < 2:
            raise ConfigError(f"ShuffleTiles: grid={grid!r}; give the number of tiles a side, 2 or more")
        if size is not None and (not isinstance(size, int) or size < grid or size % grid):
            raise ConfigError(f"ShuffleTiles: size={size!r} is no multiple of grid={grid}; give one, or no size")
        self.grid = grid
        self.size = size

    def transform(self, results: dict) -> dict:
        """Shuffle the tiles of ``results['img']`` if it is marked.

        Raises:
            ConfigError: ``grid`` does not divide the picture.
        """
        seed = results.pop(JIGSAW_SEED, None)
        if seed is None:
            return results
        image = results["img"] if self.size is None else _squashed(results["img"], self.size)
        height, width = image.shape[:2]
        if height % self.grid or width % self.grid:
            raise ConfigError(
                f"ShuffleTiles: a picture of {width}x{height} pixels cannot be cut into {self.grid}x{self.grid} equal "
                f"tiles; give ShuffleTiles a size (a multiple of {self.grid}), or a grid that divides the picture"
            )
        results["img"] = shuffle_tiles(image, self.grid, tile_order(self.grid**2, seed))
        results["img_shape"] = (height, width)
        return results

    def __repr__(self) -> str:
        return f"{type(self).__name__}(grid={self.grid}, size={self.size})"


def _squashed(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR))
