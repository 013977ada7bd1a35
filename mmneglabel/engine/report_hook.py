"""The hook that leaves the results of a test where people look for them: at the top of the work dir."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS

from mmneglabel.datasets.pixels import check_pipelines
from mmneglabel.engine.ranks import check_same_work
from mmneglabel.engine.runner_model import unwrapped
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.evaluation import OODMetric
from mmneglabel.evaluation.id_images import keep_to_id_images
from mmneglabel.evaluation.report import RUN
from mmneglabel.models import PostHocClassifier
from mmneglabel.storage.text_files import write_atomically

METRICS, SCORES = "metrics.json", "scores.npz"


@HOOKS.register_module()
class OODReportHook(Hook):
    """Write ``metrics.json`` (score -> set, group or "mean" -> metric, as fractions) and, on request, ``scores.npz``.

    A model with a method ``facts() -> dict`` adds them under the key "_run". Before anything is mined or scored, the
    processes are compared, and other metrics beside OODMetric are kept to the ID images.

    Args:
        save_scores: whether to keep every image's scores, set and labels, for plots and thresholds.
    """

    priority = "VERY_HIGH"

    def __init__(self, save_scores: bool = False) -> None:
        self.save_scores = save_scores
        self._validated = False

    def before_test(self, runner: Runner) -> None:
        """Check what must hold, and take away what an earlier run left, lest it be taken for this one's.

        Raises:
            ConfigError: a score has the name that stands for the run's facts.
            DataError: a folder lies where a result goes.
        """
        if RUN in getattr(unwrapped(runner), "scores", ()):
            raise ConfigError(f"A score is called {RUN!r}, which stands for the run in {METRICS}: rename it.")
        keep_to_id_images(runner.test_evaluator)
        if isinstance(model := unwrapped(runner), PostHocClassifier):
            check_pipelines({"the test set": runner.test_dataloader.dataset}, model.data_preprocessor)
        check_same_work(runner, runner.test_dataloader.dataset)
        for path in (Path(runner.work_dir, name) for name in (METRICS, SCORES)):
            if path.is_dir():
                raise DataError(
                    f"{path} is a folder, and the results go there: move it away, or set another --work-dir"
                )
            if is_main_process():
                path.unlink(missing_ok=True)

    def before_train(self, runner: Runner) -> None:
        """Check that training and validation see one kind of pixels."""
        if isinstance(model := unwrapped(runner), PostHocClassifier) and runner.val_loop is not None:
            sets = {"the training set": runner.train_dataloader, "the validation set": runner.val_dataloader}
            check_pipelines({name: loader.dataset for name, loader in sets.items()}, model.data_preprocessor)

    def before_val(self, runner: Runner) -> None:
        """The same of a validation, where nothing is written, once."""
        if not self._validated:
            keep_to_id_images(runner.val_evaluator)
            check_same_work(runner, runner.val_dataloader.dataset, weights=False)
            self._validated = True

    def after_test_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """Write what the run's OODMetric found; the first process alone."""
        if not is_main_process():
            return
        for metric in runner.test_evaluator.metrics:
            if isinstance(metric, OODMetric) and metric.report is not None:
                found: dict[str, Any] = metric.report.to_json()
                if hasattr(model := unwrapped(runner), "facts"):
                    found = {**found, RUN: model.facts()}
                _write(runner, METRICS, json.dumps(found, indent=2) + "\n")
                if self.save_scores:
                    packed = BytesIO()
                    np.savez_compressed(packed, **metric.report.arrays())
                    _write(runner, SCORES, packed.getvalue())


def _write(runner: Runner, name: str, content: str | bytes) -> None:
    path = Path(runner.work_dir, name)
    write_atomically(path, content)
    runner.logger.info(f"{name.partition('.')[0].capitalize()} written to {path}.")
