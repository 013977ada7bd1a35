"""Pictures named by a text file, one a line, with or without labels."""

import re
from pathlib import Path
from typing import Any

from mmpretrain.datasets import BaseDataset
from mmpretrain.registry import DATASETS

from mmneglabel.datasets.annotations import LABEL_LIMIT
from mmneglabel.errors import DataError

_LABELLED = re.compile(r"(?P<path>.*\S)\s+(?P<label>[+-]?\d+)")

_USUAL_PATH = re.compile(r"[^,;\\]*\.\w{2,5}")
"""What nearly every path looks like; headers, quotes, commas, backslashes and further columns do not."""

_Entry = tuple[int, str, int | None]
"""Number, path and label of a line."""


@DATASETS.register_module()
class ImageList(BaseDataset):
    """The pictures in a list file, in the order of its lines.

    A line is ``path label`` or ``path``. The last word is the label if it is an integer and something stands before
    it, so paths may contain spaces; a negative label means "none", as in OpenOOD's lists. Either every line or no line
    has a label. Empty lines are skipped. Whether the pictures exist shows when they are read; only that of the first
    line that looks like no path, such as a header or ``a.jpg,3``, must be there.

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
            DataError: The list is empty.
        """
        entries = [(number, *_split(line)) for number, line in enumerate(self._lines(), 1) if line.strip()]
        if not entries:
            raise DataError(f"image list {self.ann_file} is empty; write one 'path label' or 'path' a line")
        root = Path(self.img_prefix)
        _check_form(self.ann_file, entries, root)
        _check_labels(self.ann_file, entries)
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


def _check_form(ann_file: str, entries: list[_Entry], root: Path) -> None:
    unusual = next((entry for entry in entries if not _USUAL_PATH.fullmatch(entry[1])), None)
    if unusual and not (root / unusual[1]).exists():
        number, path, label = unusual
        line = path if label is None else f"{path} {label}"
        raise DataError(
            f"image list {ann_file}: line {number} is {line!r}, but there is no file {str(root / path)!r}; a line is "
            "'path label' or 'path': a blank before the label, / between folders, no header, no quotes"
        )


def _check_labels(ann_file: str, entries: list[_Entry]) -> None:
    unlabelled = [number for number, _, label in entries if label is None]
    if 0 < len(unlabelled) < len(entries):
        raise DataError(
            f"image list {ann_file}: line {unlabelled[0]} has no label although {len(entries) - len(unlabelled)} of "
            f"{len(entries)} lines have one; label every line or none"
        )
    for number, _, label in entries:
        if label is not None and label >= LABEL_LIMIT:
            raise DataError(f"image list {ann_file}: line {number} has the label {label}; labels count from 0")
