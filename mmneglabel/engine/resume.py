"""The checkpoint that a run begins with or goes on from: finding it, and one line where it cannot be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from mmengine.runner import Runner

from mmneglabel.errors import NegLabelError, WeightsError

LAST = "last_checkpoint"
"""MMEngine's file in the work dir that names the last checkpoint."""


class CheckpointRunner(Runner):
    """MMEngine's Runner, that says in one line which checkpoint it cannot load.

    It loads when the hooks are ready for it: EMAHook takes its weights from the same file.
    """

    def load_or_resume(self) -> None:
        """Load ``load_from``, once."""
        with naming_the_checkpoint(self._load_from):
            super().load_or_resume()


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
        raise unreadable_checkpoint(path, error) from error


def last_checkpoint(work_dir: str) -> str | None:
    """The checkpoint that ``work_dir`` names as its last; None where there is none to go on from.

    Raises:
        WeightsError: the file that names it is empty.
    """
    path = Path(work_dir, LAST)
    if not path.is_file():
        return None
    if not (named := path.read_text().strip()):
        raise WeightsError(f"{path} is empty: the run was stopped while it was written. {_others(work_dir)}")
    return named


def read_meta(path: str, work_dir: str) -> dict[str, Any]:
    """What a checkpoint says of the run that saved it, such as ``seed`` and ``epoch``.

    MMEngine would read the file after everything else was built, and say less.

    Raises:
        WeightsError: it is missing, damaged, or not of a training; names the last one beside it.
    """
    try:
        checkpoint = torch.load(path, map_location="meta", weights_only=True)
    except FileNotFoundError as error:
        raise WeightsError(f"There is no checkpoint {path} to go on from. {_others(work_dir, path)}") from error
    except Exception as error:  # whatever a damaged file makes the unpickler raise
        raise WeightsError(f"{unreadable_checkpoint(path, error)} {_others(work_dir, path)}") from error
    if not isinstance(checkpoint, dict) or not {"meta", "optimizer"} <= checkpoint.keys():
        raise WeightsError(f"{path} holds weights and no state of a training: set load_from to begin with them.")
    return checkpoint["meta"]


def unreadable_checkpoint(path: str, error: Exception) -> WeightsError:
    """What to say of a checkpoint that the loader refuses."""
    return WeightsError(
        f"The checkpoint {path!r} cannot be read ({type(error).__name__}: {error}): it is damaged, or holds more than "
        "tensors and plain values; give one saved by our tools, or a plain state dict."
    )


def _others(work_dir: str, path: str = "") -> str:
    """The youngest of the other checkpoints in the work dir, and beside the one that is of no use."""
    folders = {Path(work_dir), Path(path or work_dir).parent if path else Path(work_dir)}
    found = {file for folder in folders for file in folder.glob("epoch_*.pth") if file != Path(path)}
    youngest = max(found, key=lambda file: file.stat().st_mtime, default=None)
    return f"The last one beside it: --resume {youngest}" if youngest else "There is no other one beside it."
