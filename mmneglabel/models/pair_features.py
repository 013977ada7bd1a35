"""Text features of label pairs, encoded while images pass and kept for the next that ask."""

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor

from mmneglabel.backbones import VisionLanguageBackbone, encode_words
from mmneglabel.corpus import Prompts
from mmneglabel.errors import ConfigError
from mmneglabel.mining import LabelBank
from mmneglabel.storage.store import FileKind, fingerprint


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
        self._slots: OrderedDict[int, int] = OrderedDict()  # pair -> row of the kept features, last used last
        self._kept = torch.empty(0, backbone.embed_dim)
        self.encoded = 0

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def fingerprint(self) -> str:
        """Of the words themselves, their order and templates, and of the text tower, wherever the bank is from."""
        words = [self.bank.labels, self.bank.negatives]
        return fingerprint([self.bank.recipe["text_tower"], self._templates, *words])

    def __call__(self, labels: Tensor, negatives: Tensor) -> Tensor:
        """Unit-norm features (P, D) of P distinct pairs on the towers' device, from numbers (P,) in mined order."""
        pairs = (labels * len(self.bank.negatives) + negatives).tolist()
        known = [place for place, pair in enumerate(pairs) if pair in self._slots]
        new = [place for place, pair in enumerate(pairs) if pair not in self._slots]
        features = torch.empty(len(pairs), self._backbone.embed_dim, device=self._backbone.device)
        if known:
            features[known] = self._kept[[self._slots[pairs[place]] for place in known]]
            for place in known:
                self._slots.move_to_end(pairs[place])
        if new:
            features[new] = self._encode([pairs[place] for place in new])
            self._keep([pairs[place] for place in new], features[new])
        return features

    def kept(self) -> KeptPairs:
        """What is kept."""
        features = self._kept[list(self._slots.values())].cpu()
        return KeptPairs(self.fingerprint, torch.tensor(list(self._slots), dtype=torch.long), features)

    def restore(self, kept: KeptPairs | None) -> None:
        """Keep what an earlier run kept of the same bank, if anything, as far as there is room."""
        if kept is not None and kept.features.shape[1:] == self._kept.shape[1:]:
            pairs = kept.pairs.tolist()
            new = [place for place, pair in enumerate(pairs) if pair not in self._slots]
            self._keep([pairs[place] for place in new], kept.features[new].to(self._backbone.device))

    def _encode(self, pairs: list[int]) -> Tensor:
        """Features (P, D) of pairs not kept."""
        self.encoded += len(pairs)
        count = len(self.bank.negatives)
        texts = [f"{self.bank.labels[pair // count]} and {self.bank.negatives[pair % count]}" for pair in pairs]
        features = encode_words(self._backbone, texts, self._templates)
        return features.to(self._backbone.device)

    def _keep(self, pairs: list[int], features: Tensor) -> None:
        """Keep as many of the new ones as there is room for, in place of the longest unused."""
        pairs, features = pairs[-self._room :], features[-self._room :]
        free = range(len(self._slots), min(self._room, len(self._slots) + len(pairs)))
        rows = [*free, *(self._slots.popitem(last=False)[1] for _ in range(len(pairs) - len(free)))]
        self._grow(len(self._slots) + len(pairs))
        self._kept[rows] = features
        self._slots.update(zip(pairs, rows, strict=True))

    def _grow(self, count: int) -> None:
        """Make the table hold ``count`` rows, doubling it so that this happens seldom."""
        if count > len(self._kept):
            rows = min(self._room, max(count, 2 * len(self._kept)))
            grown = torch.empty(rows, self._backbone.embed_dim, device=self._backbone.device)
            grown[: len(self._kept)] = self._kept
            self._kept = grown
