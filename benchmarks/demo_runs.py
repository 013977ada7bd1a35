"""Runners of the embedded demo's configs, for benchmarks that need real pictures and really mined words."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from paired import now

from mmneglabel.engine.testing import test_config


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


def demo_runner(name: str, folder: str, words: str | None, scores: Mapping[str, Any]) -> Runner:
    """The runner of ``configs/<name>/<name>_demo.py`` with these scores.

    Args:
        name: of the config.
        folder: its work dir, which tells runners of one process apart.
        words: a word list in place of WordNet's; with it there is only one OOD set, the smallest.
        scores: in place of the config's.
    """
    command_line = {"config": f"configs/{name}/{name}_demo.py", "checkpoint": None, "launcher": "none"}
    changes = {"log_level": "ERROR", "experiment_name": folder, "model.scores": {"_delete_": True, **scores}}
    config = test_config(Namespace(**command_line, work_dir=folder, amp=False, cfg_options=changes))
    for bank in config.custom_hooks[0].banks.values():
        miner = bank.get("pool", bank)
        if words and "path" not in miner and miner.type != "LabelsOnly":
            miner.update(corpus=words, ratio=1.0)
    if words:
        config.test_dataloader.dataset.ood_sets = [
            ood_set for ood_set in config.test_dataloader.dataset.ood_sets if ood_set.name == "plants"
        ]
    return Runner.from_cfg(config)
