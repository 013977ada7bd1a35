"""A folder of banks, each under its fingerprint; a file there is trusted only if it proves to be the one asked for."""

import logging
import os
import tempfile
from pathlib import Path

from safetensors import SafetensorError

from mmneglabel.errors import DataError
from mmneglabel.mining.bank import LabelBank
from mmneglabel.mining.bank_file import load_bank, save_bank
from mmneglabel.storage.tensor_file import sweep

_LOG = logging.getLogger(__name__)


def default_cache_dir() -> Path:
    """``$MMNEGLABEL_CACHE``, or ``mmneglabel`` in the user's cache folder."""
    if folder := os.environ.get("MMNEGLABEL_CACHE"):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "mmneglabel"


def _expanded(folder: Path) -> Path:
    """``~`` resolved; a user without a home, as in some containers, gets a temporary folder."""
    try:
        return folder.expanduser()
    except RuntimeError:
        return Path(tempfile.gettempdir()) / "mmneglabel"


class BankCache:
    """Banks by fingerprint. Nothing that is wrong with the folder stops a run: it is said, and the bank mined anew.

    Args:
        folder: where the files lie; None is :func:`default_cache_dir`.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = _expanded(Path(folder) if folder else default_cache_dir())

    def path(self, fingerprint: str) -> Path:
        """The file that holds, or will hold, the bank of this fingerprint."""
        return self.folder / f"{fingerprint[:32]}.safetensors"

    def load(self, fingerprint: str) -> LabelBank | None:
        """The bank, or None if it is not there, is damaged, or is another one under this name."""
        path = self.path(fingerprint)
        try:
            bank = load_bank(path)
        except DataError as error:
            if not isinstance(error.__cause__, FileNotFoundError):
                _LOG.warning("%s Mining it again.", error)
            return None
        if bank.fingerprint != fingerprint:
            _LOG.warning("%s holds another bank than its name says. Mining it again.", path)
            return None
        return bank

    def save(self, bank: LabelBank) -> Path | None:
        """Keep ``bank``; where the folder cannot be written, say so and return None."""
        path = self.path(bank.fingerprint)
        try:
            save_bank(bank, path)
        except (OSError, SafetensorError) as error:  # a full disk is the latter
            _LOG.warning("The label bank could not be cached (%s): the next run mines again.", error)
            return None
        sweep(self.folder)
        return path
