"""Reading any picture that Pillow opens as 8-bit RGB, without ever raising inside a data loader's worker."""

import hashlib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmpretrain.registry import TRANSFORMS
from numpy.typing import NDArray
from PIL import Image, ImageOps

from mmneglabel.runtime import opened, to_rgb, why_unread

PLACEHOLDER_SHAPE = (32, 32)
"""Height and width of the black picture that stands for an unreadable one."""

_ORIENTATION = 274
"""EXIF's tag of how a picture is to be turned; 1 is not at all."""


@TRANSFORMS.register_module()
class LoadRGBImage(BaseTransform):
    """Load a picture with Pillow as RGB.

    The picture is converted by Pillow's ``convert('RGB')``, as torchvision's and the authors' loaders do: grey and
    palette colours are expanded, CMYK is converted, an alpha channel is dropped (not blended), of an animation the
    first frame is taken, and the orientation noted in EXIF is ignored unless asked for (but TIFF's, which Pillow
    applies). Of grey pictures with 16 bits, which that would turn white, the upper 8 are taken.

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
    ``sha256sum`` prints of the file; None of a picture in memory and of an unreadable one), ``unturned`` (whether an
    EXIF orientation was ignored; None of a picture in memory).

    Args:
        exif_rotation: Whether to turn the picture as its EXIF orientation says. Defaults to False.
        as_array: Whether ``img`` is an array, as MMPretrain's transforms want it. Defaults to True; False leaves it
            Pillow's, for ``FitToTower`` or torchvision's transforms behind it, and saves two copies of the picture.
    """

    def __init__(self, exif_rotation: bool = False, as_array: bool = True) -> None:
        super().__init__()
        self.exif_rotation, self.as_array = exif_rotation, as_array

    def transform(self, results: dict) -> dict:
        """Add the picture to ``results``; see the class for the keys."""
        results["digest"] = results["unreadable"] = results["unturned"] = None
        if "img" in results:
            array = results["img"] if results["img"].ndim == 3 else np.dstack([results["img"]] * 3)
            results["img"] = array if self.as_array else Image.fromarray(array)
        else:
            results |= self._read(Path(results["img_path"]), results.get("img_bytes"))
        image = results["img"]
        results["img_shape"] = results["ori_shape"] = image.shape[:2] if self.as_array else image.size[::-1]
        return results

    def _read(self, path: Path, data: bytes | None) -> dict[str, Any]:
        """The picture and what is known of it, or a black picture and the message that names the file."""
        try:
            data = path.read_bytes() if data is None else data
            # With the processor's own instructions SHA-256 takes a fortieth of decoding; BLAKE2 takes a sixteenth.
            return {**self._decoded(data), "digest": hashlib.sha256(data).hexdigest()[:32]}
        except Exception as err:  # A damaged file can raise nearly anything from Pillow's decoders.
            black = Image.new("RGB", PLACEHOLDER_SHAPE[::-1])
            return {"img": self._made(black), "unreadable": f"{_shown(path)}: {why_unread(data, err)}"}

    def _decoded(self, data: bytes) -> dict[str, Any]:
        with warnings.catch_warnings():
            # Pillow warns of odd metadata, palettes with alpha and pictures above 89 megapixels, and reads them all the
            # same. What it cannot read in full, it raises for.
            warnings.simplefilter("ignore")
            with opened(data) as image:
                turned = ImageOps.exif_transpose(image) if self.exif_rotation else image
                made = self._made(to_rgb(turned, image))
                # Only now: of PNG, tags are read by decoding, and what is damaged raises once.
                return {"img": made, "unturned": not self.exif_rotation and asks_to_turn(image)}

    def _made(self, picture: Image.Image) -> NDArray[np.uint8] | Image.Image:
        return np.array(picture) if self.as_array else picture

    def __repr__(self) -> str:
        kind = "" if self.as_array else ", as_array=False"
        return f"{type(self).__name__}(exif_rotation={self.exif_rotation}{kind})"


def asks_to_turn(picture: Image.Image) -> bool:
    """Whether a picture has an EXIF tag that says to turn it, which a test ignores."""
    try:
        return picture.getexif().get(_ORIENTATION, 1) != 1
    except Exception:  # Nor do damaged tags make a picture unreadable.
        return False


def _shown(path: Path) -> str:
    """The path as it is, or escaped where it holds what would break the line or cannot be written to a log."""
    return str(path) if str(path).isprintable() else repr(str(path))
