"""The hook that shows post-hoc scores the ID training images before a test."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from mmengine.dist import get_world_size
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmengine.runner.amp import autocast
from mmpretrain.registry import HOOKS
from mmpretrain.structures import DataSample
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from mmneglabel.backbones.base import inference
from mmneglabel.datasets.files import files_of, shared_files
from mmneglabel.datasets.ood_benchmark import check_pipeline
from mmneglabel.datasets.subset import build_subset, check_alike, draw, load_subset
from mmneglabel.engine.checks import check_classes, model_of
from mmneglabel.engine.pixels import settle_pixels
from mmneglabel.errors import ConfigError, DataError, whole
from mmneglabel.models import PostHocClassifier
from mmneglabel.models.reading import Reading, read_behind
from mmneglabel.posthoc import TrainingFeatures
from mmneglabel.ranks import rows_of_all
from mmneglabel.results import only_label
from mmneglabel.scores.precision import full_precision

_ROLE = "ID training set"
_SECONDS_BETWEEN_LINES = 10


@HOOKS.register_module()
class PostHocFitHook(Hook):
    """Fit a PostHocClassifier's scores on the ID training images, in one pass, before every test.

    The images go through the test's pipeline and autocast, each once, shared among the processes; all processes then
    hold all features (4 bytes times images times width) and learn the same from them. If no score learns from
    training images, nothing is read.

    Example of a config::

        dict(
            type='PostHocFitHook',
            dataloader=dict(dataset=dict(type='ImageNet', data_root='data/imagenet', split='train')),
            max_images=200_000,
        )

    Args:
        dataloader: config of the data loader of the ID training images, labelled and without outliers. What it leaves
            out, such as the batch size, is the test's; so is the pipeline of a dataset without one. The sampler is the
            hook's own.
        max_images: a random choice of so many images, the same every time; None is all.
        device: where scores are fitted, such as "cpu" where the model's own, the default, is too small.
    """

    priority = "BELOW_NORMAL"  # after EMAHook, which puts its weights in place before the test's one epoch

    def __init__(self, dataloader: dict, max_images: int | None = None, device: str | None = None) -> None:
        if not isinstance(dataloader.get("dataset"), Mapping):
            raise ConfigError("PostHocFitHook: give dataloader=dict(dataset=dict(type=...)), it names no dataset.")
        if max_images is not None:
            whole(self, max_images=max_images)
        self._dataloader, self._max_images, self._device = dataloader, max_images, device

    def before_test_epoch(self, runner: Runner) -> None:
        """Fit every score that learns from training images."""
        model = model_of(runner, PostHocClassifier, "PostHocFitHook")
        benchmark = runner.test_dataloader.dataset.metainfo
        if model.fitting_scores() or hasattr(model.head, "num_classes"):
            _check_head(model, benchmark)
        if not model.fitting_scores():
            return
        training = self._training_features(runner, model, benchmark)
        for name, score in model.fitting_scores().items():
            started = time.perf_counter()
            with torch.no_grad(), full_precision(training.features.device):
                learned = score.fit(training)
            runner.logger.info(f"Score {name!r}: {learned}; fitted in {time.perf_counter() - started:.2f} s.")

    def _training_features(
        self, runner: Runner, model: PostHocClassifier, benchmark: Mapping[str, Any]
    ) -> TrainingFeatures:
        """The features of all training images, on every process."""
        started, dataset = time.perf_counter(), self._dataset(runner, model)
        if names := getattr(dataset, "metainfo", {}).get("classes"):
            check_classes(f"The {_ROLE}", names, benchmark)
        loader = self._loader(runner, draw(dataset, self._max_images))
        share, count = torch.tensor(list(loader.sampler)), len(loader.dataset)
        where = torch.device(self._device or next(model.parameters()).device)
        features, labels = (rows_of_all(share, rows, count).to(where) for rows in _collect(runner, model, loader))
        seconds = time.perf_counter() - started
        runner.logger.info(f"Features of {count} ID training images taken in {seconds:.1f} s.")
        layer = model.last_layer and model.last_layer.to(where)
        return TrainingFeatures(features, labels, model.num_classes, layer)

    def _dataset(self, runner: Runner, model: PostHocClassifier) -> Dataset:
        """The ID training images, with the test's pipeline where they have none."""
        config, test = self._dataloader["dataset"], runner.test_dataloader.dataset
        if steps := config.get("pipeline"):
            check_pipeline(steps, "PostHocFitHook")
        pipeline = runner.cfg.test_dataloader.dataset.get("pipeline") or ()
        dataset = build_subset({"test_mode": False, **config}, pipeline, _ROLE)
        load_subset(dataset, _ROLE)
        check_alike(dataset, _ROLE)
        settle_pixels({"the test set": test, f"the {_ROLE}": dataset}, model)
        files = files_of(dataset)
        for tested in getattr(test, "datasets", ()):
            if shared := shared_files(files_of(tested), files):
                runner.logger.warning(f"The {_ROLE} hold {shared} files that are tested, too: scores know them.")
        if min(len(dataset), self._max_images or len(dataset)) < get_world_size():
            raise DataError(f"{_ROLE}: there are fewer images than the {get_world_size()} processes.")
        return dataset

    def _loader(self, runner: Runner, dataset: Dataset) -> DataLoader:
        """The data loader, each image once, with what its config leaves out taken from the test's."""
        config = {"collate_fn": {"type": "default_collate"}, **runner.cfg.test_dataloader, **self._dataloader}
        for name in ("batch_sampler", "num_batch_per_epoch"):
            config.pop(name, None)
        # A function, because the Runner copies its whole config, and lists of a million images are large.
        config["dataset"] = {"type": lambda: dataset}
        config["sampler"] = {"type": "DefaultSampler", "shuffle": False, "round_up": False}
        return Runner.build_dataloader({**config, "drop_last": False}, seed=0)


def _collect(runner: Runner, model: PostHocClassifier, loader: DataLoader) -> tuple[Tensor, Tensor]:
    """Features (n, D) float32 and labels (n,) of this process's images, on the CPU."""
    labels: list[int] = []

    def readings() -> Iterator[Reading]:
        for batch in _with_progress(runner, loader):
            labels.extend(_label(sample) for sample in batch["data_samples"])
            yield Reading({"features": model.penultimate(model.data_preprocessor(batch, False)["inputs"]).float()})

    with inference(model), autocast(enabled=getattr(runner.test_loop, "fp16", False)):
        features = [found["features"] for found in read_behind(readings())]
    return torch.cat(features), torch.tensor(labels)


def _with_progress(runner: Runner, loader: DataLoader) -> Iterator[dict[str, Any]]:
    """The loader's batches, with a line in the log now and then."""
    spoke = time.perf_counter()
    for done, batch in enumerate(loader, start=1):
        yield batch
        if time.perf_counter() - spoke > _SECONDS_BETWEEN_LINES:
            spoke = time.perf_counter()
            runner.logger.info(f"Features of the {_ROLE}: batch {done}/{len(loader)}")


def _label(sample: DataSample) -> int:
    """The sample's label, or -1; of a file that cannot be read, the black picture is not learned from."""
    if (message := sample.get("unreadable")) is not None:
        raise DataError(f"{_ROLE}: unreadable image {message}; mend it, or take it out")
    return only_label(sample.get("gt_label"))


def _check_head(model: PostHocClassifier, benchmark: Mapping[str, Any]) -> None:
    """The head must know as many classes as the ID set, where that names any."""
    classes = benchmark.get("classes")
    if classes and len(classes) != model.num_classes:
        raise ConfigError(
            f"model.head.num_classes is {model.num_classes}, but the ID set has {len(classes)} classes: test a model "
            "on the classes that it was trained on, in the same order."
        )
