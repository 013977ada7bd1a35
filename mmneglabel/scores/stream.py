"""Scores that learn from the images they have seen: what one is, and in which order a stream brings them."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from mmneglabel.errors import DataError, is_whole, one_of, seeds, whole
from mmneglabel.scores.score import STREAM, TEXTS, Score
from mmneglabel.scores.similarities import TextFeatures

ORDERS = ("shuffled", "id_first", "ood_first", "given")
"""In which order a stream brings ID and OOD images: mixed; each kind mixed in itself and one behind the other; or the
ID set's, then the OOD set's, as their files come."""

MARK = " (stream)"
"""How the names of rows end that are streams, lest they be taken for static ones."""


class Stream(ABC):
    """What one stream has learned so far."""

    @abstractmethod
    def __call__(self, images: Tensor, static: Tensor | None) -> Tensor:
        """(B,) scores of the next batch, higher = more in-distribution; what it teaches is learned.

        Args:
            images: unit-norm features (B, D).
            static: (B,) of the score's ``static``, where it has one.
        """


@dataclass(frozen=True, kw_only=True)
class StreamScore(ABC):
    """A score that learns from the images it has seen; played after a test, from the images' features.

    Each OOD set is mixed with the ID set to a stream of its own, which begins with an empty memory. So an ID image has
    another score in every stream, and none means anything outside its stream. The score itself has no state.

    Args:
        order: one of ``ORDERS``.
        batch_size: images that are learned from and scored together, at least 1; the last batch may be smaller.
        streams: how many streams are played of each OOD set, with the seeds ``seed``, ``seed + 1``, …
        seed: of all that a stream draws: its order, and what the method draws besides.
    """

    needs: ClassVar[frozenset[str]] = frozenset({TEXTS, STREAM})
    static: ClassVar[Score | None] = None
    """A score of single images that the method builds on: computed once an image, however many streams it is in."""

    order: str = "shuffled"
    batch_size: int = 256
    streams: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        one_of(self, ORDERS, order=self.order)
        whole(self, batch_size=self.batch_size, streams=self.streams)
        seeds(self, seed=self.seed + self.streams - 1 if is_whole(self.seed) and self.seed > 0 else self.seed)

    @abstractmethod
    def start(self, texts: TextFeatures, seed: int) -> Stream:
        """A stream that has seen nothing yet."""

    @property
    def seeds(self) -> tuple[int, ...]:
        """One for each stream of an OOD set."""
        return tuple(range(self.seed, self.seed + self.streams))

    def arranged(self, id_images: int, ood_images: int, seed: int) -> Tensor:
        """The order of a stream: positions (N + M,) in the N ID images followed by the M OOD images.

        The generator is private and on the CPU, so the order is the same on every device.
        """
        generator = torch.Generator().manual_seed(seed)
        if self.order == "given":
            return torch.arange(id_images + ood_images)
        if self.order == "shuffled":
            return torch.randperm(id_images + ood_images, generator=generator)
        parts = [torch.randperm(id_images, generator=generator)]
        parts.append(id_images + torch.randperm(ood_images, generator=generator))
        return torch.cat(parts if self.order == "id_first" else parts[::-1])

    def play(
        self,
        images: Tensor,
        static: Tensor | None,
        texts: TextFeatures,
        id_images: int,
        seed: int,
        progress: Callable[[int], object] = lambda seen: None,
    ) -> Tensor:
        """One stream: scores (N + M,), float64 on the CPU, of N ID images followed by M OOD images.

        Args:
            images: unit-norm features (N + M, D).
            static: their scores (N + M,) by ``static``, where there is one.
            texts: what they are compared with.
            id_images: N.
            seed: of all that is drawn.
            progress: called with the number of images of each batch.

        Raises:
            DataError: the method gives something else than a finite number for each image.
        """
        stream, scores = self.start(texts, seed), torch.empty(len(images), dtype=torch.float64)
        for batch in self.arranged(id_images, len(images) - id_images, seed).split(self.batch_size):
            here = batch.to(images.device)
            found = stream(images[here], None if static is None else static[here])
            if not isinstance(found, Tensor) or found.shape != batch.shape or not found.isfinite().all():
                given = f"a tensor of shape {tuple(found.shape)}" if isinstance(found, Tensor) else repr(found)
                raise DataError(
                    f"{type(self).__name__}: its stream must give a tensor of {len(batch)} finite numbers, one an "
                    f"image, and gives {given}: look for NaN in it, or for a sum over images."
                )
            scores[batch] = found.double().cpu()
            progress(len(batch))
        return scores
