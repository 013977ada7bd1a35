"""One file for a LabelBank: safetensors, the words as JSON in its header, a checksum over everything."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mmneglabel.errors import DataError
from mmneglabel.mining.bank import LabelBank

FORMAT = 1
_TENSORS = ("label_features", "negative_features", "distances", "order")
_WORDS = ("labels", "negatives", "parts_of_speech")
_FIELDS = (*_WORDS, "groups", "seed", "recipe")


def save_bank(bank: LabelBank, path: str | Path) -> None:
    """Write ``bank`` to ``path`` (``.safetensors``), all of it or nothing, whoever else writes there."""
    path = Path(path).expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: getattr(bank, name).contiguous() for name in _TENSORS}
    fields = {name: getattr(bank, name) for name in _FIELDS}
    # One metadata key: safetensors keeps several in no certain order, and equal banks should be equal files.
    header = json.dumps({"format": FORMAT, "sha256": _checksum(fields, tensors), "bank": fields}, sort_keys=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        save_file(tensors, temporary, metadata={"mmneglabel": header})
        Path(temporary).chmod(0o666 & ~_umask())  # mkstemp makes it private, but banks are for sharing
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def load_bank(path: str | Path) -> LabelBank:
    """Read a bank back.

    Raises:
        DataError: the file is missing, truncated, altered, or of another format.
    """
    try:
        with safe_open(Path(path).expanduser(), framework="pt") as file:
            header = json.loads((file.metadata() or {}).get("mmneglabel", "{}"))
            tensors = {name: file.get_tensor(name) for name in _TENSORS}
        if header["format"] != FORMAT:
            raise DataError(f"{str(path)!r} was saved by another version of the bank format: mine it again.")
        if header["sha256"] != _checksum(header["bank"], tensors):
            raise DataError(f"{str(path)!r} was altered since it was saved: mine it again.")
        fields = header["bank"] | {name: tuple(header["bank"][name]) for name in _WORDS}
        return LabelBank(**fields, **tensors)
    except OSError as error:
        raise DataError(f"No readable label bank at {str(path)!r} ({error}).") from error
    except (SafetensorError, AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise DataError(f"{str(path)!r} is no label bank ({type(error).__name__}: {error}).") from error


def _checksum(fields: dict[str, Any], tensors: dict[str, Tensor]) -> str:
    """SHA-256 over the readable part and every tensor."""
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.contiguous().numpy())
    return digest.hexdigest()


def _umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
