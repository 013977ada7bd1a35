"""What an encoder is trained with beside cross-entropy: text anchors, and pictures of one class drawn together."""

import torch
from torch import Tensor, distributed
from torch.nn import functional

from mmneglabel.ranks import rank, world_size


def anchor_loss(features: Tensor, labels: Tensor, anchors: Tensor, temperature: float = 0.1) -> Tensor:
    """TagFog's anchor loss: a picture is drawn to the text of its class and away from the texts of the others.

    It is the cross-entropy of softmax(features · anchorsᵀ / temperature), the mean over all rows, outliers included.
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


def supervised_contrastive_loss(
    features: Tensor, labels: Tensor, temperature: float = 0.1, base_temperature: float = 0.07
) -> Tensor:
    """The supervised contrastive loss over the batch of all processes, SupCon's L_out.

    It is -(τ / τ_base) · mean over i of mean over p in P(i) of log softmax of f_i · f_p / τ without i.
    P(i) are the other rows with the label of row i, in the batches of all processes; a row with none adds zero.
    Every process takes its own rows as i, so that the mean over processes (which is what DistributedDataParallel
    makes of gradients) is the loss of the whole batch, and so is its gradient. All must have equally many rows.
    Khosla et al., NeurIPS 2020, https://arxiv.org/abs/2004.11362.

    Args:
        features: features (N, D), of unit norm, in any order of views.
        labels: classes (N,); rows of one label are positives of each other.
        temperature: τ, above 0.
        base_temperature: τ_base, above 0.

    Returns:
        The loss, a scalar.
    """
    all_features, all_labels, first = _everybodys(features, labels)
    own = torch.arange(len(features), device=features.device)
    itself = torch.zeros(len(features), len(all_features), dtype=torch.bool, device=features.device)
    itself[own, first + own] = True
    # Not -inf: a lone row would be NaN, and its gradient with it.
    logits = (features @ all_features.T / temperature).masked_fill(itself, torch.finfo(features.dtype).min)
    log_likelihood = logits - logits.logsumexp(dim=1, keepdim=True)
    positive = (labels[:, None] == all_labels) & ~itself
    total = torch.where(positive, log_likelihood, 0).sum(dim=1)
    return -(temperature / base_temperature) * (total / positive.sum(dim=1).clamp(min=1)).mean()


def _everybodys(features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, int]:
    """Features and labels of all processes, and where ours begin among them."""
    if world_size() == 1:
        return features, labels, 0
    gathered = [torch.empty_like(labels) for _ in range(world_size())]
    distributed.all_gather(gathered, labels.contiguous())
    return _GatherRows.apply(features), torch.cat(gathered), rank() * len(features)


class _GatherRows(torch.autograd.Function):
    """All processes' rows; our gradient is what every process's loss says of our rows.

    PyTorch has the like in ``torch.distributed.nn``, which newer releases call deprecated.
    """

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, rows: Tensor) -> Tensor:
        ctx.rows = len(rows)
        gathered = [torch.empty_like(rows) for _ in range(world_size())]
        distributed.all_gather(gathered, rows.contiguous())
        return torch.cat(gathered)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> Tensor:
        total = gradient.contiguous().clone()
        distributed.all_reduce(total)
        return total.narrow(0, rank() * ctx.rows, ctx.rows)
