"""Building and reading one set of the benchmark, with errors that name the set."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmpretrain.datasets import BaseDataset, CustomDataset
from mmpretrain.registry import DATASETS

from mmneglabel.datasets.annotations import check_labels
from mmneglabel.datasets.class_order import check_custom_dataset
from mmneglabel.errors import ConfigError, DataError, NegLabelError, did_you_mean

# What MMPretrain's datasets raise for settings and files that do not fit; a TypeError is an argument they do not have.
_USER_ERRORS = (AssertionError, ValueError, RuntimeError)

# How the errors of MMPretrain and MMEngine on a set without images begin.
_EMPTY = ("Found 0 files", "need at least one array to concatenate")


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
        paths = {key: _at_home(config[key]) for key in ("ann_file", "data_prefix", "data_root") if key in config}
        return DATASETS.build(config | paths)
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
        if isinstance(dataset, CustomDataset) and dataset.ann_file:
            check_labels(dataset)
    except NegLabelError as err:
        raise type(err)(f"{role}: {err}") from err
    except OSError as err:
        raise DataError(f"{role}: {_os_reason(err)}") from err
    except _USER_ERRORS as err:
        reason = f"it has no images below {dataset.img_prefix}" if str(err).startswith(_EMPTY) else _one_line(err)
        raise DataError(f"{role}: {reason}; check its folders and its ann_file") from err
    if len(dataset) == 0:
        raise DataError(f"{role}: it has no images; check its folders and its ann_file")


def _check_type(kind: Any, role: str) -> None:
    if kind is None:
        raise ConfigError(f"{role}: its config has no type; give one, such as type='ImageFolder'")
    if isinstance(kind, str) and DATASETS.get(kind) is None:
        hint = did_you_mean(kind, DATASETS.module_dict)
        raise ConfigError(f"{role}: {kind!r} is no dataset type; {hint}")


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
