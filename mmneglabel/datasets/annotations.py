"""What datasets know of their pictures, all at once: labels that cannot be, files that two sets share."""

import io
import os
import pickle
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mmengine.logging import MMLogger
from mmpretrain.datasets import BaseDataset

from mmneglabel.errors import DataError

LABEL_LIMIT = 2**63
"""Labels are tensors of 64-bit integers."""


def annotations(dataset: BaseDataset) -> Iterator[dict[str, Any]]:
    """Yield what ``get_data_info`` returns of each picture, but for ``sample_idx``, in a quarter of the time."""
    if not getattr(dataset, "serialize_data", False):
        yield from (dataset.get_data_info(index) for index in range(len(dataset)))
        return
    stream = io.BytesIO(dataset.data_bytes)  # MMEngine's own pickles, made a moment ago.
    yield from (pickle.load(stream) for _ in range(len(dataset)))


def check_labels(dataset: BaseDataset) -> None:
    """Check that the labels of a list are numbers that a tensor can hold.

    Raises:
        DataError: One is not.
    """
    for annotation in annotations(dataset):
        label = annotation.get("gt_label")
        if isinstance(label, int) and not -LABEL_LIMIT <= label < LABEL_LIMIT:
            raise DataError(
                f"{dataset.ann_file}: {annotation.get('img_path')} has the label {label}; labels count from 0"
            )


def warn_of_shared_files(names: Sequence[str], datasets: Sequence[BaseDataset]) -> None:
    """Warn, once, of OOD sets that hold files of the ID set: the same folder given twice, say, or one below it.

    Args:
        names: Of the sets, the ID set first.
        datasets: The sets, read.
    """
    id_files, *ood_files = map(_files, datasets)
    shared = [_shared(id_files, files) for files in ood_files]
    counts = [f"{count} of {name!r}" for name, count in zip(names[1:], shared, strict=True) if count]
    if counts:
        MMLogger.get_current_instance().warning(
            f"The same files are in the ID set {names[0]!r} and in OOD sets: {', '.join(counts)}; no score parts them."
        )


def shared_files(one: BaseDataset, other: BaseDataset) -> int:
    """How many files are in both."""
    return _shared(_files(one), _files(other))


def _shared(one: Mapping[str, set[str]], other: Mapping[str, set[str]]) -> int:
    return sum(len(one[folder] & other[folder]) for folder in one.keys() & other.keys())


def _files(dataset: BaseDataset) -> dict[str, set[str]]:
    """Names of the picture files in each folder, with links to folders followed."""
    named: dict[str, set[str]] = defaultdict(set)
    for annotation in annotations(dataset):
        folder, _, name = str(annotation.get("img_path") or "").rpartition("/")
        if name:  # Pictures in memory have no file.
            named[folder].add(name)
    files: dict[str, set[str]] = defaultdict(set)
    for folder, names in named.items():
        # A path that no file can have stays as it is: that the picture is unreadable shows when it is read.
        files[folder if "\0" in folder else os.path.realpath(folder)] |= names
    return files
