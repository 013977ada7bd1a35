"""What must hold of a run, its model and its classes before anything is mined or scored: loop and hooks ask here."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from mmengine.evaluator import Evaluator
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import Dataset

from mmneglabel.corpus.words import plain
from mmneglabel.datasets import OODBenchmark
from mmneglabel.datasets.class_order import odd_ones_out
from mmneglabel.datasets.pixels import check_pipelines
from mmneglabel.engine.pixels import settle_pixels
from mmneglabel.errors import ConfigError
from mmneglabel.evaluation.id_images import keep_to_id_images
from mmneglabel.evaluation.ood_metric import OODMetric
from mmneglabel.evaluation.report import RUN
from mmneglabel.features import KeptImages, check_streams, list_images, play_streams
from mmneglabel.models import NegLabelClassifier, PostHocClassifier
from mmneglabel.ranks import check_same, world_size
from mmneglabel.scores import StreamScore
from mmneglabel.settings import settings
from mmneglabel.storage.store import checksum

Model = TypeVar("Model", bound=nn.Module)

_LOCAL = ("cache_dir", "experiment_name", "launcher", "work_dir")
"""Settings that may differ between processes: no number depends on them."""


def unwrapped(runner: Runner) -> nn.Module:
    """The model, out of whatever wrapper it is in."""
    return runner.model.module if is_model_wrapper(runner.model) else runner.model


def model_of(runner: Runner, kind: type[Model], asker: str) -> Model:
    """The model, out of whatever wrapper it is in.

    Raises:
        ConfigError: it is of another kind than the asker needs.
    """
    model = unwrapped(runner)
    if not isinstance(model, kind):
        raise ConfigError(f"{asker} needs a {kind.__name__}, but the model is {type(model).__name__}.")
    return model


def check_classes(source: str, names: Sequence[str], metainfo: Mapping[str, Any]) -> None:
    """The ID set's classes, where the benchmark's ``metainfo`` names any, must be ``names``, in the same order.

    They may be spelt otherwise. ``source`` is where the names are from, such as "model.class_names".

    Raises:
        ConfigError: there are more or fewer, or they are in another order.
    """
    names = tuple(names)
    classes = tuple(metainfo.get("classes") or names)
    if len(classes) != len(names):
        raise ConfigError(
            f"{source} gives {len(names)} names{odd_ones_out(names, classes)}, but the ID set has {len(classes)} "
            f"classes{odd_ones_out(classes, names)}: both need the same classes in the same order."
        )
    here, there = list(map(plain, names)), list(map(plain, classes))
    if here != there and sorted(here) == sorted(there):
        label = next(i for i, (one, other) in enumerate(zip(here, there, strict=True)) if one != other)
        raise ConfigError(
            f"{source} and the ID set have the same classes in another order: label {label} is {names[label]!r} here "
            f"and {classes[label]!r} there."
        )


def check_test(runner: Runner, dataset: Dataset, evaluator: Evaluator, validation: bool = False) -> None:
    """Scores have names of their own, other metrics see ID images alone, pixels are alike, processes do the same.

    For the second the evaluator is changed; and so that it plays the model's streams. A validation has the weights and
    the pixels of the training around it, which keeps the former alike in all processes and has checked the latter.

    Raises:
        ConfigError: a score has the name that stands for the run's facts.
    """
    model = unwrapped(runner)
    if RUN in getattr(model, "scores", ()):
        raise ConfigError(f"A score is called {RUN!r}, which stands for the run in metrics.json: rename it.")
    keep_to_id_images(evaluator)
    if isinstance(model, NegLabelClassifier):
        _play_streams(model, dataset, evaluator)
    if isinstance(model, PostHocClassifier) and not validation:
        settle_pixels({"the test set": dataset}, model, runner.logger)
    _check_same_work(runner, dataset, weights=not validation)


def _play_streams(model: NegLabelClassifier, dataset: Dataset, evaluator: Evaluator) -> None:
    """Let our metrics play the model's streams, if it has any, once they have seen all images.

    What can be refused before the first image is refused now.

    Raises:
        ConfigError: there is no OODMetric to play them.
    """
    streams = {name: score for name, score in model.scores.items() if isinstance(score, StreamScore)}
    metrics = [metric for metric in evaluator.metrics if isinstance(metric, OODMetric)]
    if streams and not metrics:
        raise ConfigError(f"Nobody plays {', '.join(streams)}: add OODMetric to test_evaluator, or leave them out.")
    if streams and isinstance(dataset, OODBenchmark | KeptImages):
        sets = list_images(dataset).sets.tolist()
        check_streams(streams, {name: sets.count(index) for index, name in enumerate(dataset.set_names)})
    model.plays_streams = bool(streams)
    for metric in metrics:
        metric.play = partial(play_streams, model) if streams else None


def check_training(runner: Runner) -> None:
    """Training and validation of a trained classifier see one kind of pixels."""
    if isinstance(model := unwrapped(runner), PostHocClassifier) and runner.val_loop is not None:
        training, validation = runner.train_dataloader.dataset, runner.val_dataloader.dataset
        if model.preprocessing is not None:  # a training changes pictures on purpose
            settle_pixels({"the validation set": validation}, model, runner.logger)
        sets = {"the training set": training, "the validation set": validation}
        check_pipelines(sets, model.data_preprocessor)


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
