"""Multi-matching: does the image show an ID object together with something negative, or the negative alone?"""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from mmneglabel.errors import ConfigError, whole
from mmneglabel.scores.similarities import LOGIT_SCALE, Similarities


@dataclass(frozen=True)
class MultiMatchingScore:
    """``max_{y,n} sigmoid(100 cos(h, t_yn) - 100 cos(h, n))`` in [0, 1] over an image's best labels y and negatives n.

    NegRefine (ICCV 2025, arXiv 2507.09795). ``t_yn`` is the text "y and n" in the bank's noun templates:
    an ID object beside something negative matches it better than the negative alone.

    Args:
        top_labels: how many ID labels y, the most similar ones, are paired; the paper's is 5.
        top_negatives: how many negatives n, the most similar ones, are paired; the paper's is 5.
    """

    top_labels: int = 5
    top_negatives: int = 5
    needs_pairs: ClassVar[bool] = True

    def __post_init__(self) -> None:
        whole(self, top_labels=self.top_labels, top_negatives=self.top_negatives)

    def __call__(self, similarities: Similarities) -> Tensor:
        """(N,) scores.

        Raises:
            ConfigError: the bank holds no negatives, or there is no text tower to encode pairs with.
        """
        if not similarities.groups or similarities.pair_features is None:
            raise ConfigError(
                "MultiMatchingScore needs negatives and a text tower: set its `bank` to a mined one, and call it "
                "through NegLabelClassifier."
            )
        labels = similarities.id_logits.topk(min(self.top_labels, len(similarities.labels)), dim=1).indices
        negatives = similarities.top_negatives(self.top_negatives)
        pair_features = _pair_features(similarities, labels, negatives)
        images = LOGIT_SCALE * similarities.images[:, :, None]
        pairs = (pair_features @ images).view(len(images), labels.shape[1], negatives.shape[1])
        alone = (similarities.negatives[negatives] @ images).view(len(images), 1, -1)
        return (pairs - alone).flatten(1).amax(dim=1).sigmoid()


def _pair_features(similarities: Similarities, labels: Tensor, negatives: Tensor) -> Tensor:
    """Text features (N, a * b, D) of all pairs of each image's ``labels`` (N, a) and ``negatives`` (N, b).

    Images of one kind share most of their pairs, so each pair of the batch is asked for once.
    """
    count = len(similarities.negatives)
    pairs = (labels[:, :, None] * count + negatives[:, None, :]).flatten(1)
    unique, place = pairs.unique(return_inverse=True)
    return similarities.pair_features(unique // count, unique % count)[place]
