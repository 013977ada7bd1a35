"""The hook that leaves the results of a test where people look for them: at the top of the work dir."""

import json
import shlex
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS
from torch.utils.data import Dataset

from mmneglabel import results
from mmneglabel.engine.checks import check_test, check_training, unwrapped
from mmneglabel.engine.loop import OODTestLoop
from mmneglabel.engine.showing import show
from mmneglabel.errors import ConfigError, DataError, flag
from mmneglabel.evaluation.ood_metric import OODMetric
from mmneglabel.evaluation.report import RUN, OODReport
from mmneglabel.features import list_images
from mmneglabel.models.scored import on_gpu
from mmneglabel.ranks import rank
from mmneglabel.scores.precision import in_tf32
from mmneglabel.storage.resources import resource
from mmneglabel.storage.strings import Strings
from mmneglabel.storage.text_files import write_atomically
from mmneglabel.visualization.page import PAGE, html_page

METRICS = "metrics.json"

_PACKAGES = ("mmneglabel", "torch", "open_clip", "mmengine", "mmpretrain")


@HOOKS.register_module()
class OODReportHook(Hook):
    """Write ``metrics.json`` (score -> set, group or "mean" -> metric, as fractions), ``results.safetensors``, a page.

    The second holds every score of every image, see docs/results.md. The page, ``report.html``, shows them, see
    docs/report.md; ``python -m mmneglabel report`` makes it later from the second.

    A model with a method ``facts() -> dict`` adds them to the first two, under the key "_run". A test in another loop
    than :class:`OODTestLoop`, and a validation, are checked here as that loop checks itself.

    Args:
        results: whether to write ``results.safetensors``, and to show what is in it where the run's visualizer has
            a backend for pictures, such as ``TensorboardVisBackend``.
        report: whether to write ``report.html``: seconds for thousands of images, a minute for hundreds of thousands.

    Raises:
        ConfigError: a page without results, of which it is made.
    """

    priority = "VERY_HIGH"

    def __init__(self, results: bool = True, report: bool = False) -> None:
        flag(self, results=results, report=report)
        if report and not results:
            raise ConfigError("OODReportHook: report=True makes the page from the results: leave results=False out.")
        self._results, self._report, self._validated = results, report, False

    def before_test(self, runner: Runner) -> None:
        """Take away what an earlier run left, lest it be taken for this one's.

        Raises:
            DataError: a folder lies where a result goes.
        """
        if not isinstance(runner.test_loop, OODTestLoop):
            check_test(runner, runner.test_dataloader.dataset, runner.test_evaluator)
        model = unwrapped(runner)
        if hasattr(model, "detailed"):
            model.detailed = self._results
        for path in (Path(runner.work_dir, name) for name in (METRICS, results.FILE, PAGE)):
            if path.is_dir():
                raise DataError(
                    f"{path} is a folder, and the results go there: move it away, or set another --work-dir"
                )
            if rank() == 0:
                path.unlink(missing_ok=True)

    def before_train(self, runner: Runner) -> None:
        """Check what training and validation must agree in."""
        check_training(runner)

    def before_val(self, runner: Runner) -> None:
        """Check the validation, where nothing is written, once."""
        if not self._validated:
            check_test(runner, runner.val_dataloader.dataset, runner.val_evaluator, validation=True)
            self._validated = True

    def after_test_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """Write what the run's OODMetric found; the first process alone."""
        model, dataset = unwrapped(runner), runner.test_dataloader.dataset
        reports = [m.report for m in runner.test_evaluator.metrics if isinstance(m, OODMetric) and m.report]
        for report in reports if rank() == 0 else ():
            run = model.facts() if hasattr(model, "facts") else None
            if run is not None and getattr(runner.test_loop, "fp16", False):
                run["autocast"] = True  # which no threshold is for
            if run is not None and on_gpu(model) and in_tf32():
                run["tf32"] = True  # nor for this
            if run is not None and report.mixtures:
                run["streams"] = report.mixtures
            found = report.metrics if run is None else {**report.metrics, RUN: run}
            write_atomically(Path(runner.work_dir, METRICS), json.dumps(found, indent=2) + "\n")
            written = METRICS
            if self._results:
                told = {"run": run or {}, "made": _made(), "paths": _paths(dataset), **_words(model, dataset)}
                images = replace(report.results(), **told)
                images.save(Path(runner.work_dir, results.FILE))
                written += f" and {results.FILE}"
            runner.logger.info(f"{written} written to {runner.work_dir}.")
            name = Path(runner.work_dir).resolve().name
            if self._results:
                show(runner.visualizer, name, OODReport(images))
            if self._report:
                write_atomically(Path(runner.work_dir, PAGE), html_page({name: images}))
                runner.logger.info(f"To look at: {Path(runner.work_dir, PAGE)}")


def _paths(dataset: Dataset) -> Strings:
    """The images' files in the benchmark's order."""
    return list_images(dataset).paths if hasattr(dataset, "set_names") else Strings.of(())


def _made() -> dict[str, Any]:
    """The command that repeats this run in one process, the date and the packages.

    No number hangs on what started it as several, and that would have to start it again.
    """
    launched = ArgumentParser(add_help=False, allow_abbrev=False)
    launched.add_argument("--launcher")
    launched.add_argument("--local_rank", "--local-rank")
    tool, *arguments = sys.argv
    ours = Path(tool).resolve().parent == resource("tools").resolve()  # MMPretrain's is called test.py, too
    started = ["python", *(["-m", "mmneglabel", Path(tool).stem] if ours else [tool])]
    command = shlex.join([*started, *launched.parse_known_args(arguments)[1]])
    date = datetime.now(timezone.utc).isoformat(timespec="seconds")
    versions = {name: sys.modules[name].__version__ for name in _PACKAGES if name in sys.modules}
    return {"command": command, "date": date, "versions": versions}


def _words(model: Any, dataset: Any) -> Mapping[str, Any]:
    """What positions in ``shares`` mean and where the words lie, if the model tells; the classes at least."""
    if hasattr(model, "share_words"):
        return {**model.share_words(), "words": model.word_facts()}
    names = getattr(model, "class_names", None) or getattr(dataset, "metainfo", {}).get("classes")
    return {"class_names": tuple(names or ())}
