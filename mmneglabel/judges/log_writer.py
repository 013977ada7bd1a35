"""Writing the decision log: one line a decision, on disk at once, by one process at a time."""

import logging
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from mmneglabel.errors import DataError
from mmneglabel.judges.decision_log import Decision, Log, parse_log

try:
    import fcntl
except ImportError:  # Windows has no such lock
    fcntl = None

_LOG = logging.getLogger(__name__)


class LogWriter:
    """A log held open for one process: a context manager. A killed process leaves no lock behind.

    Args:
        path: the file; it and its folder are made if need be.

    Raises:
        DataError: on entering: another process writes the log, it cannot be written, or it is damaged.
    """

    log: Log
    """What the file held when it was locked."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> "LogWriter":
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = self._path.open("a+b")
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            self._lock()
            self.log = self._mended()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # a full disk was reported by `append`
            self._file.close()

    def append(self, decision: Decision) -> None:
        """Write one line and hand it to the system, so that it survives a kill of this process.

        Raises:
            DataError: the disk is full, or the like.
        """
        self._write(decision.line())

    def _lock(self) -> None:
        """A lock of the system's, which ends with the process however it ends."""
        try:
            if fcntl:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataError(
                f"decision log {self._path} is being written by another process: wait for that to end, "
                "or give this run a log of its own"
            ) from error
        except OSError as error:  # some network file systems have no locks
            _LOG.warning("%s cannot be locked (%s): see that no other run writes it.", self._path, error.strerror)

    def _mended(self) -> Log:
        """Read the log; cut off a torn last line, and end a whole one that lacks its line end."""
        self._file.seek(0)
        data = self._file.read()
        log = parse_log(data, self._path)
        if not log.appendable:
            raise DataError(
                f"decision log {self._path} has the form of NegRefine's authors, which is only replayed: "
                "name another `log` for the model's answers, or leave out `model`"
            )
        if log.whole < len(data):
            self._file.truncate(log.whole)
        if log.whole and data[log.whole - 1 : log.whole] != b"\n":
            self._write(b"\n")
        return log

    def _write(self, data: bytes) -> None:
        try:
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> DataError:
        return DataError(
            f"decision log {self._path} cannot be written ({error.strerror}): make room for it, or name another `log`"
        )
