"""Class folders, all or those that a list names: ImageNet's by WordNet id, or any other, in the list's order."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmpretrain.datasets import BaseDataset
from mmpretrain.registry import DATASETS

from mmneglabel.corpus.class_list import read_class_list
from mmneglabel.datasets.class_order import check_as_many, class_folders, flat_hint
from mmneglabel.datasets.image_folder import IMAGE_EXTENSIONS, check_folder, find_pictures
from mmneglabel.errors import DataError, did_you_mean


@DATASETS.register_module()
class ClassFolders(BaseDataset):
    """The pictures in class folders; a class's label is its place in the class list, or in the order of the folders.

    With a list a subset of a data set needs no copies and no links: folders that it does not name are left out.
    Without one every folder that is not hidden is a class, sorted as text or, if all are whole numbers, as numbers.
    Within a class pictures are found and ordered as :class:`ImageFolder` does. ``metainfo`` holds the names as
    ``classes`` and the folders as ``folders``; for ImageNet these are WordNet ids.

    Args:
        data_root: The folder of the class folders.
        class_list: The name of a list that came with mmneglabel, such as ``'imagenet100_tagfog_1'``; a text file with
            a line a class: ``folder``, ``folder<TAB>class name`` or ``n01440764 class name``; or a list of such lines.
            The same list serves as ``class_names`` of a model. Defaults to None: the folders are the classes.
        extensions: Endings of picture files, in any case. Defaults to those of :class:`ImageFolder`.
        **kwargs: As for MMPretrain's ``BaseDataset``: ``pipeline``, ``metainfo``, ``indices``, ``lazy_init`` …

    Raises:
        ConfigError: The class list is empty or is no list.
        DataError: The class list cannot be read or names a folder twice.
    """

    def __init__(
        self,
        data_root: str,
        class_list: str | Path | Sequence[str] | None = None,
        extensions: Sequence[str] = IMAGE_EXTENSIONS,
        **kwargs: Any,
    ) -> None:
        self.folders: tuple[str, ...] = ()
        self.extensions = tuple(extension.lower() for extension in extensions)
        if class_list is not None:
            listed = read_class_list(class_list)
            self.folders = tuple(entry.folder for entry in listed)
            known = {"classes": tuple(entry.name for entry in listed), "folders": self.folders}
            kwargs["metainfo"] = {**known, **(kwargs.get("metainfo") or {})}
        super().__init__(ann_file="", data_root=str(Path(data_root).expanduser()), **kwargs)

    def load_data_list(self) -> list[dict]:
        """Find the pictures.

        Returns:
            One ``dict(img_path=..., gt_label=...)`` a picture, class by class.

        Raises:
            DataError: A class folder is missing or holds no picture, or there is another number of names.
        """
        root = check_folder(self.img_prefix)
        self.folders = self.folders or class_folders(root)
        self._metainfo = {"classes": self.folders, "folders": self.folders, **self._metainfo}
        check_as_many(root, self.folders, self.CLASSES)
        _check_present(root, self.folders)
        found = [find_pictures(root / folder, self.extensions) for folder in self.folders]
        _check_filled(root, [folder for folder, paths in zip(self.folders, found, strict=True) if not paths])
        return [{"img_path": path, "gt_label": label} for label, paths in enumerate(found) for path in paths]


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
