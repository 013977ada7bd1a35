"""TANL: of all words those become negatives that the stream's OOD images light up and its ID images do not."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from mmneglabel.errors import positive, whole, within
from mmneglabel.scores.score import NEGATIVES, NOISE, STREAM, TEXTS
from mmneglabel.scores.similarities import TextFeatures
from mmneglabel.scores.stream import Stream, StreamScore

_THRESHOLDS = torch.arange(0, 1, 0.01)


@dataclass(frozen=True, kw_only=True)
class TANLScore(StreamScore):
    """Share of the labels against the best ``length`` negatives of the hour, in [0, 1] (TANL, CVPR 2026, 2603.25250).

    The activation of a candidate by an image is its share of the softmax over all labels and candidates. Negatives are
    those whose mean activation by images sure to be OOD exceeds most that by images sure to be ID. The score is the
    mean of ``sum_i exp(cos_i / tau) / (sum_i exp(cos_i / tau) + sum_{j <= n} exp(cos_j / tau))`` over the beginnings
    n = step, 2 step, … of their list. Which images are sure is decided by the same score with the list as it was
    before the batch, and a threshold that parts the scores so far. At first the labels' own texts are the ID images,
    and pictures of noise the OOD ones.

    Its bank is to hold all words, not the mined: ``dict(type="NegMining", ratio=1)``.

    Args:
        alpha: weight, in [0, 1], of the images before against those of the batch in the list that scores; at the
            official 0 a batch is scored by itself where any of its images is sure.
        length: negatives in a list, the paper's beta. Where there are fewer candidates, the sum over all of them
            counts several times, as in the authors' code.
        step: by how many negatives a beginning grows; 0 takes the whole list alone. The paper's formula has 1.
        gap: an image is sure above ``t + gap (1 - t)`` or below ``t - gap t`` of the threshold t; in [0, 1].
        queue: activations of sure images that are kept of each kind, the latest.
        history: scores that the threshold is made from, the latest.
        temperature: tau.
        order, batch_size, streams, seed: of :class:`StreamScore`.
    """

    needs: ClassVar[frozenset[str]] = frozenset({TEXTS, NEGATIVES, NOISE, STREAM})

    alpha: float = 0.0
    length: int = 1000
    step: int = 1
    gap: float = 0.5
    queue: int = 300
    history: int = 20_000
    temperature: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        within(self, 0, 1, alpha=self.alpha, gap=self.gap)
        whole(self, length=self.length, queue=self.queue, history=self.history)
        whole(self, least=0, step=self.step)
        positive(self, temperature=self.temperature)

    def start(self, texts: TextFeatures, seed: int) -> "TANLStream":
        """With labels and noise in the queues, permuted by the seed: which of them leave first hangs on it."""
        return TANLStream(self, texts, seed)


class TANLStream(Stream):
    """One stream of TANL's.

    Attributes:
        id_queue, ood_queue: activations of images that were sure.
        threshold: of the last batch.
    """

    def __init__(self, score: TANLScore, texts: TextFeatures, seed: int) -> None:
        self._score, self._texts = score, texts
        noise = texts.noise(seed).to(texts.labels)
        generator = torch.Generator().manual_seed(seed)
        permuted = (images[torch.randperm(len(images), generator=generator)] for images in (texts.labels, noise))
        self.id_queue, self.ood_queue = (
            Queue(self._activations(images[-score.queue :]), score.queue) for images in permuted
        )
        begun = torch.cat([texts.labels, noise])
        self._history = self._shares(begun, self._list(self.id_queue.mean, self.ood_queue.mean))[-score.history :]
        self.threshold = 0.0

    def __call__(self, images: Tensor, static: None = None) -> Tensor:
        """In float64."""
        shares = self._shares(images, self._list(self.id_queue.mean, self.ood_queue.mean))
        self._history = torch.cat([self._history, shares])[-self._score.history :]
        self.threshold = t = parting(self._history)
        gap = self._score.gap
        sure_id = self._activations(images[shares > t + gap * (1 - t)])
        sure_ood = self._activations(images[shares < t - gap * t])
        listed = self._list(self._mixed(self.id_queue, sure_id), self._mixed(self.ood_queue, sure_ood))
        found = self._shares(images, listed)
        self.id_queue.add(sure_id)
        self.ood_queue.add(sure_ood)
        return found

    def _activations(self, images: Tensor) -> Tensor:
        """(n, C) of n images: as large as a batch of candidates may be, so that only images that are kept have any."""
        scaled = images * (1 / self._score.temperature)
        of_labels, found = scaled @ self._texts.labels.T, scaled @ self._texts.negatives.T
        if not len(images):
            return found
        most = torch.maximum(of_labels.amax(dim=1), found.amax(dim=1))[:, None]
        mass = (of_labels - most).exp_().sum(dim=1, keepdim=True) + found.sub_(most).exp_().sum(dim=1, keepdim=True)
        return found.div_(mass)

    def _mixed(self, queue: "Queue", batch: Tensor) -> Tensor:
        """Mean activations (C,) of the images before and of the batch's."""
        if not len(batch):
            return queue.mean
        return self._score.alpha * queue.mean + (1 - self._score.alpha) * batch.mean(dim=0)

    def _list(self, by_id: Tensor, by_ood: Tensor) -> Tensor:
        """Which candidates exceed most, those that do so most first."""
        # Stable, so that words of equal means come in their own order on every device.
        return (by_ood - by_id).sort(descending=True, stable=True).indices[: self._score.length]

    def _shares(self, images: Tensor, listed: Tensor) -> Tensor:
        """(n,) of images (n, D), one sum over the list for all of its beginnings."""
        scaled = images * (1 / self._score.temperature)
        of_labels = (scaled @ self._texts.labels.T).double()
        most = of_labels.amax(dim=1, keepdim=True)
        labels = (of_labels - most).exp_().sum(dim=1, keepdim=True)
        sums = ((scaled @ self._texts.negatives[listed].T).double() - most).exp_().cumsum(dim=1)
        step, length = self._score.step, self._score.length
        ends = torch.arange(step, length + step, step) if step else torch.tensor([length])
        sums = sums[:, ends.clamp(max=len(listed)) - 1]
        return (labels / (labels + sums)).mean(dim=1)


def noise_pictures(size: tuple[int, int], seed: int) -> Tensor:
    """Pictures of noise (15, 3, H, W) with values in [0, 1], three of a kind, as they are shown to a tower.

    Normal, uniform, Poisson(5), Gamma(2, 1), and black or white. Drawn on the CPU by a generator of their own.
    """
    generator, shape = torch.Generator().manual_seed(seed), (3, 3, *size)
    normal, uniform = torch.randn(shape, generator=generator), torch.rand(shape, generator=generator)
    poisson = torch.poisson(torch.full(shape, 5.0), generator=generator)
    # The sum of two exponential numbers has the distribution Gamma(2, 1).
    gamma = torch.empty(2, *shape).exponential_(generator=generator).sum(dim=0)
    salt = torch.randint(2, shape, generator=generator).float()
    scaled = [(kind - kind.min()) / (kind.max() - kind.min()) for kind in (normal, poisson, gamma)]
    return torch.cat([scaled[0], uniform, *scaled[1:], salt])


class Queue:
    """The latest rows of those that were added.

    Args:
        rows: (n, C) to begin with, at most ``length``.
        length: how many are kept.
    """

    def __init__(self, rows: Tensor, length: int) -> None:
        self._rows = rows.new_empty(length, rows.shape[1])
        self._next, self._count = 0, 0
        self._mean: Tensor | None = None
        self.add(rows)

    def __len__(self) -> int:
        return self._count

    def add(self, rows: Tensor) -> None:
        """Put rows (n, C) in the place of the oldest."""
        if not len(rows):
            return
        length = len(self._rows)
        rows = rows[-length:]
        self._rows[(self._next + torch.arange(len(rows), device=rows.device)) % length] = rows
        self._next = (self._next + len(rows)) % length
        self._count = min(self._count + len(rows), length)
        self._mean = None

    @property
    def mean(self) -> Tensor:
        """(C,) over the rows, in float64."""
        # A running sum would be faster and lose what is small: activations lie many orders of magnitude apart, and the
        # order of the smallest is what a list ends with.
        if self._mean is None:
            self._mean = self._rows[: self._count].mean(dim=0, dtype=torch.float64)
        return self._mean


def parting(scores: Tensor) -> float:
    """The threshold in [0, 1) that parts scores (n,) best: the variances in both parts, weighed by size, are least.

    Otsu's criterion over 0, 0.01, …, 0.99; of those that part alike the middle one, and 0.5 where none parts them.
    """
    ordered = scores.double().sort().values
    thresholds = _THRESHOLDS.to(ordered.device)
    below = torch.searchsorted(ordered, thresholds.double())
    sums, squares = (torch.cat([ordered.new_zeros(1), part.cumsum(dim=0)]) for part in (ordered, ordered**2))
    spread = ordered.new_zeros(len(thresholds))  # of each part the sum of squares around its mean
    for count, total, square in (
        (below, sums[below], squares[below]),
        (len(ordered) - below, sums[-1] - sums[below], squares[-1] - squares[below]),
    ):
        spread += torch.where(count > 0, square - total**2 / count, torch.inf)
    best = torch.nonzero(spread == spread.min())
    return float(thresholds[best[len(best) // 2]])
