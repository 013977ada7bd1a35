"""AdaNeg, TANL and OODD by their formulas, with every proxy built and every softmax taken."""

import heapq
import itertools
from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn.functional import normalize

from mmneglabel.scores import AdaNegScore, NegLabelScore, OODDScore, TANLScore, TextFeatures, group_order


class Plain(ABC):
    """A method by its formula."""

    def learn(self, images: Tensor) -> None:
        """Take in a batch (B, D) whose scores nobody wants; override where that is cheaper."""
        self(images)

    @abstractmethod
    def __call__(self, images: Tensor) -> Tensor:
        """(B,) scores of the next batch (B, D), which is learned."""


class PlainAdaNeg(Plain):
    """A memory of all texts (N, 1 + R, D), zeros where nothing is stored, from which every proxy is made in each batch.

    Args:
        score: its settings; no adaptive gap.
        texts: labels and negatives.
        chunk: texts whose proxies for each image, (B, texts, 1 + R, D), are made at a time.
    """

    def __init__(self, score: AdaNegScore, texts: TextFeatures, chunk: int) -> None:
        self._score, self._chunk, self._labels = score, chunk, len(texts.labels)
        self._texts = torch.cat([texts.labels, texts.negatives])
        self._order = groups_of(len(texts.negatives), score.static)
        self._members = self._texts.new_zeros(len(self._texts), 1 + score.capacity, self._texts.shape[1])
        self._members[:, 0] = self._texts
        self._entropies: list[list[float]] = [[] for _ in self._texts]

    def learn(self, images: Tensor) -> None:
        """Without proxies."""
        self._stored(images)

    def __call__(self, images: Tensor) -> Tensor:
        """``S1 + weight S0``."""
        static = self._stored(images)
        cosines = self._sample(images) if self._score.proxies == "sample" else self._task(images)
        return grouped_shares(100 * cosines, self._labels, self._order) + self._score.weight * static

    def _stored(self, images: Tensor) -> Tensor:
        logits = 100 * images @ self._texts.T
        static = grouped_shares(logits, self._labels, self._order)
        threshold, gap = self._score.threshold, self._score.gap
        self._store(images, logits[:, : self._labels], 0, static > threshold + gap * (1 - threshold))
        self._store(images, logits[:, self._labels :], self._labels, static < threshold - gap * threshold)
        return static

    def _store(self, images: Tensor, logits: Tensor, first: int, sure: Tensor) -> None:
        if not sure.any():
            return
        p = logits[sure].softmax(dim=1)
        entropies = -(p * (p + 1e-8).log()).sum(dim=1)
        for image, text, entropy in zip(images[sure], p.argmax(dim=1).tolist(), entropies.tolist(), strict=True):
            held = self._entropies[first + text]
            if len(held) < self._score.capacity:
                held.append(entropy)
                self._members[first + text, len(held)] = image
            elif entropy < max(held):
                place = held.index(max(held))
                held[place] = entropy
                self._members[first + text, 1 + place] = image

    def _task(self, images: Tensor) -> Tensor:
        return images @ normalize(self._members.sum(dim=1), dim=1).T

    def _sample(self, images: Tensor) -> Tensor:
        found = images.new_empty(len(images), len(self._texts))
        for part, members in zip(found.split(self._chunk, dim=1), self._members.split(self._chunk), strict=True):
            weights = torch.exp(-self._score.beta * (1 - torch.einsum("bd,trd->btr", images, members)))
            proxies = normalize((weights[..., None] * members).sum(dim=2), dim=2)
            part[:] = (images[:, None] * proxies).sum(dim=2)
        return found


class PlainTANL(Plain):
    """Activations of every image, and a softmax for every beginning of the list of negatives.

    Args:
        score: its settings; a step above 0.
        texts: labels and candidates, and noise.
        seed: of the permutations.
    """

    def __init__(self, score: TANLScore, texts: TextFeatures, seed: int) -> None:
        self._score, self._labels = score, len(texts.labels)
        self._texts = torch.cat([texts.labels, texts.negatives])
        generator, noise = torch.Generator().manual_seed(seed), texts.noise(seed)
        kinds = [images[torch.randperm(len(images), generator=generator)] for images in (texts.labels, noise)]
        self._queues = [self._softmax(self._logits(images))[-score.queue :] for images in kinds]
        begun = self._logits(torch.cat([texts.labels, noise]))
        self._history = self._shares(begun, self._list(*(queue.mean(dim=0) for queue in self._queues)))

    def __call__(self, images: Tensor) -> Tensor:
        """The shares with the second list."""
        logits = self._logits(images)
        activations, means = self._softmax(logits), [queue.mean(dim=0) for queue in self._queues]
        shares = self._shares(logits, self._list(*means))
        self._history = torch.cat([self._history, shares])[-self._score.history :]
        t, gap, alpha = best_threshold(self._history), self._score.gap, self._score.alpha
        sure = activations[shares > t + gap * (1 - t)], activations[shares < t - gap * t]
        mixed = [
            alpha * mean + (1 - alpha) * batch.mean(dim=0) if len(batch) else mean
            for mean, batch in zip(means, sure, strict=True)
        ]
        found = self._shares(logits, self._list(*mixed))
        self._queues = [
            torch.cat([queue, batch])[-self._score.queue :] for queue, batch in zip(self._queues, sure, strict=True)
        ]
        return found

    def _logits(self, images: Tensor) -> Tensor:
        return images / self._score.temperature @ self._texts.T

    def _softmax(self, logits: Tensor) -> Tensor:
        return logits.softmax(dim=1)[:, self._labels :]

    def _list(self, by_id: Tensor, by_ood: Tensor) -> Tensor:
        return (by_ood - by_id).topk(min(self._score.length, len(by_id))).indices

    def _shares(self, logits: Tensor, listed: Tensor) -> Tensor:
        listed = torch.cat([torch.arange(self._labels, device=listed.device), self._labels + listed])
        mine, found = logits[:, listed], 0
        ends = range(self._score.step, self._score.length + self._score.step, self._score.step)
        for end in ends:
            found = found + mine[:, : self._labels + end].softmax(dim=1)[:, : self._labels].sum(dim=1)
        return found / len(ends)


class PlainOODD(Plain):
    """A heap of images, entered one by one, and the cosines to all of it.

    Args:
        score: its settings, with NegLabel's score as the static one.
        texts: labels and negatives.
    """

    def __init__(self, score: OODDScore, texts: TextFeatures) -> None:
        self._score, self._labels = score, len(texts.labels)
        self._texts = torch.cat([texts.labels, texts.negatives])
        self._order = groups_of(len(texts.negatives), score.static)
        self._heap: list[tuple[float, int, Tensor]] = []
        self._number = itertools.count(0, -1)  # of images that tie the last leaves first

    def __call__(self, images: Tensor) -> Tensor:
        """``S - cos_k``."""
        static = grouped_shares(100 * images @ self._texts.T, self._labels, self._order)
        for image, score in zip(images, static.tolist(), strict=True):
            heapq.heappush(self._heap, (-score, next(self._number), image))
            if len(self._heap) > self._score.capacity:
                heapq.heappop(self._heap)
        cosines = images @ torch.stack([image for *_, image in self._heap]).T
        return static - cosines.topk(min(self._score.k, len(self._heap)), dim=1).values[:, -1]


def groups_of(negatives: int, score: NegLabelScore) -> Tensor:
    """Which negatives stand in which group (G, S), each in its own where there are fewer than groups."""
    return group_order(negatives, min(negatives, score.groups), score.seed)


def grouped_shares(logits: Tensor, labels: int, order: Tensor) -> Tensor:
    """NegLabel's score (B,) from logits (B, K + M): the labels' softmax mass beside each group (G, S) of negatives."""
    negatives, found = logits[:, labels:], 0
    for group in order:
        found = found + torch.cat([logits[:, :labels], negatives[:, group]], dim=1).softmax(dim=1)[:, :labels].sum(1)
    return found / len(order)


def best_threshold(scores: Tensor) -> float:
    """Among 0, 0.01, …, 0.99 the one that parts scores (n,) with the least variance in both parts."""
    thresholds, spread = torch.arange(0, 1, 0.01), []
    for threshold in thresholds:
        parts = scores[scores >= threshold].double(), scores[scores < threshold].double()
        spread.append(
            sum(len(part) / len(scores) * part.var(correction=0) for part in parts)
            if all(map(len, parts))
            else torch.inf
        )
    spread = torch.tensor(spread, dtype=torch.float64)
    best = torch.nonzero(spread == spread.min())
    return float(thresholds[best[len(best) // 2]])
