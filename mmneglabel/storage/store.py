"""Dataclasses on the disk: one safetensors file each, and a folder of them by fingerprint.

A file is written whole or not at all, holds tensors and readable fields and a checksum over both, and is never a
pickle. A folder is a cache: what it gives is what was asked for, or nothing.
"""

import hashlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mmneglabel.errors import DataError
from mmneglabel.storage.text_files import written_whole

T = TypeVar("T")
_DAY = 24 * 60 * 60
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class FileKind(Generic[T]):
    """How a dataclass lies in a file: its tensors as tensors, all other fields as JSON, tuples as lists.

    Attributes:
        of: the dataclass.
        name: what errors call it, such as "label bank".
        version: of the format; others are refused.
        mend: what to do about a file that cannot be used, such as "mine it again".
    """

    of: type[T]
    name: str
    version: int
    mend: str

    def write(self, thing: T, path: str | Path) -> None:
        """Write to ``path``, all of it or nothing, whoever else writes there; makes the folder."""
        plain, tensors = _parts(thing)
        # One metadata key: safetensors keeps several in no certain order, and equal contents should be equal files.
        header = {"kind": self.name, "version": self.version, "sha256": checksum(plain, tensors), "fields": plain}
        with written_whole(Path(path).expanduser()) as part:
            save_file(tensors, part, metadata={"mmneglabel": json.dumps(header, sort_keys=True)})

    def checksum(self, thing: T) -> str:
        """SHA-256 of all that is in it."""
        return checksum(*_parts(thing))

    def read(self, path: str | Path) -> T:
        """What was written.

        Raises:
            DataError: the file is missing, truncated, altered, of another kind or version.
        """
        try:
            with safe_open(Path(path).expanduser(), framework="pt") as file:
                header = json.loads((file.metadata() or {}).get("mmneglabel", "{}"))
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            if "format" in header or header["version"] != self.version:  # the former: before there were kinds
                raise DataError(f"{str(path)!r} was saved by another version of mmneglabel: {self.mend}.")
            if header["kind"] != self.name or header["sha256"] != checksum(header["fields"], tensors):
                raise DataError(f"{str(path)!r} is no {self.name}, or was altered since it was saved: {self.mend}.")
            # JSON has no tuples. Which fields were some is told by the annotation's text, which holds for
            # `tuple[...] | None` too; what lies inside a tuple stays as JSON has it, a list.
            tuples = {field.name for field in fields(self.of) if "tuple" in str(field.type)}
            plain = {k: tuple(v) if k in tuples and v is not None else v for k, v in header["fields"].items()}
            return self.of(**plain, **tensors)
        except OSError as error:
            raise DataError(f"No readable {self.name} at {str(path)!r} ({error}).") from error
        except (SafetensorError, AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise DataError(f"{str(path)!r} is no {self.name} ({type(error).__name__}: {error}).") from error


def _parts(thing: Any) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """A dataclass's readable fields, and its tensors."""
    values = {field.name: getattr(thing, field.name) for field in fields(thing)}
    tensors = {name: value.contiguous() for name, value in values.items() if isinstance(value, Tensor)}
    return {name: value for name, value in values.items() if name not in tensors}, tensors


class Store(Generic[T]):
    """A cache of dataclasses that have a ``fingerprint``; nothing that is wrong with it stops a run: it is said.

    Args:
        kind: of the files.
        folder: where all caches lie; None is :func:`cache_folder`.
        room: the folder below it for files of this kind.
    """

    def __init__(self, kind: FileKind[T], folder: str | Path | None = None, room: str = "") -> None:
        self._kind, self.folder = kind, cache_folder(folder) / room

    def path(self, fingerprint: str) -> Path:
        """The file that holds, or will hold, what has this fingerprint."""
        return self.folder / f"{fingerprint[:32]}.safetensors"

    def load(self, fingerprint: str) -> T | None:
        """What was kept, or None if it is not there, is damaged, or is another thing under this name."""
        path = self.path(fingerprint)
        try:
            thing = self._kind.read(path)
        except DataError as error:
            if not isinstance(error.__cause__, FileNotFoundError):
                _LOG.warning("%s It is not used.", error)
            return None
        if thing.fingerprint == fingerprint:
            return thing
        _LOG.warning("%s holds another %s than its name says. It is not used.", path, self._kind.name)
        return None

    def save(self, thing: T) -> Path | None:
        """Keep a thing under its fingerprint; where the folder cannot be written, say so and return None."""
        path = self.path(thing.fingerprint)
        try:
            self._kind.write(thing, path)
        except (DataError, SafetensorError) as error:  # a full disk is the latter
            why = error.__cause__ or error
            _LOG.warning("The %s could not be kept (%s): make room, or set $MMNEGLABEL_CACHE.", self._kind.name, why)
            return None
        self._sweep()
        return path

    def _sweep(self) -> None:
        """Remove what a killed writer left behind; no writing takes a day."""
        for left in self.folder.glob(".*.safetensors.*"):
            with suppress(OSError):  # another writer may have finished, or swept, in between
                if time.time() - left.stat().st_mtime > _DAY:
                    left.unlink()


def cache_folder(folder: str | Path | None = None) -> Path:
    """``folder``, ``$MMNEGLABEL_CACHE``, or ``mmneglabel`` in the user's cache folder, with ``~`` filled in."""
    folder = folder or os.environ.get("MMNEGLABEL_CACHE")
    folder = Path(folder) if folder else Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "mmneglabel"
    try:
        return folder.expanduser()
    except RuntimeError:  # a user without a home, as in some containers
        return Path(tempfile.gettempdir()) / "mmneglabel"


def checksum(plain: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 over readable fields and every tensor."""
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()
