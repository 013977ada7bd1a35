"""AdaNeg: labels and negatives become proxies, drawn to those images of the stream that were taken for them."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import normalize

from mmneglabel.errors import ConfigError, flag, not_negative, one_of, whole, within
from mmneglabel.scores.neglabel import NegLabelScore
from mmneglabel.scores.score import NEGATIVES, STREAM, TEXTS
from mmneglabel.scores.similarities import LOGIT_SCALE, Similarities, TextFeatures
from mmneglabel.scores.stream import Stream, StreamScore

PROXIES = ("task", "sample")
"""One proxy a text for all images, or another one for each image."""

_STATIC = NegLabelScore(groups=5)
_COMBINED: dict[str, Callable[[Tensor, Tensor, float], Tensor]] = {
    "sum": lambda adapted, static, weight: adapted + weight * static,
    "product": lambda adapted, static, weight: adapted * static,
    "adapted": lambda adapted, static, weight: adapted,
    "static": lambda adapted, static, weight: static,
}
_WINDOW, _PRIOR = 10_000, 100  # verdicts that the adaptive gap looks back on, and those of each kind it begins with
_BLOCK = 2**19  # cosines to members that are held at a time: little enough for a cache


@dataclass(frozen=True, kw_only=True)
class AdaNegScore(StreamScore):
    """``S1 + weight S0`` in [0, 1 + weight] (AdaNeg, NeurIPS 2024, arXiv 2410.20149).

    S0 is NegLabel's score. Images that it is sure of are stored under their most likely label or negative. S1 is the
    same score with a proxy in place of each text f_0 that has stored images f_1, f_2, …: the unit norm of
    ``sum_r w_r f_r``, where every w_r is 1 ("task") or ``exp(-beta (1 - cos(h, f_r)))`` ("sample"). A batch is stored
    before it is scored, so an image meets itself.

    Args:
        static: S0; the paper's has 5 groups.
        proxies: "task" or "sample"; the former is the better one in the authors' log.
        capacity: images that a text keeps, those of the lowest entropy; 0 keeps none. The authors say 10, of which
            one place stays empty in their code.
        threshold, gap: sure of ID is S0 above ``threshold + gap (1 - threshold)``, of OOD below
            ``threshold - gap threshold``; both in [0, 1].
        beta: sharpness of "sample", not negative; the authors' 5.5 is cut to 5 in their code.
        combine: "sum" as above, "product" S1 S0, or one alone, "adapted" or "static".
        weight: lambda, not negative.
        adaptive_gap: whether the kind that prevails among the last verdicts has its own gap, and the other one a gap
            by its share, as the authors do on CIFAR (there with weight 1).
        order, batch_size, streams, seed: of :class:`StreamScore`.
    """

    needs: ClassVar[frozenset[str]] = frozenset({TEXTS, NEGATIVES, STREAM})

    static: NegLabelScore = _STATIC
    proxies: str = "task"
    capacity: int = 9
    threshold: float = 0.5
    gap: float = 0.5
    beta: float = 5.0
    combine: str = "sum"
    weight: float = 0.1
    adaptive_gap: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.static, NegLabelScore):
            raise ConfigError(f"AdaNegScore: static is {self.static!r}: give dict(type='NegLabelScore', groups=...).")
        one_of(self, PROXIES, proxies=self.proxies)
        one_of(self, _COMBINED, combine=self.combine)
        whole(self, least=0, capacity=self.capacity)
        within(self, 0, 1, threshold=self.threshold, gap=self.gap)
        not_negative(self, beta=self.beta, weight=self.weight)
        flag(self, adaptive_gap=self.adaptive_gap)

    def start(self, texts: TextFeatures, seed: int) -> "AdaNegStream":
        """With an empty memory; nothing is drawn but the order."""
        return AdaNegStream(self, texts)


class AdaNegStream(Stream):
    """One stream of AdaNeg's.

    Attributes:
        memory: what is stored under which text.
    """

    def __init__(self, score: AdaNegScore, texts: TextFeatures) -> None:
        self._score, self._texts, self._labels = score, texts, len(texts.labels)
        self._features = torch.cat([texts.labels, texts.negatives])
        self.memory = Memory(self._features, score.capacity, score.beta if score.proxies == "sample" else None)
        self._verdicts = deque([True] * _PRIOR + [False] * _PRIOR, _WINDOW)

    def __call__(self, images: Tensor, static: Tensor) -> Tensor:
        """In float64, as S0 is."""
        logits = LOGIT_SCALE * images @ self._features.T
        self._store(images, logits, static)
        # In no text without images anything changes, up to rounding.
        logits[:, self.memory.columns] = LOGIT_SCALE * self.memory.cosines(images)
        adapted = self._score.static(_Adapted(images, self._texts, every=logits))
        return _COMBINED[self._score.combine](adapted, static, self._score.weight)

    def _store(self, images: Tensor, logits: Tensor, static: Tensor) -> None:
        """Images sure of ID under labels, then those sure of OOD under negatives: those no group holds among them."""
        low, high = self._cuts(static)
        for sure, first, end in ((static > high, 0, self._labels), (static < low, self._labels, None)):
            if sure.any():
                mine = logits[sure, first:end]
                p = mine.double().softmax(dim=1)  # in float32 the surest images would tie at 0
                entropies = -(p * (p + 1e-8).log()).sum(dim=1)
                self.memory.store(images[sure], first + mine.argmax(dim=1), entropies)

    def _cuts(self, static: Tensor) -> tuple[float, float]:
        """Below and above which S0 is sure."""
        t, gap = self._score.threshold, self._score.gap
        low, high = t - gap * t, t + gap * (1 - t)
        if self._score.adaptive_gap:
            self._verdicts.extend([True] * int((static > high).sum()) + [False] * int((static < low).sum()))
            share = sum(self._verdicts) / len(self._verdicts)
            low = t - share * t if share > 0.5 else low
            high = t + (1 - share) * (1 - t) if share < 0.5 else high
        return low, high


class Memory:
    """For each of N texts the features of at most R images that were taken for it, those of the lowest entropy.

    Args:
        texts: (N, D), unit norm.
        capacity: R.
        beta: sharpness of the weights of a text's members, which are itself and its images; None weighs all alike.

    Attributes:
        entropies: position of a text that has images -> theirs.
    """

    def __init__(self, texts: Tensor, capacity: int, beta: float | None = None) -> None:
        self._texts, self._capacity, self._beta = texts, capacity, beta
        self._rows: dict[int, int] = {}  # position of a text -> its row below
        self.entropies: dict[int, list[float]] = {}
        # Zeros stand where there is no member, and more rows are ready than are used.
        self._members = texts.new_zeros(0, 1 + capacity, texts.shape[1])
        # What is made of the members: proxies (T, D), or their products (T, 1 + R, 1 + R).
        self._made = texts.new_zeros(0, *(texts.shape[1:] if beta is None else 2 * [1 + capacity]))

    @property
    def columns(self) -> Tensor:
        """Positions (T,) of the texts that have images, in the order in which they came to have them."""
        return torch.tensor(list(self._rows), dtype=torch.long, device=self._texts.device)

    def store(self, images: Tensor, texts: Tensor, entropies: Tensor) -> None:
        """Let images (n, D) compete, one by one, for places with the ``texts`` (n,) they were taken for.

        While there is room an image stays; then it takes the place of the one with the largest entropy, if that is
        larger than its own.
        """
        had = len(self._rows)
        last: dict[tuple[int, int], int] = {}  # row and place -> the image that came there last
        for number, (text, entropy) in enumerate(zip(texts.tolist(), entropies.tolist(), strict=True)):
            if place := self._place(text, entropy):
                last[self._rows[text], place] = number
        if not last:
            return
        self._members, self._made = (_with_room(part, len(self._rows)) for part in (self._members, self._made))
        self._members[had : len(self._rows), 0] = self._texts[self.columns[had:]]
        rows, places = (torch.tensor(part, device=images.device) for part in zip(*last, strict=True))
        self._members[rows, places] = images[list(last.values())]
        rows = rows.unique()
        members = self._members[rows]
        self._made[rows] = normalize(members.sum(dim=1), dim=1) if self._beta is None else members @ members.mT

    def cosines(self, images: Tensor) -> Tensor:
        """(B, T) of images (B, D) to the proxies of the texts that have images."""
        if self._beta is None:
            return images @ self._made[: len(self._rows)].T
        found = [images.new_zeros(len(images), 0)]
        # Most texts have few images. Sorted by how many, the members of a block leave few places empty.
        counts = torch.tensor([1 + len(held) for held in self.entropies.values()], dtype=torch.long)
        counts, rows = counts.sort(descending=True, stable=True)
        block = max(1, _BLOCK // (len(images) * (1 + self._capacity)))
        for start in range(0, len(rows), block):
            here, most = rows[start : start + block].to(images.device), int(counts[start])
            found.append(self._weighed(images, self._members[here, :most], self._made[here, :most, :most]))
        return torch.cat(found, dim=1).index_select(1, rows.argsort().to(images.device))

    def _weighed(self, images: Tensor, members: Tensor, products: Tensor) -> Tensor:
        """Cosines (B, t) of images to the proxies ``sum_r w_r f_r`` of t texts, no proxy being built.

        With cosines s to the members and their products G the cosine to the proxy is ``w s / sqrt(w G w)``.
        """
        cosines = (members.flatten(0, 1) @ images.T).unflatten(0, members.shape[:2])  # (t, 1 + R, B)
        empty = products.diagonal(dim1=1, dim2=2)[:, :, None] == 0  # places without a member weigh nothing
        exponents = (self._beta * cosines).masked_fill_(empty, -torch.inf)
        # Over the largest, as a proxy has no length: so one weight is 1, however large beta is.
        weights = exponents.sub_(exponents.amax(dim=1, keepdim=True)).exp_()
        lengths = (weights * (products @ weights)).sum(dim=1).sqrt_()
        return ((weights * cosines).sum(dim=1) / lengths).T

    def _place(self, text: int, entropy: float) -> int | None:
        """The place, from 1 on, that an image takes with a text; None where it stays outside."""
        if not self._capacity:
            return None
        self._rows.setdefault(text, len(self._rows))
        held = self.entropies.setdefault(text, [])
        if len(held) < self._capacity:
            held.append(entropy)
            return len(held)
        if entropy < (largest := max(held)):
            place = held.index(largest)
            held[place] = entropy
            return place + 1
        return None


@dataclass(frozen=True, eq=False)
class _Adapted(Similarities):
    """Similarities whose logits (N, K + M), labels first, negatives in mined order, are at hand."""

    every: Tensor | None = None

    @property
    def logits(self) -> Tensor:
        """(N, K)."""
        return self.every[:, : len(self.texts.labels)]

    def negative_logits(self, groups: int, seed: int) -> Iterator[Tensor]:
        """Group by group, (N, 1, S)."""
        _, order = self.texts.grouped(groups, seed)
        for group in order + len(self.texts.labels):
            # Several times as fast as `every[:, group]`.
            yield self.every.index_select(1, group).unsqueeze(1)


def _with_room(rows: Tensor, count: int) -> Tensor:
    """The rows, and behind them zeros for as many as ``count`` and more, so that this happens seldom."""
    return rows if len(rows) >= count else torch.cat([rows, rows.new_zeros(2 * count - len(rows), *rows.shape[1:])])
