"""The check that all processes do the same work, made before anything is scored."""

from collections.abc import Mapping
from typing import Any

from mmengine.runner import Runner
from torch.utils.data import Dataset

from mmneglabel.datasets import OODBenchmark
from mmneglabel.engine.feature_cache_key import list_images
from mmneglabel.engine.options import settings
from mmneglabel.engine.runner_model import unwrapped
from mmneglabel.ranks import check_same, world_size
from mmneglabel.storage.tensor_file import checksum

_LOCAL = ("cache_dir", "experiment_name", "launcher", "work_dir")
"""Settings that may differ: no number depends on them."""


def check_same_work(runner: Runner, dataset: Dataset, weights: bool = True) -> None:
    """All processes must have the same config, images and weights; alone, nothing is looked at.

    Args:
        runner: what each process is about to run.
        dataset: the images.
        weights: whether the weights are compared; a training keeps them the same by itself.
    """
    if world_size() == 1:
        return
    facts: dict[str, Any] = {"config": _plain_settings(runner.cfg), "list of images": _images(dataset)}
    if weights:
        facts["set of weights"] = checksum({}, unwrapped(runner).state_dict())
    check_same(**facts)


def _plain_settings(config: Mapping[str, Any]) -> dict[str, str]:
    """Every single setting, by its dotted key, but for those of this machine."""
    return {
        path: repr(value) if isinstance(value, bool | int | float | str | tuple | None) else type(value).__name__
        for top in config
        for path, value in settings(top, config[top])
        if path.rpartition(".")[2] not in _LOCAL
    }


def _images(dataset: Dataset) -> str | int:
    """The checksum of a benchmark's list; of anything else how many images it has."""
    return list_images(dataset, sizes=False).checksum if isinstance(dataset, OODBenchmark) else len(dataset)
