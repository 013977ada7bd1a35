"""One file for a LabelBank: safetensors, the words as JSON in its header, a checksum over everything."""

from pathlib import Path
from typing import Any

from torch import Tensor

from mmneglabel.mining.bank import LabelBank
from mmneglabel.storage.tensor_file import TensorFile

_TENSORS = ("label_features", "negative_features", "distances", "order")
_WORDS = ("labels", "negatives", "parts_of_speech")
_FIELDS = (*_WORDS, "groups", "seed", "recipe")
_FILE = TensorFile("label bank", field="bank", version=1, tensors=_TENSORS, mend="mine it again")


def save_bank(bank: LabelBank, path: str | Path) -> None:
    """Write ``bank`` to ``path`` (``.safetensors``), all of it or nothing, whoever else writes there."""
    fields = {name: getattr(bank, name) for name in _FIELDS}
    _FILE.write(path, fields, {name: getattr(bank, name) for name in _TENSORS})


def load_bank(path: str | Path) -> LabelBank:
    """Read a bank back.

    Raises:
        DataError: the file is missing, truncated, altered, or of another format.
    """
    return _FILE.read(path, _bank)


def _bank(fields: dict[str, Any], tensors: dict[str, Tensor]) -> LabelBank:
    """The bank, its words as tuples again."""
    return LabelBank(**fields | {name: tuple(fields[name]) for name in _WORDS}, **tensors)
