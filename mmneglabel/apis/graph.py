"""A detector as one straight line from pixels to log-odds, which exporters can follow."""

import torch
from torch import Tensor, nn

from mmneglabel.models import NegLabelClassifier
from mmneglabel.scores.similarities import LOGIT_SCALE

OUTPUTS = ("log_odds", "prob", "features", "for_words", "for_shares", "against_words", "against_shares")
"""Of the network, in order; the head alone gives the same without the features."""

_WORDS = 5
"""Labels and negatives with the largest shares that are told of a picture."""


class HeadGraph(nn.Module):
    """Unit-norm features (B, D) to log-odds (B,), probabilities (B, K), and the largest shares with whose they are.

    :class:`NegLabelScore` in float32 throughout, without blocks, caches and branches: the number of groups is a
    constant. Log-odds are finite and in the score's order where a float32 score ties at 1 (there ``log S`` and
    ``log(1 - S)`` are sums over the groups, each by its own log of masses).
    """

    def __init__(self, model: NegLabelClassifier, score: str) -> None:
        super().__init__()
        scorer, texts = model.scores[score], model.head.texts_of(score)
        negatives, self.order = texts.grouped(scorer.groups, scorer.seed)
        self.count, self.groups, self.size = len(texts.labels), *negatives.shape[:2]
        self.factor = 1 / (LOGIT_SCALE * scorer.temperature)
        self.register_buffer("texts", torch.cat([texts.labels, negatives.flatten(0, 1)]).T.contiguous())
        self.register_buffer("predicting", model.head.predicting.labels.T.contiguous())  # mostly the same labels

    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        """All outputs but the features."""
        images = LOGIT_SCALE * features
        scaled = images @ self.texts * self.factor
        labels, negatives = scaled[:, : self.count], scaled[:, self.count :].unflatten(1, (self.groups, self.size))
        of_labels, of_groups = _logsumexp(labels, 1, keepdim=True), _logsumexp(negatives, 2)
        ratios = of_groups - of_labels
        log_odds = _logsumexp(_logsigmoid(-ratios), 1) - _logsumexp(_logsigmoid(ratios), 1)
        share = (labels - of_labels).exp() * ratios.neg().sigmoid().mean(1, keepdim=True)
        for_shares, for_words = share.topk(min(_WORDS, self.count), dim=1)
        # Each negative's share of its own group's softmax: exp(negative) / (labels + group).
        within = (negatives - of_groups[:, :, None] + _logsigmoid(ratios)[:, :, None]).exp() / self.groups
        against_shares, against_words = within.flatten(1).topk(min(_WORDS, self.groups * self.size), dim=1)
        prob = (images @ self.predicting).softmax(1)
        return log_odds, prob, for_words, for_shares, against_words, against_shares


def _logsumexp(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    """Written out: onnxruntime's ReduceLogSumExp takes no maximum out, and is infinite from -104 on."""
    most = x.amax(dim, keepdim=True)
    found = most + (x - most).exp().sum(dim, keepdim=True).log()
    return found if keepdim else found.squeeze(dim)


def _logsigmoid(x: Tensor) -> Tensor:
    """Written out, for the same reason."""
    return x.clamp(max=0) - (1 + x.abs().neg().exp()).log()


class TowerGraph(nn.Module):
    """Pixels, uint8 (B, H, W, 3) in RGB, to unit-norm features (B, D)."""

    def __init__(self, model: NegLabelClassifier) -> None:
        super().__init__()
        self.tower = model.backbone
        self.register_buffer("mean", model.data_preprocessor.mean.clone().view(1, 3, 1, 1))
        self.register_buffer("std", model.data_preprocessor.std.clone().view(1, 3, 1, 1))

    def forward(self, pixels: Tensor) -> Tensor:
        """The features."""
        return self.features(self.normalise(pixels))

    def normalise(self, pixels: Tensor) -> Tensor:
        """Floats (B, 3, H, W) as the tower wants them."""
        return (pixels.permute(0, 3, 1, 2).float() - self.mean) / self.std

    def features(self, pixels: Tensor) -> Tensor:
        """Of floats (B, 3, H, W)."""
        return nn.functional.normalize(self.tower.embed_image(pixels).float(), dim=-1)


class DetectorGraph(nn.Module):
    """Pixels to all outputs, in the order of :data:`OUTPUTS`.

    Args:
        tower: the tower.
        head: the head.
        plain: whether pixels are normalised floats (B, 3, H, W), for runtimes that take no others.
    """

    def __init__(self, tower: TowerGraph, head: HeadGraph, plain: bool = False) -> None:
        super().__init__()
        self.tower, self.head, self.plain = tower, head, plain

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Everything."""
        features = self.tower.features(pixels) if self.plain else self.tower(pixels)
        log_odds, prob, *words = self.head(features)
        return log_odds, prob, features, *words
