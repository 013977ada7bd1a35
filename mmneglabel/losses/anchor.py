"""TagFog's anchor loss: a picture is drawn to the text of its class and away from the texts of the others."""

import torch
from torch import Tensor
from torch.nn import functional


def anchor_loss(features: Tensor, labels: Tensor, anchors: Tensor, temperature: float = 0.1) -> Tensor:
    """Cross-entropy of softmax(features · anchorsᵀ / temperature), the mean over all rows, outliers included.

    Outliers have no text: their rows add zero, but are counted, as in the authors' code. A batch of nothing but
    outliers gives zero. With several processes of equally many rows, the mean over the processes is the loss of the
    whole batch. TagFog, AAAI 2024, https://arxiv.org/abs/2412.05292.

    Args:
        features: projected features (N, D), of unit norm.
        labels: classes (N,), integers; K and above for outliers.
        anchors: text features of the K classes (K, D), of unit norm.
        temperature: above 0.

    Returns:
        The loss, a scalar ≥ 0.
    """
    classes = len(anchors)
    logits = features @ anchors.T / temperature
    known = torch.where(labels < classes, labels, -1)
    return functional.cross_entropy(logits, known, ignore_index=-1, reduction="sum") / len(labels)
