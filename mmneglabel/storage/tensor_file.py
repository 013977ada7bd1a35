"""One safetensors file of tensors and readable fields: written whole or not at all, a checksum over everything."""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mmneglabel.errors import DataError

T = TypeVar("T")
_DAY = 24 * 60 * 60


@dataclass(frozen=True)
class TensorFile:
    """A kind of file.

    Attributes:
        kind: what errors call it, such as "label bank".
        field: the name of the readable part in the header.
        version: of the format; others are refused.
        tensors: the names of its tensors.
        mend: what to do about a file that cannot be used, such as "mine it again".
    """

    kind: str
    field: str
    version: int
    tensors: tuple[str, ...]
    mend: str

    def write(self, path: str | Path, fields: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        """Write to ``path``, all of it or nothing, whoever else writes there; makes the folder."""
        path = Path(path).expanduser()
        path.parent.mkdir(parents=True, exist_ok=True)
        tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
        # One metadata key: safetensors keeps several in no certain order, and equal contents should be equal files.
        header = {"format": self.version, "sha256": checksum(fields, tensors), self.field: fields}
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        try:
            save_file(tensors, temporary, metadata={"mmneglabel": json.dumps(header, sort_keys=True)})
            Path(temporary).chmod(0o666 & ~_umask())  # mkstemp makes it private, but these files are for sharing
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)

    def read(self, path: str | Path, build: Callable[[dict[str, Any], dict[str, Tensor]], T]) -> T:
        """What ``build`` makes of the fields and the tensors.

        Raises:
            DataError: the file is missing, truncated, altered, of another format, or ``build`` cannot use it.
        """
        try:
            with safe_open(Path(path).expanduser(), framework="pt") as file:
                header = json.loads((file.metadata() or {}).get("mmneglabel", "{}"))
                tensors = {name: file.get_tensor(name) for name in self.tensors}
            if header["format"] != self.version:
                raise DataError(f"{str(path)!r} was saved by another version of the {self.field} format: {self.mend}.")
            if header["sha256"] != checksum(header[self.field], tensors):
                raise DataError(f"{str(path)!r} was altered since it was saved: {self.mend}.")
            return build(header[self.field], tensors)
        except OSError as error:
            raise DataError(f"No readable {self.kind} at {str(path)!r} ({error}).") from error
        except (SafetensorError, AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise DataError(f"{str(path)!r} is no {self.kind} ({type(error).__name__}: {error}).") from error


def checksum(fields: dict[str, Any], tensors: dict[str, Tensor]) -> str:
    """SHA-256 over the readable part and every tensor."""
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()


def sweep(folder: Path) -> None:
    """Remove what a killed writer left behind; no writing takes a day."""
    for left in folder.glob(".*.safetensors.*"):
        with suppress(OSError):  # another writer may have finished, or swept, in between
            if time.time() - left.stat().st_mtime > _DAY:
                left.unlink()


def _umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
