"""The Runner of our tools and the checkpoint that it begins with or goes on from: one line where it cannot be read."""

import os
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from mmengine.config import ConfigDict
from mmengine.logging import MMLogger
from mmengine.runner import Runner
from mmengine.visualization import Visualizer
from torch import nn

from mmneglabel.cli.console import keep_to_the_point, log_ours_to
from mmneglabel.engine.checkpoints import naming_the_checkpoint
from mmneglabel.errors import WeightsError, class_name
from mmneglabel.settings import settings


class ToolRunner(Runner):
    """MMEngine's Runner, that prints no dumps and says in one line which checkpoint it cannot load.

    With ``verbose = True`` in its config it prints all that MMEngine does.
    """

    _begun: ClassVar[Counter[str]] = Counter()

    def setup_env(self, env_cfg: dict) -> None:
        """The environment, and a timestamp that no earlier run of this process has.

        MMEngine keeps loggers, message hubs and visualizers by a name that ends with it, to the second: the second of
        two short runs would write into the log of the first.
        """
        super().setup_env(env_cfg)
        self._begun[self._timestamp] += 1
        if (nth := self._begun[self._timestamp]) > 1:
            self._timestamp += f"_{nth}"

    def dump_config(self) -> None:
        """Write the config into the work dir, unless it was read from that very file: it would be laid out anew."""
        path = Path(self.cfg.filename or "")
        if path.resolve() != Path(self.work_dir, path.name).resolve():
            super().dump_config()

    def build_logger(self, *args: Any, **kwargs: Any) -> MMLogger:
        """The logger, before anything is logged."""
        logger = super().build_logger(*args, **kwargs)
        if not self.cfg.get("verbose"):
            keep_to_the_point(logger)
        log_ours_to(logger)
        logger.info(f"Log: {os.path.relpath(logger.log_file)}")
        return logger

    def build_model(self, model: nn.Module | dict) -> nn.Module:
        """The model, and a word on it."""
        model = super().build_model(model)
        parts = [type(part).__name__ for part in (model, getattr(model, "backbone", None)) if part is not None]
        size = sum(weights.numel() for weights in model.parameters())
        self.logger.info(f"Model: {' of '.join(parts)}, {size:,} weights.")
        return model

    def build_visualizer(self, visualizer: Visualizer | dict | None = None) -> Visualizer:
        """The config's or, where it names none, MMPretrain's if there is something to draw, else one without a figure.

        The figure alone would import matplotlib, which takes half a second.
        """
        if visualizer is None:
            draws = any(
                (class_name(value) or "").endswith("VisualizationHook") for _, value in settings("", dict(self.cfg))
            )
            local = ConfigDict(
                name=self._experiment_name, save_dir=self._log_dir, vis_backends=[{"type": "LocalVisBackend"}]
            )
            if not draws:
                return _Figureless.get_instance(**local)
            visualizer = ConfigDict(local, type="UniversalVisualizer")
        return super().build_visualizer(visualizer)

    def load_or_resume(self) -> None:
        """Load ``load_from``, once; when the hooks are ready for it: EMAHook takes its weights from the same file."""
        with naming_the_checkpoint(self._load_from):
            super().load_or_resume()


class _Figureless(Visualizer):
    """Writes the config and numbers into ``vis_data``, and cannot draw."""

    def _initialize_fig(self, fig_cfg: dict) -> tuple:
        return None, SimpleNamespace(get_dpi=lambda: None), None


def read_meta(path: str, work_dir: str) -> dict[str, Any]:
    """What a checkpoint says of the run that saved it, such as ``seed`` and ``epoch``.

    MMEngine would read the file after everything else was built, and say less.

    Raises:
        WeightsError: it is missing, damaged, or not of a training; names the last one beside it.
    """
    if not Path(path).is_file():
        named = path or "(last_checkpoint is empty: the run was stopped while it was written)"
        raise WeightsError(f"There is no checkpoint {named} to go on from. {_others(work_dir, path)}")
    try:
        with naming_the_checkpoint(path):
            checkpoint = torch.load(path, map_location="meta", weights_only=True)
    except WeightsError as error:
        raise WeightsError(f"{error} {_others(work_dir, path)}") from error
    if not isinstance(checkpoint, dict) or not {"meta", "optimizer"} <= checkpoint.keys():
        raise WeightsError(f"{path} holds weights and no state of a training: set load_from to begin with them.")
    return checkpoint["meta"]


def _others(work_dir: str, path: str = "") -> str:
    """The youngest of the other checkpoints in the work dir, and beside the one that is of no use."""
    folders = {Path(work_dir), Path(path or work_dir).parent if path else Path(work_dir)}
    found = {file for folder in folders for file in folder.glob("epoch_*.pth") if file != Path(path)}
    youngest = max(found, key=lambda file: file.stat().st_mtime, default=None)
    return f"The last one beside it: --resume {youngest}" if youngest else "There is no other one beside it."
