"""OODD: a dictionary of the images that looked most out-of-distribution so far, and how near an image comes to it."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mmneglabel.errors import ConfigError, whole
from mmneglabel.scores.neglabel import NegLabelScore
from mmneglabel.scores.score import LOCAL, STREAM, TEXTS, Score
from mmneglabel.scores.similarities import TextFeatures
from mmneglabel.scores.stream import Stream, StreamScore

_STATIC = NegLabelScore()


class OutlierDictionary(Stream):
    """The images with the lowest static scores so far.

    Attributes:
        features: of the images in it, unit norm (n, D).
        scores: their static scores (n,), ascending.
    """

    def __init__(self, capacity: int, neighbour: int) -> None:
        self._capacity, self._neighbour = capacity, neighbour
        self.features, self.scores = torch.empty(0), torch.empty(0)

    def __call__(self, images: Tensor, static: Tensor) -> Tensor:
        """The batch enters first, so an image that stays finds itself, with a cosine of 1."""
        every = torch.cat([self.scores.to(static), static])
        self.scores, kept = every.sort(stable=True)
        self.scores, kept = self.scores[: self._capacity], kept[: self._capacity]
        self.features = torch.cat([self.features.to(images).view(-1, images.shape[1]), images])[kept]
        cosines = images @ self.features.T
        nearest = cosines.topk(min(self._neighbour, len(kept)), dim=1).values[:, -1]
        return static - nearest


@dataclass(frozen=True, kw_only=True)
class OODDScore(StreamScore):
    """``S(h) - cos_k(h, D)``, in the range of S widened by 1 (OODD, CVPR 2025, arXiv 2503.10468).

    S is a static score and cos_k the k-th largest cosine of an image to a dictionary D of those images, of the stream
    up to its own batch, whose S was lowest. No OOD image is needed beforehand. Of images whose S ties where the
    dictionary is cut off, those that came first stay.

    Args:
        static: S, any score of single images that reads no local features; the paper's is NegLabel.
        capacity: images in the dictionary; the paper's is 2,048. A stream with fewer OOD images fills it with ID ones.
        k: which neighbour counts, an integer above 0; while there are fewer, the last; the paper's is 5.
        batch_size: the authors' is 64.
        order, streams, seed: of :class:`StreamScore`.
    """

    static: Score = _STATIC
    capacity: int = 2048
    k: int = 5
    batch_size: int = 64

    def __post_init__(self) -> None:
        super().__post_init__()
        whole(self, capacity=self.capacity, k=self.k)
        if not isinstance(self.static, Score) or LOCAL in self.static.needs:
            raise ConfigError(
                f"OODDScore: static is {self.static!r}: give a score of single images that reads no local features, "
                "which are not kept, such as static=dict(type='NegLabelScore')."
            )

    @property
    def needs(self) -> frozenset[str]:
        """What the static score needs, too."""
        return self.static.needs | {TEXTS, STREAM}

    def start(self, texts: TextFeatures, seed: int) -> OutlierDictionary:
        """With an empty dictionary."""
        return OutlierDictionary(self.capacity, self.k)
