"""Every configured score from one batch of image features."""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mmneglabel.mining import LabelBank
from mmneglabel.models.pair_features import PairFeatures
from mmneglabel.scores import Score, Similarities


class BankFeatures(nn.Module):
    """A bank's text features on the device of the model, and the text tower for its pairs where a score wants them.

    They are no part of the model's state: they come from mining, not from checkpoints.
    """

    def __init__(self, bank: LabelBank, pairs: PairFeatures | None = None) -> None:
        super().__init__()
        self.groups, self._pairs = bank.groups, pairs
        self.register_buffer("order", bank.order, persistent=False)
        self.register_buffer("labels", bank.label_features, persistent=False)
        self.register_buffer("negatives", bank.negative_features, persistent=False)

    def forward(self, images: Tensor, local: Tensor | None = None) -> Similarities:
        """Compare image features (B, D), and local ones (B, P, D) where there are any, with the bank."""
        pairs = None if self._pairs is None else self._pair_features
        return Similarities(images, self.labels, self.negatives, self.groups, local, pairs)

    def _pair_features(self, labels: Tensor, negatives: Tensor) -> Tensor:
        """Pair features by scoring order, whatever the groups."""
        return self._pairs(labels, self.order[negatives])


class ScoreHead(nn.Module):
    """Image features in, every score out; a bank is compared once however many scores read it.

    Args:
        scores: score name -> (score, name of its bank), in the order of the table.
        banks: the mined banks by name.
        predict_with: the bank whose ID logits are returned; the only one if left out.
        pairs: by the name of a bank, the text features of its label pairs, for scores that want them.

    Raises:
        ConfigError: a score wants more groups than its bank has negatives.
    """

    def __init__(
        self,
        scores: Mapping[str, tuple[Score, str]],
        banks: Mapping[str, LabelBank],
        predict_with: str | None = None,
        pairs: Mapping[str, PairFeatures] | None = None,
    ) -> None:
        super().__init__()
        self.banks, self.pairs = nn.ModuleDict(), dict(pairs or {})
        predict_with = predict_with or next(iter(banks))
        self._predict_with = self._hold(predict_with, banks[predict_with], self.pairs.get(predict_with))
        self._scores: dict[str, tuple[Score, str]] = {}
        for name, (score, bank_name) in scores.items():
            bank = banks[bank_name]
            bank = bank.regroup(getattr(score, "groups", None) or bank.groups)
            self._scores[name] = (score, self._hold(bank_name, bank, self.pairs.get(bank_name)))
        self.reset()

    def _hold(self, name: str, bank: LabelBank, pairs: PairFeatures | None) -> str:
        """Keep a bank's features, once; returns their key, which is no attribute of a module whatever the name."""
        key = f"{name}/{bank.groups}"
        if key not in self.banks:
            self.banks[key] = BankFeatures(bank, pairs)
        return key

    def reset(self) -> None:
        """Let scores that depend on the images seen before begin anew."""
        self._running = {name: copy.deepcopy(score) for name, (score, _) in self._scores.items()}

    def forward(self, images: Tensor, local: Tensor | None = None) -> tuple[dict[str, Tensor], Tensor]:
        """All scores (B,) by name, and the ID logits (B, K), of unit-norm image features (B, D).

        ``local`` are the unit-norm features (B, P, D) of places in the images, where a score wants them.
        Computed in float32 or better: half precision ties confident images at 1.0 and breaks FPR95.
        """
        with torch.autocast(images.device.type, enabled=False):
            images = images if images.dtype == torch.float64 else images.float()
            compared = {key: bank(images, local) for key, bank in self.banks.items()}
            scores = {name: self._running[name](compared[key]) for name, (_, key) in self._scores.items()}
            return scores, compared[self._predict_with].id_logits
