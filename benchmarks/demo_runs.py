"""Runners of the embedded demo's configs, for benchmarks that need real pictures and really mined words."""

import copy
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from paired import now

from mmneglabel.cli.config import test_config
from mmneglabel.methods import resolve


class LoopClock(Hook):
    """Seconds from before the first batch is asked for until the metrics are written: mining comes before."""

    started = seconds = 0.0

    def before_test_epoch(self, runner: Runner) -> None:
        """Start."""
        self.started = now()

    def after_test_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """Stop."""
        self.seconds = now() - self.started


def add_words(made: ArgumentParser) -> None:
    """The option that both benchmarks of the demo share."""
    made.add_argument("--words", help="to try the script out: a word list in place of WordNet's, and one OOD set alone")


def full_configs(scores: Sequence[str], words: str | None) -> dict[str, dict[str, Any]]:
    """The methods' scores, whose miners keep all of ``words``, if any, in place of WordNet's farthest."""
    rows = copy.deepcopy(resolve(scores))
    for row in rows.values():
        miner = row["bank"].get("pool", row["bank"])
        if words and miner["type"] != "LabelsOnly":
            miner.update(corpus=words, ratio=1.0)
    return rows


def demo_runner(name: str, folder: str, words: str | None, scores: Sequence[str]) -> Runner:
    """The runner of ``configs/<name>/<name>_demo.py`` with these scores.

    Args:
        name: of the config.
        folder: its work dir, which tells runners of one process apart.
        words: a word list in place of WordNet's; with it there is only one OOD set, the smallest.
        scores: the methods, in place of the config's.
    """
    command_line = {"config": f"configs/{name}/{name}_demo.py", "checkpoint": None, "launcher": "none"}
    changes = {"log_level": "ERROR", "experiment_name": folder, "model.predict_with": None}
    changes["model.scores"] = {"_delete_": True, **full_configs(scores, words)}
    config = test_config(Namespace(**command_line, work_dir=folder, amp=False, verbose=False, cfg_options=changes))
    if words:
        config.test_dataloader.dataset.ood_sets = [
            ood_set for ood_set in config.test_dataloader.dataset.ood_sets if ood_set.name == "plants"
        ]
    return Runner.from_cfg(config)
