"""Sets of pictures: all under a folder, those that a table names, and class folders."""

import os
import pickle
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmpretrain.datasets import BaseDataset
from mmpretrain.registry import DATASETS
from numpy.typing import NDArray

from mmneglabel.corpus.class_list import read_class_list
from mmneglabel.corpus.words import plain
from mmneglabel.datasets.class_order import check_as_many, class_folders, flat_hint
from mmneglabel.datasets.files import PictureFiles, check_folder, find_pictures, no_pictures
from mmneglabel.datasets.tables import Columns, Row, read_table
from mmneglabel.errors import ConfigError, DataError, did_you_mean

_USUAL_PATH = re.compile(r"[^,;\\]*\.\w{2,5}")
"""What nearly every path looks like; headers, quotes, commas, backslashes and further columns do not."""


class _Listed(BaseDataset):
    """MMPretrain's, whose records are packed in a fourth of the time."""

    def _serialize_data(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """MMEngine's very bytes, without an array a record, and without looking through all of Python for garbage."""
        records = [pickle.dumps(record, protocol=4) for record in self.data_list]
        self.data_list.clear()
        ends = np.cumsum(np.fromiter(map(len, records), np.int64, len(records)))
        return np.frombuffer(bytearray().join(records), np.uint8), ends


@DATASETS.register_module()
class Pictures(_Listed):
    """Every picture under a folder, without labels, or those that a table names.

    Examples of configs::

        dict(type="Pictures", data_root="data/SUN")
        dict(type="Pictures", data_root="data/ninco", table="ninco.txt")
        dict(type="Pictures", data_root="data/birds", table="metadata.csv",
             columns=dict(path="img_filename", label="y"), rows=dict(split=2))
        dict(type="Pictures", data_root="data/cars", data_prefix="cars_test", table="cars_test_annos.mat",
             columns=dict(path="annotations.fname", label="annotations.class"), first_label=1)
        dict(type="Pictures", data_root="CUB_200_2011", data_prefix="images", columns=dict(path=1, label=2),
             table=["images.txt", "image_class_labels.txt", "train_test_split.txt"], rows={3: 0}, first_label=1)

    Without a table pictures are found and ordered as :func:`mmneglabel.datasets.files.find_pictures` says, by the same
    rule in every set. A table's order is kept, and every row or none has a label: an integer, of which a negative one
    means none, or the name of a class. Whether a table's pictures exist shows when they are read; only that of the
    first row that looks like no path must be there. The ending of the table says what it is:

    - ``.csv`` and ``.tsv``: the first row names the columns, unless ``columns`` counts them;
    - ``.json``: a list of objects, or an object of columns; a dot leads into one, as in ``images.file_name``. An
      object that gives each class the list of its paths needs no ``columns``;
    - ``.mat``: variables and structs, as above; needs SciPy, and knows no files of MATLAB's v7.3;
    - else: a line is ``path label`` or ``path``, or blanks part the columns that ``columns`` counts, and lines that
      begin with ``#`` are comments. The last word is the label if it is an integer and something stands before it, so
      paths may contain blanks.

    Args:
        data_root: The folder. Defaults to the working directory.
        table: The table, relative to ``data_root`` unless absolute. Or several that count their columns: those of the
            later ones stand behind the first one's, in the rows that begin with the same number, which counts once.
            Defaults to None: all pictures under the folder.
        columns: The names, or numbers from 0 on, of the columns ``path`` and ``label``; the latter may be left out.
            Defaults to None: those that are called so.
        rows: Column to the value, or the list of values, of the rows to take. Defaults to None: all.
        ending: What the paths in the table lack, such as ``".jpg"``.
        first_label: The label of the first class; MATLAB counts from 1. Defaults to 0.
        extensions: Endings of the picture files under a folder, in any case. Defaults to None: whatever Pillow opens.
        **kwargs: As for MMPretrain's ``BaseDataset``: ``data_prefix`` (the pictures' folder below ``data_root``),
            ``pipeline``, ``classes`` (the order of the classes that a table names; else they are sorted as text),
            ``metainfo``, ``indices``, ``lazy_init`` …
    """

    def __init__(
        self,
        data_root: str = "",
        table: str | Sequence[str] | None = None,
        columns: Columns | None = None,
        rows: Mapping[str | int, Any] | None = None,
        ending: str = "",
        first_label: int = 0,
        extensions: str | Sequence[str] | None = None,
        **kwargs: Any,
    ) -> None:
        table, *beside = [table] if isinstance(table, str | Path | None) else list(table) or [None]
        if table is None and (columns or rows or ending or first_label):
            raise ConfigError("Pictures: columns, rows, ending and first_label are a table's; give table=... too")
        self._is_picture = PictureFiles(extensions)
        self._columns, self._rows, self._ending, self._first_label = columns, rows, ending, first_label
        root = str(Path(data_root).expanduser())
        self._beside = [Path(root, name) for name in beside]
        super().__init__(ann_file=str(table or ""), data_root=root, **{"test_mode": True, **kwargs})

    def load_data_list(self) -> list[dict]:
        """Find the pictures, or read the table.

        Returns:
            One ``dict(img_path=..., gt_label=...)`` a picture, without ``gt_label`` where there is none.

        Raises:
            DataError: The folder holds no picture.
        """
        if self.ann_file:
            return self._listed(read_table(Path(self.ann_file), self._columns, self._rows, self._beside))
        root = check_folder(self.img_prefix)
        found = find_pictures(root, self._is_picture)
        self._is_picture.warn(root)
        if not found:
            raise no_pictures(root, self._is_picture)
        return [{"img_path": path} for path in found]

    def _listed(self, rows: list[Row]) -> list[dict]:
        if not rows:
            raise DataError(f"table {self.ann_file} is empty; write one 'path label' or 'path' a line")
        root = Path(self.img_prefix)
        _check_paths(self.ann_file, rows, root, self._ending)
        labels = self._labels(rows)
        return [
            {"img_path": str(root / (row.path + self._ending))} | ({} if label is None else {"gt_label": label})
            for row, label in zip(rows, labels, strict=True)
        ]

    def _labels(self, rows: list[Row]) -> list[int | None]:
        """The label of each row from 0 on, or None."""
        unlabelled = [row.number for row in rows if row.label is None]
        if 0 < len(unlabelled) < len(rows):
            raise DataError(
                f"table {self.ann_file}: row {unlabelled[0]} has no label although {len(rows) - len(unlabelled)} of "
                f"{len(rows)} rows have one; label every row or none"
            )
        if any(isinstance(row.label, str) for row in rows):
            return self._by_name(rows)
        labels = [None if row.label is None or row.label < 0 else row.label - self._first_label for row in rows]
        for row, label in zip(rows, labels, strict=True):
            if label is not None and label < 0:
                raise DataError(
                    f"table {self.ann_file}: row {row.number} has the label {row.label}, below "
                    f"first_label={self._first_label}"
                )
        return labels

    def _by_name(self, rows: list[Row]) -> list[int]:
        """The labels of rows that name their classes."""
        names = self.CLASSES or sorted({str(row.label) for row in rows})
        self._metainfo = {"classes": tuple(names), **self._metainfo}
        numbers = {plain(name): number for number, name in enumerate(names)}
        for row in rows:
            if plain(str(row.label)) not in numbers:
                hint = did_you_mean(str(row.label), names)
                raise DataError(f"table {self.ann_file}: row {row.number} has the class {row.label!r}; {hint}")
        return [numbers[plain(str(row.label))] for row in rows]


@DATASETS.register_module()
class ClassFolders(_Listed):
    """The pictures in class folders; a class's label is its place in the class list, or in the order of the folders.

    With a list a subset of a data set needs no copies and no links: folders that it does not name are left out.
    Without one every folder that is not hidden is a class, sorted as text or, if all are whole numbers, as numbers.
    Within a class pictures are found and ordered as :class:`Pictures` does. ``metainfo`` holds the names as
    ``classes`` and the folders as ``folders``; for ImageNet these are WordNet ids.

    Args:
        data_root: The folder of the class folders.
        class_list: The name of a list that came with mmneglabel, such as ``'imagenet100_tagfog_1'``; a text file with
            a line a class: ``folder``, ``folder<TAB>class name`` or ``n01440764 class name``; or a list of such lines.
            The same list serves as ``class_names`` of a model. Defaults to None: the folders are the classes.
        extensions: As for :class:`Pictures`.
        **kwargs: As for MMPretrain's ``BaseDataset``: ``pipeline``, ``metainfo``, ``indices``, ``lazy_init`` …
    """

    def __init__(
        self,
        data_root: str,
        class_list: str | Path | Sequence[str] | None = None,
        extensions: str | Sequence[str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.folders: tuple[str, ...] = ()
        self._is_picture = PictureFiles(extensions)
        if class_list is not None:
            listed = read_class_list(class_list)
            self.folders = tuple(entry.folder for entry in listed)
            known = {"classes": tuple(entry.name for entry in listed), "folders": self.folders}
            kwargs["metainfo"] = {**known, **(kwargs.get("metainfo") or {})}
        super().__init__(ann_file="", data_root=str(Path(data_root).expanduser()), **kwargs)

    def load_data_list(self) -> list[dict]:
        """Find the pictures: one ``dict(img_path=..., gt_label=...)`` each, class by class."""
        root = check_folder(self.img_prefix)
        self.folders = self.folders or class_folders(root)
        self._metainfo = {"classes": self.folders, "folders": self.folders, **self._metainfo}
        check_as_many(root, self.folders, self.CLASSES)
        _check_present(root, self.folders)
        found = [find_pictures(root / folder, self._is_picture) for folder in self.folders]
        self._is_picture.warn(root)
        _check_filled(root, [folder for folder, paths in zip(self.folders, found, strict=True) if not paths])
        return [{"img_path": path, "gt_label": label} for label, paths in enumerate(found) for path in paths]


def _check_paths(table: str, rows: list[Row], root: Path, ending: str) -> None:
    """Refuse rows that hold no paths; one odd row must be a file, and the others are taken to be like it."""
    odd = next((row for row in rows if not _USUAL_PATH.fullmatch(row.path + ending)), None)
    if odd and not (root / (odd.path + ending)).exists():
        line = odd.path if odd.label is None else f"{odd.path} {odd.label}"
        raise DataError(
            f"table {table}: row {odd.number} is {line!r}, but there is no file {str(root / (odd.path + ending))!r}; a "
            "line of a list is 'path label' or 'path': a blank before the label, / between folders, no header, no "
            "quotes; other tables want columns=dict(path=..., label=...), paths without an ending ending='.jpg'"
        )


def _check_present(root: Path, folders: Sequence[str]) -> None:
    missing = [folder for folder in folders if not (root / folder).is_dir()]
    if not missing:
        return
    on_disk = [entry.name for entry in os.scandir(root) if entry.is_dir()]
    lack = f"{len(missing)} of the {len(folders)} folders in the class list are missing, first {missing[0]!r}"
    if len(missing) == len(folders):
        lack = f"none of the {len(folders)} folders in the class list is there, such as {missing[0]!r}{flat_hint(root)}"
    hint = did_you_mean(missing[0], on_disk)
    if missing[0].partition(" ")[0] in on_disk:
        hint = "a folder and its name are parted by a tab"
    raise DataError(f"folder {root}: {lack} ({hint}); check data_root and class_list")


def _check_filled(root: Path, empty: Sequence[str]) -> None:
    if empty:
        raise DataError(
            f"folder {root}: class folders without pictures: {len(empty)}, first {empty[0]!r}; "
            "fill or remove them, or give a class list without them"
        )
