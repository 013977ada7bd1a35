"""What must hold of a whole run before anything is mined or scored: the loop and the hooks ask here."""

from collections.abc import Mapping
from typing import Any

from mmengine.evaluator import Evaluator
from mmengine.runner import Runner
from torch.utils.data import Dataset

from mmneglabel.datasets import OODBenchmark
from mmneglabel.datasets.pixels import check_pipelines
from mmneglabel.engine.runner_model import unwrapped
from mmneglabel.errors import ConfigError
from mmneglabel.evaluation.id_images import keep_to_id_images
from mmneglabel.evaluation.report import RUN
from mmneglabel.features import list_images
from mmneglabel.models import PostHocClassifier
from mmneglabel.ranks import check_same, world_size
from mmneglabel.settings import settings
from mmneglabel.storage.store import checksum

_LOCAL = ("cache_dir", "experiment_name", "launcher", "work_dir")
"""Settings that may differ between processes: no number depends on them."""


def check_test(runner: Runner, dataset: Dataset, evaluator: Evaluator, validation: bool = False) -> None:
    """Scores have names of their own, other metrics see ID images alone, pixels are alike, processes do the same.

    Args:
        runner: what is about to run.
        dataset: the images.
        evaluator: changed so that metrics beside OODMetric are kept to the ID images.
        validation: whether it is one in a training, which keeps weights the same by itself.

    Raises:
        ConfigError: a score has the name that stands for the run's facts.
    """
    model = unwrapped(runner)
    if RUN in getattr(model, "scores", ()):
        raise ConfigError(f"A score is called {RUN!r}, which stands for the run in metrics.json: rename it.")
    keep_to_id_images(evaluator)
    if isinstance(model, PostHocClassifier) and not validation:
        check_pipelines({"the test set": dataset}, model.data_preprocessor)
    _check_same_work(runner, dataset, weights=not validation)


def check_training(runner: Runner) -> None:
    """Training and validation of a trained classifier see one kind of pixels."""
    if isinstance(model := unwrapped(runner), PostHocClassifier) and runner.val_loop is not None:
        sets = {"the training set": runner.train_dataloader, "the validation set": runner.val_dataloader}
        check_pipelines({name: loader.dataset for name, loader in sets.items()}, model.data_preprocessor)


def _check_same_work(runner: Runner, dataset: Dataset, weights: bool) -> None:
    """All processes must have the same config, images and weights; alone, nothing is looked at."""
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
    return list_images(dataset).checksum if isinstance(dataset, OODBenchmark) else len(dataset)
