"""Every configured score from one batch of image features."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mmneglabel.mining import LabelBank
from mmneglabel.scores import Score, Similarities


class BankFeatures(nn.Module):
    """A bank's text features on the device of the model.

    They are no part of the model's state: they come from mining, not from checkpoints.
    """

    def __init__(self, bank: LabelBank) -> None:
        super().__init__()
        self.groups = bank.groups
        self.register_buffer("labels", bank.label_features, persistent=False)
        self.register_buffer("negatives", bank.negative_features, persistent=False)

    def forward(self, images: Tensor) -> Similarities:
        """Compare image features (B, D) with the bank."""
        return Similarities(images, self.labels, self.negatives, self.groups)


class ScoreHead(nn.Module):
    """Image features in, every score out; a bank is compared once however many scores read it.

    Args:
        scores: score name -> (score, name of its bank), in the order of the table.
        banks: the mined banks by name.
        predict_with: the bank whose ID logits are returned; the only one if left out.

    Raises:
        ConfigError: a score wants more groups than its bank has negatives.
    """

    def __init__(
        self, scores: Mapping[str, tuple[Score, str]], banks: Mapping[str, LabelBank], predict_with: str | None = None
    ) -> None:
        super().__init__()
        self.banks = nn.ModuleDict()
        self._predict_with = predict_with or next(iter(banks))
        self._hold(self._predict_with, banks[self._predict_with])
        self._scores: dict[str, tuple[Score, str]] = {}
        for name, (score, bank_name) in scores.items():
            bank, groups = banks[bank_name], getattr(score, "groups", None)
            if groups and groups != bank.groups:
                bank, bank_name = bank.regroup(groups), f"{bank_name}/{groups}"
            self._hold(bank_name, bank)
            self._scores[name] = (score, bank_name)

    def _hold(self, name: str, bank: LabelBank) -> None:
        """Keep a bank's features, once."""
        if name not in self.banks:
            self.banks[name] = BankFeatures(bank)

    def forward(self, images: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """All scores (B,) by name, and the ID logits (B, K), of unit-norm image features (B, D).

        Computed in float32 or better: half precision ties confident images at 1.0 and breaks FPR95.
        """
        with torch.autocast(images.device.type, enabled=False):
            images = images if images.dtype == torch.float64 else images.float()
            compared = {key: bank(images) for key, bank in self.banks.items()}
            scores = {name: score(compared[key]) for name, (score, key) in self._scores.items()}
            return scores, compared[self._predict_with].id_logits
