"""Checkpoints that are written whole or not at all, that PyTorch's safe loader reads back, or one line says why not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend, register_backend
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS

from mmneglabel.errors import NegLabelError, WeightsError
from mmneglabel.storage.text_files import write_atomically


class AtomicBackend(LocalBackend):
    """Local files that a kill or a full disk cannot leave half written: ``CheckpointHook(backend_args=...)``."""

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write ``obj`` under a temporary name and rename it."""
        write_atomically(Path(filepath), obj)


register_backend("atomic", AtomicBackend)


@HOOKS.register_module()
class PlainCheckpointHook(Hook):
    """Keep checkpoints to tensors and plain values.

    From 2.6 on PyTorch's loader refuses anything else, and MMEngine up to 0.10.7 saves the log's running averages as
    objects of its own, so that it cannot resume what it saved. They are left out: nothing but the first averages in
    the log after a resume depends on them. To go when an MMEngine that loads its own checkpoints is out.
    """

    def before_train(self, runner: Runner) -> None:
        """Take away what a save that was killed left behind."""
        if is_main_process():
            for part in Path(runner.work_dir).glob(".*.pth.*.part"):
                part.unlink(missing_ok=True)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Take out what is neither tensor nor plain."""
        hub = checkpoint["message_hub"]
        kept = {name: _plain(value) for name, value in hub["runtime_info"].items()}
        checkpoint["message_hub"] = {**hub, "log_scalars": {}, "runtime_info": kept}


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays as Python's."""
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


@contextmanager
def naming_the_checkpoint(path: str | None) -> Iterator[None]:
    """Whatever a checkpoint makes the loader raise becomes one line.

    Raises:
        WeightsError: there is no such file, or it is damaged or foreign.
    """
    try:
        yield
    except NegLabelError:
        raise
    except FileNotFoundError as error:
        raise WeightsError(f"There is no checkpoint {path}: give load_from another.") from error
    except Exception as error:  # whatever a damaged file makes the unpickler raise
        raise WeightsError(
            f"The checkpoint {path!r} cannot be read ({type(error).__name__}: {error}): it is damaged, or holds more "
            "than tensors and plain values; give one saved by our tools, or a plain state dict."
        ) from error
