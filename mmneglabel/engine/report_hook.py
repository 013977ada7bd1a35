"""The hook that leaves the results of a test where people look for them: at the top of the work dir."""

import json
from pathlib import Path

import numpy as np
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS

from mmneglabel.corpus.text_files import write_atomically
from mmneglabel.evaluation import OODMetric


@HOOKS.register_module()
class OODReportHook(Hook):
    """Write ``metrics.json`` (score -> set, group or "mean" -> metric, as fractions) and, on request, ``scores.npz``.

    Args:
        save_scores: whether to keep every image's scores, set and labels, for plots and thresholds.
    """

    priority = "LOW"

    def __init__(self, save_scores: bool = False) -> None:
        self.save_scores = save_scores

    def before_test(self, runner: Runner) -> None:
        """Take away what an earlier run left, lest it be taken for this one's if this one fails."""
        if is_main_process():
            for name in ("metrics.json", "scores.npz"):
                Path(runner.work_dir, name).unlink(missing_ok=True)

    def after_test_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """Write what the run's OODMetric found; the first process alone."""
        if not is_main_process():
            return
        folder = Path(runner.work_dir)
        for metric in runner.test_evaluator.metrics:
            if isinstance(metric, OODMetric) and metric.report is not None:
                write_atomically(folder / "metrics.json", json.dumps(metric.report.to_json(), indent=2) + "\n")
                runner.logger.info(f"Metrics written to {folder / 'metrics.json'}.")
                if self.save_scores:
                    np.savez_compressed(folder / "scores.npz", **metric.report.arrays())
                    runner.logger.info(f"Scores written to {folder / 'scores.npz'}.")
