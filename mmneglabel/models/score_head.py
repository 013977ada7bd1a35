"""Every configured score from one batch of image features."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from mmneglabel.mining import LabelBank
from mmneglabel.models.pair_features import PairFeatures
from mmneglabel.models.reading import NOTHING, Details
from mmneglabel.scores import NegLabelScore, Score, Similarities, TextFeatures
from mmneglabel.scores.precision import full_precision
from mmneglabel.scores.score import Noise


@dataclass(frozen=True, eq=False)
class HeadOutputs:
    """What a batch of B images scores.

    Attributes:
        scores: (B,) by name.
        logits: (B, K) of the ID labels.
        details: where they are asked for; of doubtful images not yet the exact ones.
    """

    scores: dict[str, Tensor]
    logits: Tensor
    details: Details = NOTHING


class ScoreHead(nn.Module):
    """Image features in, every score out; a bank, the very object, is compared once however many scores read it.

    Args:
        scores: of single images, by name, in the order of the table.
        banks: the bank of each score, and of each that is played as a stream, by its name.
        predict_with: the score whose bank's ID logits are returned.
        pairs: text features of label pairs by the bank, for scores that want them.
        noise: the image tower for pictures of noise, for streams that want them.
    """

    def __init__(
        self,
        scores: Mapping[str, Score],
        banks: Mapping[str, LabelBank],
        predict_with: str | None = None,
        pairs: Mapping[LabelBank, PairFeatures] | None = None,
        noise: Noise | None = None,
    ) -> None:
        super().__init__()
        self.pairs = dict(pairs or {})
        keys = {bank: str(number) for number, bank in enumerate(dict.fromkeys(banks.values()))}
        self._bank_of = {name: keys[bank] for name, bank in banks.items()}
        self.texts = nn.ModuleDict({
            key: TextFeatures(bank.label_features, bank.negative_features, self.pairs.get(bank), noise)
            for bank, key in keys.items()
        })  # fmt: skip
        self._scores = dict(scores)
        self._predict_with = self._bank_of[predict_with or next(iter(banks))]

    def texts_of(self, score: str) -> TextFeatures:
        """The texts that a score compares with."""
        return self.texts[self._bank_of[score]]

    @property
    def predicting(self) -> TextFeatures:
        """The texts whose labels say the class."""
        return self.texts[self._predict_with]

    def forward(self, images: Tensor, local: Tensor | None = None, explain: str | None = None) -> HeadOutputs:
        """All scores of unit-norm image features (B, D) and, where a score wants them, local ones (B, P, D).

        In float32 or better: half precision ties confident images at 1.0 and breaks FPR95. With ``explain``, the
        score whose shares are wanted, also the details.
        """
        with full_precision(images.device):
            seen = {key: Similarities(images.to(texts.labels.dtype), texts, local) for key, texts in self.texts.items()}
            by_score = {name: (score, seen[self._bank_of[name]]) for name, score in self._scores.items()}
            # First, since they leave what the score is made of.
            details = NOTHING if explain is None else self._details(by_score, explain)
            scores = {name: score(compared) for name, (score, compared) in by_score.items()}
            return HeadOutputs(scores, seen[self._predict_with].logits, details)

    @torch.no_grad()
    def _details(
        self, by_score: Mapping[str, tuple[Score, Similarities]], explain: str, exact: bool = False
    ) -> Details:
        """Shares of one score, log-odds of all that have some; nothing is waited for unless they are to be exact."""
        score, compared = by_score[explain]
        with full_precision(compared.images.device):
            shares = score.shares(compared, exact=exact)
            ratios = {name: pair for name, pair in by_score.items() if hasattr(pair[0], "log_odds")}
            log_odds, doubtful = {}, []
            for name, (score, compared) in ratios.items():
                if exact or not isinstance(score, NegLabelScore):
                    log_odds[name] = score.log_odds(compared)
                else:
                    log_odds[name] = score.log_odds(compared, exact=False)
                    doubtful.append(score.beyond(compared))
            if exact:
                return Details(log_odds, shares)
            again = partial(self._details, by_score, explain, exact=True)
            return Details(log_odds, shares, torch.stack(doubtful).any(dim=0), again)
