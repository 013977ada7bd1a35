"""Reading any picture that Pillow opens as 8-bit RGB, without ever raising inside a data loader's worker."""

import hashlib
import warnings
from pathlib import Path

import numpy as np
from mmcv.transforms import BaseTransform
from mmpretrain.registry import TRANSFORMS
from numpy.typing import NDArray
from PIL import ImageOps

from mmneglabel.runtime import opened, to_rgb, why_unread

PLACEHOLDER_SHAPE = (32, 32)
"""Height and width of the black picture that stands for an unreadable one."""


@TRANSFORMS.register_module()
class LoadRGBImage(BaseTransform):
    """Load a picture with Pillow as an RGB array.

    The picture is converted by Pillow's ``convert('RGB')``, as torchvision's and the authors' loaders do: grey and
    palette colours are expanded, CMYK is converted, an alpha channel is dropped (not blended), of an animation the
    first frame is taken, and the orientation noted in EXIF is ignored unless asked for. Of grey pictures with 16 bits,
    which that would turn white, the upper 8 are taken.

    Unreadable are also pictures whose numbers have no known range (floats, 32 bits), those more than 200 times as long
    as wide or as wide as long, and those of more than twice ``PIL.Image.MAX_IMAGE_PIXELS``, that is 179 megapixels
    unless you set it.

    A file that cannot be read does not raise, since an error from a data loader's worker arrives as a traceback and
    stops runs that could go on. It yields a black picture and a message, for ``OODMetric`` to act on. So ``PackInputs``
    must carry ``unreadable`` to the data sample: ``PackInputs(meta_keys=(..., 'unreadable'))``.

    **Required keys:** ``img_path``; or ``img``, for datasets that hold pictures in memory: RGB (CIFAR) is kept, grey
    (MNIST) becomes RGB; or ``img_bytes``, what a file of that path would hold.

    **Added keys:** ``img`` (uint8, RGB, shape (H, W, 3)), ``img_shape`` and ``ori_shape`` (H, W), ``unreadable``
    (None, or ``'path: reason'`` on one line), ``digest`` (of the bytes that were decoded, the first 32 digits that
    ``sha256sum`` prints of the file; None of a picture in memory and of an unreadable one).

    Args:
        exif_rotation: Whether to turn the picture as its EXIF orientation says. Defaults to False.
    """

    def __init__(self, exif_rotation: bool = False) -> None:
        super().__init__()
        self.exif_rotation = exif_rotation

    def transform(self, results: dict) -> dict:
        """Add the picture to ``results``; see the class for the keys."""
        if "img" in results:
            image, digest, problem = results["img"], None, None
        else:
            image, digest, problem = self._try(Path(results["img_path"]), results.get("img_bytes"))
        results["img"] = image if image.ndim == 3 else np.dstack([image] * 3)
        results["img_shape"] = results["ori_shape"] = image.shape[:2]
        results["unreadable"], results["digest"] = problem, digest
        return results

    def _try(self, path: Path, data: bytes | None) -> tuple[NDArray[np.uint8], str | None, str | None]:
        """Return the picture and its digest, or a black picture and the message that names the file."""
        try:
            data = path.read_bytes() if data is None else data
            # With the processor's own instructions SHA-256 takes a fortieth of decoding; BLAKE2 takes a sixteenth.
            return self._decoded(data), hashlib.sha256(data).hexdigest()[:32], None
        except Exception as err:  # A damaged file can raise nearly anything from Pillow's decoders.
            return np.zeros((*PLACEHOLDER_SHAPE, 3), dtype=np.uint8), None, f"{_shown(path)}: {why_unread(data, err)}"

    def _decoded(self, data: bytes) -> NDArray[np.uint8]:
        with warnings.catch_warnings():
            # Pillow warns of odd metadata, palettes with alpha and pictures above 89 megapixels, and reads them all the
            # same. What it cannot read in full, it raises for.
            warnings.simplefilter("ignore")
            with opened(data) as image:
                turned = ImageOps.exif_transpose(image) if self.exif_rotation else image
                return np.array(to_rgb(turned, image))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(exif_rotation={self.exif_rotation})"


def _shown(path: Path) -> str:
    """The path as it is, or escaped where it holds what would break the line or cannot be written to a log."""
    return str(path) if str(path).isprintable() else repr(str(path))
