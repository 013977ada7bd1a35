"""Pictures named by a text file, one a line, with or without labels."""

import re
from pathlib import Path
from typing import Any

from mmpretrain.datasets import BaseDataset
from mmpretrain.registry import DATASETS

from mmneglabel.errors import DataError

_LABELLED = re.compile(r"(?P<path>.*\S)\s+(?P<label>[+-]?\d+)")


@DATASETS.register_module()
class ImageList(BaseDataset):
    """The pictures in a list file, in the order of its lines.

    A line is ``path label`` or ``path``. The last word is the label if it is an integer and something stands before
    it, so paths may contain spaces; a negative label means "none", as in OpenOOD's lists. Either every line or no line
    has a label. Empty lines are skipped. Whether the pictures exist shows when they are read.

    Args:
        ann_file: The list file, UTF-8; relative to ``data_root`` unless absolute.
        data_root: Folder of the paths in the list. Defaults to the working directory.
        data_prefix: Folder of the paths below ``data_root``. Defaults to ``data_root`` itself.
        **kwargs: As for MMPretrain's ``BaseDataset``: ``pipeline``, ``metainfo``, ``indices``, ``lazy_init`` …
    """

    def __init__(self, ann_file: str, data_root: str = "", data_prefix: str | dict = "", **kwargs: Any) -> None:
        super().__init__(
            ann_file=str(ann_file),
            data_root=str(Path(data_root).expanduser()),
            data_prefix=data_prefix,
            **{"test_mode": True, **kwargs},
        )

    def load_data_list(self) -> list[dict]:
        """Read the list.

        Returns:
            One ``dict(img_path=..., gt_label=...)`` a line, without ``gt_label`` where there is none.

        Raises:
            DataError: The list is missing, is not text, is empty, or only some of its lines have labels.
        """
        entries = [(number, *_split(line)) for number, line in enumerate(self._lines(), 1) if line.strip()]
        if not entries:
            raise DataError(f"image list {self.ann_file} is empty; write one 'path label' or 'path' a line")
        _check_all_or_none_labelled(self.ann_file, entries)
        root = Path(self.img_prefix)
        return [
            {"img_path": str(root / path)} | ({"gt_label": label} if label is not None and label >= 0 else {})
            for _, path, label in entries
        ]

    def _lines(self) -> list[str]:
        try:
            return Path(self.ann_file).read_text(encoding="utf-8-sig").split("\n")
        except OSError as err:
            raise DataError(f"image list {self.ann_file}: {err.strerror}; check ann_file and data_root") from err
        except UnicodeDecodeError as err:
            raise DataError(f"image list {self.ann_file} is not UTF-8 text ({err.reason} at byte {err.start})") from err


def _split(line: str) -> tuple[str, int | None]:
    """Split a line into a path and a label, None where it has none."""
    match = _LABELLED.fullmatch(line.strip())
    return (match["path"], int(match["label"])) if match else (line.strip(), None)


def _check_all_or_none_labelled(ann_file: str, entries: list[tuple[int, str, int | None]]) -> None:
    unlabelled = [number for number, _, label in entries if label is None]
    if 0 < len(unlabelled) < len(entries):
        raise DataError(
            f"image list {ann_file}: line {unlabelled[0]} has no label although {len(entries) - len(unlabelled)} of "
            f"{len(entries)} lines have one; label every line or none"
        )
