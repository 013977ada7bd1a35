"""Single images worth a look: what a score took for known, what it refused, what was close, what is usual."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from mmneglabel.calibration import Calibration, calibrate
from mmneglabel.errors import DataError
from mmneglabel.results import NO_LABEL, Results
from mmneglabel.visualization.charts import bar_length

_EDGE = 96
_ACCEPT = 0.95
_ALWAYS = 2


@dataclass(frozen=True, eq=False)
class Case:
    """One image of a test.

    Attributes:
        images: the results of the test.
        place: the image's position in them.
        value: its score, or its log-odds.
        accepted: whether that is above the threshold.
    """

    images: Results
    place: int
    value: float
    accepted: bool

    @property
    def set_name(self) -> str:
        """The set that it is of."""
        return self.images.set_names[self.images.set_index[self.place]]

    @property
    def is_id(self) -> bool:
        """Whether it is of the ID set."""
        return self.images.set_index[self.place] == 0

    @property
    def path(self) -> str:
        """Its file; empty where there is none."""
        return self.images.paths[self.place] if len(self.images.paths) else ""

    @property
    def name(self) -> str:
        """The end of its file's path, or its number."""
        return "/".join(Path(self.path).parts[-2:]) or f"image {self.place}"

    def class_name(self, label: NDArray[np.int64]) -> str:
        """What its predicted or true class is called; empty where it has none."""
        number = int(label[self.place])
        return "" if number == NO_LABEL or number >= len(self.images.class_names) else self.images.class_names[number]

    @property
    def shares(self) -> list[tuple[str, str, float]]:
        """The labels (``for``) and negatives (``against``) with the largest shares, the largest first.

        At least two of either kind; others only where a bar is to be seen.
        """
        shares, words = self.images.shares, {"for": self.images.class_names, "against": self.images.negatives}
        if not shares:
            return []
        kinds = (("for", "labels", "label_shares"), ("against", "negatives", "negative_shares"))
        return [
            (kind, words[kind][int(word)], float(share))
            for kind, which, how_much in kinds
            for number, (word, share) in enumerate(
                zip(shares[which][self.place], shares[how_much][self.place], strict=True)
            )
            if number < _ALWAYS or bar_length(share)
        ]

    def picture(self, edge: int) -> Image.Image | None:
        """Its picture, upright, at most so many pixels on an edge; None where its file is gone or broken."""
        try:
            with Image.open(self.path) as picture:
                picture.draft("RGB", (4 * edge, 4 * edge))  # spares most of a large JPEG's decoding
                small = ImageOps.exif_transpose(picture)
                small.thumbnail((edge, edge))
                if small.mode.startswith("I"):  # 16 bits, which would be cut off at 255
                    small = small.point(lambda value: value / 256).convert("L")
                return small.convert("RGBA" if small.has_transparency_data else "RGB")
        # What a test could read, it may have read otherwise; and files change.
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return None

    def thumbnail(self) -> str | None:
        """The picture at 96 pixels as a data URI; None where there is none."""
        if (small := self.picture(_EDGE)) is None:
            return None
        packed = io.BytesIO()
        small.save(packed, "WEBP", quality=80)
        return f"data:image/webp;base64,{base64.b64encode(packed.getvalue()).decode()}"


@dataclass(frozen=True, eq=False)
class CaseGroup:
    """Cases of a kind."""

    title: str
    cases: Sequence[Case]


def usual_threshold(images: Results, score: str) -> tuple[float, Calibration | None]:
    """The threshold that 95 % of the ID images promise, on the scale of :meth:`Results.values`, and its calibration.

    Where they are too few for a promise, or all alike, the value above which 95 % of them lie, and None.
    """
    known = images.values(score, images.set_names[0])
    try:
        found = calibrate(known, _ACCEPT)
    except DataError:
        return float(np.quantile(known, 1 - _ACCEPT)), None
    return found.accept.value, found


def choose_cases(images: Results, score: str, threshold: float, count: int) -> list[CaseGroup]:
    """About ``count`` images: mistakes of either kind, the gravest first; those nearest to the threshold; usual ones.

    Args:
        images: What was found of every image.
        score: The score that decides.
        threshold: On the scale of :meth:`Results.values`; what is above it is accepted.
        count: How many in all; a kind has a quarter of them, or fewer where there are none.
    """
    values = images.values(score)
    some, is_id = -(-count // 4), images.set_index == 0
    accepted, place = values > threshold, np.flatnonzero(images.readable)

    def nearest(wanted: NDArray[np.bool_], distance: NDArray[np.float64], most: int = some) -> list[int]:
        mine = place[wanted[place]]
        return mine[np.argsort(distance[mine], kind="stable")][:most].tolist()

    usual = []
    for name in images.set_names:
        mine = images.set_index == images.set_names.index(name)
        centre = np.nanmedian(np.where(mine, values, np.nan))
        usual += nearest(mine, np.abs(values - centre), 1)
    groups = {
        "OOD images taken for known, the surest first": nearest(~is_id & accepted, -values),
        "ID images refused, the surest first": nearest(is_id & ~accepted, values),
        "Nearest to the threshold": nearest(images.readable, np.abs(values - threshold)),
        "Usual: at the median of their set": usual[:some],
    }
    return [
        CaseGroup(title, [Case(images, one, float(values[one]), bool(accepted[one])) for one in places])
        for title, places in groups.items()
    ]
