"""One set, ours or MMPretrain's: built and read with errors that name it, drawn from, compared with others."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.logging import MMLogger
from mmpretrain.datasets import BaseDataset, CustomDataset, ImageNet
from mmpretrain.registry import DATASETS
from torch.utils.data import Dataset, Subset

from mmneglabel.datasets.class_order import check_custom_dataset
from mmneglabel.datasets.files import PictureFiles
from mmneglabel.errors import ConfigError, DataError, NegLabelError, did_you_mean

# What MMPretrain's datasets raise for settings and files that do not fit; a TypeError is an argument they do not have.
_USER_ERRORS = (AssertionError, ValueError, RuntimeError)

# How the errors of MMPretrain and MMEngine on a set without images begin.
_EMPTY = ("Found 0 files", "need at least one array to concatenate")

_RENAMED = {
    "ImageFolder": "Pictures now: dict(type='Pictures', data_root=...)",
    "ImageList": "Pictures with a table now: dict(type='Pictures', table='list.txt', data_root=...)",
}
_LABEL_LIMIT = 2**63  # Labels are tensors of 64-bit integers.

Files = Mapping[str, set[str]]
"""Folder, with links followed, to the names of the picture files in it."""


def build_subset(config: Mapping[str, Any], pipeline: Sequence[dict], role: str) -> BaseDataset:
    """Build a set through the registry, without reading its data yet.

    Args:
        config: The set's config; a ``name`` in it is left out.
        pipeline: Used where ``config`` has no pipeline of its own.
        role: How errors call the set, such as ``"OOD set 'SUN'"``.

    Returns:
        The dataset, in test mode unless ``config`` says otherwise, and not yet initialised.

    Raises:
        ConfigError: The type is missing or unknown, or the class refuses its arguments.
        DataError: The class looks for its files when built, and does not find them.
    """
    config = {"pipeline": pipeline, "test_mode": True, "lazy_init": True, **config}
    config.pop("name", None)
    _check_type(config.get("type"), role)
    try:
        paths = {
            key: _at_home(config[key]) for key in ("ann_file", "data_prefix", "data_root", "table") if key in config
        }
        return _with_our_rule(DATASETS.build(config | paths), config.get("extensions"))
    except NegLabelError as err:
        raise type(err)(f"{role}: {err}") from err
    except (TypeError, *_USER_ERRORS) as err:
        raise ConfigError(f"{role}: {_one_line(err)}") from err
    except OSError as err:
        raise DataError(f"{role}: {_os_reason(err)}") from err


def load_subset(dataset: BaseDataset, role: str) -> None:
    """Read the list of images of a set.

    Args:
        dataset: As :func:`build_subset` returns it.
        role: How errors call the set.

    Raises:
        DataError: A folder or file is missing, the annotations have the wrong form, the number of class folders does
            not match the class names, or there are no images.
    """
    try:
        if isinstance(dataset, CustomDataset):
            check_custom_dataset(dataset)
        dataset.full_init()
        if isinstance(rule := getattr(dataset, "is_valid_file", None), PictureFiles):
            rule.warn(dataset.img_prefix)
        if getattr(dataset, "ann_file", ""):
            _check_labels(dataset)
    except NegLabelError as err:
        raise type(err)(f"{role}: {err}") from err
    except OSError as err:
        raise DataError(f"{role}: {_os_reason(err)}") from err
    except _USER_ERRORS as err:
        reason = f"it has no images below {dataset.img_prefix}" if str(err).startswith(_EMPTY) else _one_line(err)
        raise DataError(f"{role}: {reason}; check its folders and its ann_file") from err
    if len(dataset) == 0:
        raise DataError(f"{role}: it has no images; check its folders and its ann_file")


def draw(dataset: Dataset, most: int | None) -> Dataset:
    """Return ``most`` pictures of a set in their order, a random choice that is always the same; or all, if fewer."""
    if most is None or most >= len(dataset):
        return dataset
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(0))
    return Subset(dataset, order[:most].sort().values.tolist())


def files_of(dataset: Dataset) -> Files:
    """Where the pictures of a set that was read lie."""
    named: dict[str, set[str]] = defaultdict(set)
    for index in range(len(dataset)):
        folder, _, name = str(dataset.get_data_info(index).get("img_path") or "").rpartition("/")
        if name:  # Pictures in memory have no file.
            named[folder].add(name)
    files: dict[str, set[str]] = defaultdict(set)
    for folder, names in named.items():
        # A path that no file can have stays as it is: that the picture is unreadable shows when it is read.
        files[folder if "\0" in folder else os.path.realpath(folder)] |= names
    return files


def shared_files(one: Files, other: Files) -> int:
    """How many files are in both."""
    return sum(len(one[folder] & other[folder]) for folder in one.keys() & other.keys())


def warn_of_shared_files(names: Sequence[str], datasets: Sequence[Dataset]) -> None:
    """Warn, once, of OOD sets that hold files of the ID set: the same folder given twice, say, or one below it.

    Args:
        names: Of the sets, the ID set first.
        datasets: The sets, read.
    """
    id_files, *ood_files = map(files_of, datasets)
    counts = [(shared_files(id_files, files), name) for name, files in zip(names[1:], ood_files, strict=True)]
    shared = ", ".join(f"{count} of {name!r}" for count, name in counts if count)
    if shared:
        MMLogger.get_current_instance().warning(
            f"The same files are in the ID set {names[0]!r} and in OOD sets: {shared}; no score parts them."
        )


def _check_type(kind: Any, role: str) -> None:
    if kind is None:
        raise ConfigError(f"{role}: its config has no type; give one, such as type='Pictures'")
    if kind in _RENAMED:
        raise ConfigError(f"{role}: {kind} is called {_RENAMED[kind]}")
    if isinstance(kind, str) and DATASETS.get(kind) is None:
        hint = did_you_mean(kind, DATASETS.module_dict)
        raise ConfigError(f"{role}: {kind!r} is no dataset type; {hint}")


def _with_our_rule(dataset: BaseDataset, extensions: str | Sequence[str] | None) -> BaseDataset:
    """MMPretrain's class folders with our rule which files are pictures, unless their class has a rule of its own."""
    if not isinstance(dataset, CustomDataset) or type(dataset).is_valid_file is not CustomDataset.is_valid_file:
        return dataset
    if extensions is not None or set(dataset.extensions) == set(ImageNet.IMG_EXTENSIONS):
        # The method that the scan, still to come, asks of every file.
        dataset.is_valid_file = PictureFiles(extensions)
    return dataset


def _check_labels(dataset: BaseDataset) -> None:
    """Labels of a list, which may hold anything, must be numbers that a tensor can hold."""
    for index in range(len(dataset)):
        image = dataset.get_data_info(index)
        label = image.get("gt_label")
        if isinstance(label, int) and not -_LABEL_LIMIT <= label < _LABEL_LIMIT:
            raise DataError(f"{dataset.ann_file}: {image.get('img_path')} has the label {label}; labels count from 0")


def _at_home(path: Any) -> Any:
    """Fill in ``~``, which MMPretrain does in some of the paths only."""
    if isinstance(path, Mapping):
        return {key: _at_home(part) for key, part in path.items()}
    return str(Path(path).expanduser()) if str(path).startswith("~") else path


def _os_reason(err: OSError) -> str:
    if err.strerror is None:
        return f"{_one_line(err)}; check data_root, data_prefix and ann_file"
    return f"{err.strerror}: {err.filename}; check data_root, data_prefix and ann_file"


def _one_line(err: Exception) -> str:
    return " ".join(str(err).split()) or type(err).__name__
