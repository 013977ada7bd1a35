"""Pair features kept beside the banks, so that multi-matching encodes no text that an earlier run has encoded."""

import logging
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor

from mmneglabel.errors import DataError
from mmneglabel.mining import BankCache
from mmneglabel.models.pair_features import PairFeatures
from mmneglabel.storage.tensor_file import TensorFile, sweep

_LOG = logging.getLogger(__name__)
_FILE = TensorFile("file of pair features", "pairs", 1, ("pairs", "features"), mend="the next test makes it anew")


class PairCache:
    """A file a bank, under the bank's fingerprint. Nothing that is wrong with the folder stops a run: it is said.

    Args:
        folder: that of the bank cache; the files lie in its ``pairs``.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = BankCache(folder).folder / "pairs"

    def path(self, pairs: PairFeatures) -> Path:
        """The file that holds, or will hold, the pairs of this bank."""
        return self.folder / f"{pairs.bank.fingerprint[:32]}.safetensors"

    def restore(self, pairs: PairFeatures) -> None:
        """Give ``pairs`` what an earlier run kept for the same bank, if anything."""

        def build(fields: dict[str, Any], tensors: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
            codes, features = tensors["pairs"], tensors["features"]
            expected = (len(codes), pairs.bank.label_features.shape[1])
            if fields["bank"] != pairs.bank.fingerprint or features.shape != expected:
                raise ValueError("it belongs to another bank")
            return codes, features

        try:
            codes, features = _FILE.read(self.path(pairs), build)
            pairs.restore(codes.tolist(), features)
        except DataError as error:
            if not isinstance(error.__cause__, FileNotFoundError):
                _LOG.warning("%s Encoding its pairs again.", error)

    def keep(self, pairs: PairFeatures) -> None:
        """Write what ``pairs`` holds, the longest unused first."""
        codes, features = pairs.kept()
        try:
            _FILE.write(
                self.path(pairs), {"bank": pairs.bank.fingerprint}, {"pairs": torch.tensor(codes), "features": features}
            )
        except (OSError, SafetensorError) as error:
            _LOG.warning("Pair features could not be kept (%s): the next run encodes them again.", error)
        else:
            sweep(self.folder)
