"""Sets, ours or MMPretrain's, built and read with errors that name them; one behind the other; drawn from."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch
from mmpretrain.datasets import BaseDataset, CustomDataset, ImageNet
from mmpretrain.registry import DATASETS
from torch.utils.data import Dataset, Subset

from mmneglabel.datasets.class_order import check_custom_dataset
from mmneglabel.datasets.files import PictureFiles, records_of
from mmneglabel.errors import ConfigError, DataError, NegLabelError, did_you_mean, misfit, one_line
from mmneglabel.results import NO_LABEL, only_label

# What MMPretrain's datasets raise for settings and files that do not fit; a TypeError is one argument more or less.
_USER_ERRORS = (AssertionError, ValueError, RuntimeError)

# How the errors of MMPretrain and MMEngine on a set without images begin.
_EMPTY = ("Found 0 files", "need at least one array to concatenate")

_LABEL_LIMIT = 2**63  # Labels are tensors of 64-bit integers.


class JoinedSets(Dataset):
    """Sets one behind the other, the ID set first, built through the registry and read.

    Args:
        configs: How errors call a set, such as ``"OOD set 'SUN'"``, to its config.
        pipeline: Of the sets that have none of their own.
    """

    def __init__(self, configs: Mapping[str, Mapping[str, Any]], pipeline: Sequence[Any] = ()) -> None:
        self.datasets = [build_subset(config, pipeline, role) for role, config in configs.items()]
        for dataset, role in zip(self.datasets, configs, strict=True):
            load_subset(dataset, role)
        check_alike(self.datasets[0], next(iter(configs)))  # the ID set; labels of others mean nothing
        self._ends = list(accumulate(self._sizes()))

    def _sizes(self) -> list[int]:
        """How many samples each part has."""
        return list(map(len, self.datasets))

    def _locate(self, idx: int) -> tuple[int, int]:
        """Return which part sample ``idx`` is in, and where in it."""
        if not -len(self) <= idx < len(self):
            raise IndexError(f"{type(self).__name__} has {len(self)} samples, and none with number {idx}")
        idx %= len(self)
        part = bisect_right(self._ends, idx)
        return part, idx - (self._ends[part - 1] if part else 0)

    def __len__(self) -> int:
        return self._ends[-1]


def build_subset(config: Mapping[str, Any], pipeline: Sequence[Any], role: str) -> BaseDataset:
    """Build a set, which errors call ``role``, through the registry, without reading its data yet.

    It is in test mode and has ``pipeline`` unless its config says otherwise; a ``name`` in that is left out. The same
    goes for the parts of a wrapper of several, MMEngine's ``ConcatDataset``. They are read, because it asks for what
    they know when it is built, and not compared: see :func:`check_alike`.
    """
    config = {"lazy_init": True, **config}
    config.pop("name", None)
    _check_type(config.get("type"), role)
    if "datasets" in config:
        parts = config["datasets"]
        if not isinstance(parts, Sequence) or not parts or not all(isinstance(part, Mapping) for part in parts):
            raise ConfigError(f"{role}: datasets={parts!r}; give a list of dict(type=..., ...)")
        config["datasets"] = [build_subset(part, pipeline, role) for part in parts]
        for part in config["datasets"]:
            load_subset(part, role)
        config["ignore_keys"] = list(dict.fromkeys(key for part in config["datasets"] for key in part.metainfo))
    else:
        config = {"pipeline": pipeline, "test_mode": True, **config}
    paths = {key: _at_home(config[key]) for key in ("ann_file", "data_prefix", "data_root", "table") if key in config}
    with _naming(role, ConfigError):
        return _with_our_rule(DATASETS.build(config | paths), config.get("extensions"))


def load_subset(dataset: BaseDataset, role: str) -> None:
    """Let a set, which errors call ``role``, read the list of its images.

    Raises:
        DataError: There are no images.
    """
    with _naming(role, DataError):
        if isinstance(dataset, CustomDataset):
            check_custom_dataset(dataset)
        try:
            dataset.full_init()
        except _USER_ERRORS as err:
            reason = f"it has no images below {dataset.img_prefix}" if str(err).startswith(_EMPTY) else one_line(err)
            raise DataError(f"{reason}; check its folders and its ann_file") from err
        if len(dataset) == 0:
            raise DataError("it has no images; check its folders and its ann_file")
        if isinstance(rule := getattr(dataset, "is_valid_file", None), PictureFiles):
            rule.warn(dataset.img_prefix)
        if getattr(dataset, "ann_file", ""):
            _check_labels(dataset)


def check_alike(dataset: Dataset, role: str) -> None:
    """A labelled set of several must mean the same by a label in all of them.

    Raises:
        DataError: parts have other classes, or some have labels and others none.
    """
    parts = getattr(dataset, "datasets", ())
    classes = [tuple(part.metainfo.get("classes") or ()) for part in parts]
    labelled = [only_label(part.get_data_info(0).get("gt_label")) != NO_LABEL for part in parts]
    for number, (names, known) in enumerate(zip(classes, labelled, strict=True)):
        if names and classes[0] and names != classes[0]:
            other = next((pair for pair in zip(classes[0], names, strict=False) if len({*pair}) > 1), ("", ""))
            raise DataError(
                f"{role}: its parts 0 and {number} have other classes ({len(classes[0])} and {len(names)}, such as "
                f"{other[0]!r} and {other[1]!r}): give both the same class_list"
            )
        if known != labelled[0]:
            raise DataError(
                f"{role}: of its parts 0 and {number} one has labels and the other none: give both, or none"
            )


@contextmanager
def _naming(role: str, usual: type[NegLabelError]) -> Iterator[None]:
    """Raise again, as one of our errors that names the set, what a dataset of anybody's raises."""
    try:
        yield
    except NegLabelError as err:
        raise type(err)(f"{role}: {err}") from err
    except OSError as err:
        reason = f"{err.strerror}: {err.filename}" if err.strerror else one_line(err)
        raise DataError(f"{role}: {reason}; check data_root, data_prefix and ann_file") from err
    except (TypeError, *_USER_ERRORS) as err:
        raise usual(f"{role}: {misfit(err) or one_line(err)}") from err


def draw(dataset: Dataset, most: int | None) -> Dataset:
    """Return ``most`` pictures of a set in their order, a random choice that is always the same; or all, if fewer."""
    if most is None or most >= len(dataset):
        return dataset
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(0))
    return Subset(dataset, order[:most].sort().values.tolist())


def _check_type(kind: Any, role: str) -> None:
    if kind is None:
        raise ConfigError(f"{role}: its config has no type; give one, such as type='Pictures'")
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
    for image in records_of(dataset):
        label = image.get("gt_label")
        if isinstance(label, int) and not -_LABEL_LIMIT <= label < _LABEL_LIMIT:
            raise DataError(f"{dataset.ann_file}: {image.get('img_path')} has the label {label}; labels count from 0")


def _at_home(path: Any) -> Any:
    """Fill in ``~``, which MMPretrain does in some of the paths only."""
    if isinstance(path, Mapping):
        return {key: _at_home(part) for key, part in path.items()}
    return str(Path(path).expanduser()) if str(path).startswith("~") else path
