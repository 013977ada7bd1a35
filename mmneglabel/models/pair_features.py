"""Text features of label pairs, encoded while images pass and kept for the next that ask."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from mmneglabel.backbones import VisionLanguageBackbone, encode_words
from mmneglabel.corpus import Prompts
from mmneglabel.errors import ConfigError
from mmneglabel.mining import LabelBank
from mmneglabel.storage.fingerprints import fingerprint
from mmneglabel.storage.store import FileKind


@dataclass(frozen=True, eq=False)
class KeptPairs:
    """What multi-matching has encoded of a bank's pairs, the longest unused first.

    Attributes:
        fingerprint: of what decides the features; see :attr:`PairFeatures.fingerprint`.
        pairs: (P,) each ``label * M + negative``, in mined order.
        features: (P, D), unit norm, on the CPU.
    """

    fingerprint: str
    pairs: Tensor
    features: Tensor


PAIRS_FILE = FileKind(KeptPairs, "file of pair features", version=2, mend="the next test makes it anew")


class PairFeatures:
    """Features of the texts "label and negative" of a bank, in its noun templates, the last ones used kept.

    Args:
        backbone: the towers; each process encodes the pairs of its own images.
        bank: the labels and negatives.
        memory_mb: bound of what is kept, in MiB on the device of the towers; what has not been asked for longest
            makes room. 256 MiB hold 131,072 pairs of a 512-dimensional tower; up to half more is taken
            while the table grows.
    """

    def __init__(self, backbone: VisionLanguageBackbone, bank: LabelBank, memory_mb: float = 256) -> None:
        self.bank, self._backbone = bank, backbone
        self._templates = Prompts(**bank.recipe["prompts"]).noun
        self._room = int(memory_mb * 2**20 / (4 * backbone.embed_dim))
        if self._room < 1:
            raise ConfigError(f"pair_memory_mb={memory_mb} does not hold one pair of features: raise it, say to 256.")
        # A table on the towers' device; a row that is free is of no pair, and unused for longest.
        self._pairs, self._used = torch.empty(2, 0, dtype=torch.long)
        self._kept = torch.empty(0, backbone.embed_dim)
        self._count = self._asked = self.encoded = 0

    def __len__(self) -> int:
        return self._count

    @property
    def fingerprint(self) -> str:
        """Of the words themselves, their order and templates, and of the text tower, wherever the bank is from."""
        words = [self.bank.labels, self.bank.negatives]
        return fingerprint([self.bank.recipe["text_tower"], self._templates, *words])

    def __call__(self, labels: Tensor, negatives: Tensor) -> Tensor:
        """Unit-norm features (P, D) of P distinct pairs on the towers' device, from numbers (P,) in mined order."""
        self._grow(1)
        pairs = labels * len(self.bank.negatives) + negatives
        rows = self._rows[torch.searchsorted(self._sorted, pairs).clamp(max=len(self._rows) - 1)]
        unknown = self._pairs[rows] != pairs
        self._used.scatter_reduce_(0, rows, self._now(len(pairs)).masked_fill(unknown, 0), "amax")
        features = self._kept[rows]
        if len(new := unknown.nonzero()[:, 0]):  # the only wait for a GPU
            features[new] = self._encode(pairs[new].tolist())
            self._keep(pairs[new], features[new])
        return features

    def kept(self) -> KeptPairs:
        """What is kept."""
        rows = self._used.argsort()[len(self._used) - len(self) :]
        return KeptPairs(self.fingerprint, self._pairs[rows].cpu(), self._kept[rows].cpu())

    def restore(self, kept: KeptPairs | None) -> None:
        """Keep what an earlier run kept of the same bank, if anything, as far as there is room."""
        if kept is not None and kept.features.shape[1:] == self._kept.shape[1:]:
            new = torch.isin(kept.pairs, self._pairs.cpu(), invert=True)
            self._keep(*(part[new].to(self._backbone.device) for part in (kept.pairs, kept.features)))

    def _encode(self, pairs: list[int]) -> Tensor:
        """Features (P, D) of pairs not kept."""
        self.encoded += len(pairs)
        count = len(self.bank.negatives)
        texts = [f"{self.bank.labels[pair // count]} and {self.bank.negatives[pair % count]}" for pair in pairs]
        return encode_words(self._backbone, texts, self._templates).to(self._backbone.device)

    def _keep(self, pairs: Tensor, features: Tensor) -> None:
        """Keep as many of the new ones as there is room for, in place of the longest unused."""
        pairs, features = pairs[-self._room :], features[-self._room :]
        self._count = min(self._room, len(self) + len(pairs))
        self._grow(len(self))
        rows = self._used.topk(len(pairs), largest=False).indices
        self._pairs[rows], self._kept[rows], self._used[rows] = pairs, features, self._now(len(pairs))
        self._sorted, self._rows = self._pairs.sort()

    def _now(self, count: int) -> Tensor:
        """When each (count,) of those asked for was: their number among all that ever were, from 1 on."""
        self._asked += count
        return torch.arange(self._asked - count + 1, self._asked + 1, device=self._backbone.device)

    def _grow(self, count: int) -> None:
        """Make the table hold ``count`` rows, doubling it so that this happens seldom."""
        if count > len(self._kept):
            more = min(self._room, max(count, 2 * len(self._kept))) - len(self._kept)
            pairs, used, kept = (table.to(self._backbone.device) for table in (self._pairs, self._used, self._kept))
            self._pairs, self._used = functional.pad(pairs, (0, more), value=-1), functional.pad(used, (0, more))
            self._kept = functional.pad(kept, (0, 0, 0, more))
            self._sorted, self._rows = self._pairs.sort()
