"""The two contrastive losses: drawings with words, and words with words."""

import torch
from torch import Tensor
from torch.nn import functional


def image_text_loss(images: Tensor, texts: Tensor, blocked: Tensor, scale: Tensor) -> Tensor:
    """Symmetric cross entropy with several pictures a concept and extra words.

    Args:
        images: Unit features (B * V, D), the V pictures of a concept side by side.
        texts: Unit features (B + E, D); the first B are the concepts' own words, the rest are extra.
        blocked: bool (B, B + E), words that are true of a concept though not its own: never negatives.
        scale: Inverse temperature.

    Returns:
        The mean of both directions.
    """
    concepts = len(blocked)
    views = len(images) // concepts
    logits = scale * images @ texts.T
    logits = logits.masked_fill(blocked.repeat_interleave(views, 0), float("-inf"))
    own = torch.arange(concepts).repeat_interleave(views)
    to_text = functional.cross_entropy(logits, own)
    by_text = logits[:, :concepts].T.log_softmax(1).view(concepts, concepts, views)
    to_image = -by_text.diagonal(dim1=0, dim2=1).mean()
    return (to_text + to_image) / 2


def text_text_loss(left: Tensor, right: Tensor, same: Tensor, scale: float) -> Tensor:
    """Symmetric cross entropy between the two texts of each pair.

    Args:
        left: Unit features (P, D).
        right: Unit features (P, D).
        same: bool (P, P), off-diagonal pairs with an equal text: never negatives.
        scale: Inverse temperature.

    Returns:
        The mean of both directions.
    """
    logits = (scale * left @ right.T).masked_fill(same, float("-inf"))
    own = torch.arange(len(left))
    return (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)) / 2
