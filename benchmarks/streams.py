"""Scores that learn while testing: whole streams against the static score, and slices against the methods' formulas.

The formulas are those of plain_streams.py. Both play the same batches, beginning from the same memory.
"""

import math
import re
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from paired import Pairs, measure, parser, prepare, print_table, timed
from plain_streams import Plain, PlainAdaNeg, PlainOODD, PlainTANL
from synthetic import unit_rows
from torch import Tensor
from torch.nn.functional import normalize

from mmneglabel.scores import AdaNegScore, OODDScore, Similarities, StreamScore, TANLScore, TextFeatures

T = TypeVar("T")
Play = Callable[[Tensor], Tensor]
"""Scores (B,) of the next batch (B, D) of a stream."""

METHODS = "task", "sample", "tanl", "oodd"
_OOD_EVERY = 6
_NEAR = 0.15, 0.40  # cosines of images to their texts: most are beyond doubt, some are not
_ENOUGH = 12  # batches before the first slice of TANL, whose formula learns slowly: its ID queue is full by then


@dataclass(frozen=True)
class Contest:
    """One method, three ways.

    Attributes:
        title: what it is.
        score: ours, with the images in the order given.
        texts: what images are compared with.
        plain: makes the transcription, which has seen nothing yet.
        aim: what the ratio of the transcription to ours should reach.
        warm: batches before the first slice, at most.
    """

    title: str
    score: StreamScore
    texts: TextFeatures
    plain: Callable[[], Plain]
    aim: str = ">= 20"
    warm: float = math.inf

    def batches(self, images: Tensor) -> tuple[Tensor, ...]:
        """Of a stream (N, D)."""
        return images.split(self.score.batch_size)

    def whole(self, images: Tensor) -> Tensor:
        """Scores (N,) of a whole stream (N, D) by ours, the static ones included."""
        static = torch.cat([self._known(batch) for batch in self.batches(images)]) if self.score.static else None
        return self.score.play(images, static, self.texts, len(images), seed=0)

    def static(self, images: Tensor) -> None:
        """What a score that learns nothing would cost: the static one, or the product with all texts."""
        features = torch.cat([self.texts.labels, self.texts.negatives])
        for batch in self.batches(images):
            self._known(batch) if self.score.static else batch @ features.T

    def ours(self) -> Play:
        """A new stream of ours."""
        stream = self.score.start(self.texts, 0)
        return lambda batch: stream(batch, self._known(batch) if self.score.static else None)

    def _known(self, batch: Tensor) -> Tensor:
        return self.score.static(Similarities(batch, self.texts))


class Slices:
    """Plays a stream slice by slice, whenever the clock asks, and keeps the scores."""

    def __init__(self, play: Play, batches: Sequence[Tensor], size: int) -> None:
        self._play, self._batches, self._size = play, iter(batches), size
        self.scores: list[Tensor] = []

    def __call__(self) -> None:
        """The next slice."""
        for _ in range(self._size):
            self.scores.append(self._play(next(self._batches)).double())


def contests(args: Namespace, labels: Tensor, candidates: Tensor) -> dict[str, Contest]:
    """By name, on labels (K, D) and candidates (C, D), the first M of which are the negatives."""
    mined = TextFeatures(labels, candidates[: args.negatives])
    noise = unit_rows(15, args.dim, args.seed + 4).to(labels)
    words = TextFeatures(labels, candidates, noise=lambda seed: noise)
    task, sample = (
        AdaNegScore(proxies=proxies, order="given", batch_size=args.batch_size) for proxies in ("task", "sample")
    )
    tanl = TANLScore(order="given", batch_size=args.batch_size)
    oodd = OODDScore(order="given", batch_size=max(1, args.batch_size // 4))
    return {
        "task": Contest("AdaNeg, task-adaptive", task, mined, lambda: PlainAdaNeg(task, mined, args.chunk)),
        "sample": Contest("AdaNeg, sample-adaptive", sample, mined, lambda: PlainAdaNeg(sample, mined, args.chunk)),
        "tanl": Contest("TANL", tanl, words, lambda: PlainTANL(tanl, words, 0), warm=_ENOUGH),
        "oodd": Contest("OODD", oodd, mined, lambda: PlainOODD(oodd, mined), aim="none"),
    }


def images_near(labels: Tensor, negatives: Tensor, count: int, seed: int) -> Tensor:
    """Unit rows (N, D): one in six near one of the negatives (M, D), the others near one of the labels (K, D)."""
    generator = torch.Generator().manual_seed(seed)
    texts = labels[torch.randint(len(labels), (count,), generator=generator)]
    outliers = texts[_OOD_EVERY - 1 :: _OOD_EVERY]
    outliers[:] = negatives[torch.randint(len(negatives), (len(outliers),), generator=generator)]
    least, most = _NEAR
    cosines = least + (most - least) * torch.rand(count, 1, generator=generator)
    return normalize(cosines * texts + (1 - cosines**2).sqrt() * unit_rows(count, labels.shape[1], seed + 1), dim=1)


def watched(run: Callable[[], T]) -> tuple[T, float]:
    """What ``run`` gives, and how many MB more were held at its height than before; NaN where nothing tells."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
        before, found = torch.cuda.memory_allocated(), run()
        return found, (torch.cuda.max_memory_allocated() - before) / 1e6
    try:
        Path("/proc/self/clear_refs").write_text("5")  # Linux forgets the height so far
    except OSError:
        return run(), math.nan
    before, found = resident("VmRSS"), run()
    return found, resident("VmHWM") - before


def resident(field: str) -> float:
    """A field of Linux's account of this process, in MB."""
    return int(re.search(rf"{field}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) * 1024 / 1e6


def in_whole(contest: Contest, images: Tensor, pairs: int) -> tuple[Pairs, float]:
    """Ours against the static part on a stream (N, D), and the memory of ours in MB."""
    memory: list[float] = []

    def ours() -> None:
        memory.append(watched(lambda: contest.whole(images))[1])

    return measure(timed(ours), timed(lambda: contest.static(images)), pairs, warmups=0), memory[0]


@dataclass(frozen=True)
class InSlices:
    """Ours against the formula.

    Attributes:
        pairs: seconds of a slice.
        first: how many batches came before.
        difference: the largest of a score.
        memory: the formula's in MB.
    """

    pairs: Pairs
    first: int
    difference: float
    memory: float


def in_slices(contest: Contest, batches: Sequence[Tensor], pairs: int, size: int) -> InSlices:
    """Both on so many batches at a time, each pair behind the one before; the first slice is thrown away."""
    needed = (1 + pairs) * size
    if len(batches) < needed:
        raise SystemExit(f"--images: {len(batches)} batches are fewer than (1 + pairs) x slice = {needed}")
    first = min((len(batches) - needed) // 2, contest.warm)

    def begun(play: Play, learn: Callable[[Tensor], object]) -> Slices:
        for batch in batches[:first]:
            learn(batch)
        slices = Slices(play, batches[first:], size)
        slices()
        return slices

    def plain_begun() -> Slices:
        plain = contest.plain()
        return begun(plain, plain.learn)

    plain, memory = watched(plain_begun)
    stream = contest.ours()
    ours = begun(stream, stream)
    found = measure(timed(ours), timed(plain), pairs, warmups=0)
    difference = (torch.cat(ours.scores) - torch.cat(plain.scores)).abs().max().item()
    return InSlices(found, first + size, difference, memory)


def run(contest: Contest, images: Tensor, args: Namespace) -> None:
    """Measure and print one method on a stream (N, D)."""
    batches = contest.batches(images)
    slices = in_slices(contest, batches, args.pairs, args.slice)
    whole, memory = in_whole(contest, images, args.pairs)
    times, bare = len(batches) / args.slice, "NegLabelScore" if contest.score.static else "product with all texts"
    rows = [
        (f"{bare}, s", whole.bare, ".2f"),
        ("ours, s", whole.ours, ".2f"),
        (f"  ours / {bare}", whole.ours_over_bare, ".2f"),
        ("ours, scaled from a slice, s", [times * s for s in slices.pairs.ours], ".2f"),
        ("formula, scaled from a slice, s", [times * s for s in slices.pairs.bare], ".2f"),
        ("ratio: formula / ours, a slice", slices.pairs.bare_over_ours, ".2f"),
    ]
    print_table(f"{contest.title}: {len(images)} images in batches of {contest.score.batch_size}", rows, contest.aim)
    print(f"\nslices: {args.slice} batches each, after {slices.first} of {len(batches)}")
    print(f"largest difference of a score: {slices.difference:.1e}")
    print(f"memory beyond the features, MB: ours {memory:.0f}, formula {slices.memory:.0f}\n", flush=True)


def parse_args() -> Namespace:
    """The command line."""
    made = parser(__doc__, pairs=3)
    made.add_argument("--images", type=int, default=60_000, help="images of a stream, N")
    made.add_argument("--labels", type=int, default=1000, help="ID labels, K")
    made.add_argument("--negatives", type=int, default=10_000, help="negative labels, M, of AdaNeg and OODD")
    made.add_argument("--candidates", type=int, default=70_000, help="words that TANL chooses from, C")
    made.add_argument("--dim", type=int, default=512, help="width of the features, D")
    made.add_argument("--batch-size", type=int, default=256, help="images a batch, B; OODD's has a quarter")
    made.add_argument("--slice", type=int, default=2, help="batches that ours and the formula play in turn")
    made.add_argument("--chunk", type=int, default=2, help="texts whose proxies AdaNeg's formula makes at a time")
    made.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS, help="which to play")
    return made.parse_args()


@torch.no_grad()
def main() -> None:
    """Measure and print."""
    args = parse_args()
    prepare(args)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    labels, candidates = (unit_rows(n, args.dim, args.seed + i) for i, n in enumerate((args.labels, args.candidates)))
    images = images_near(labels, candidates[: args.negatives], args.images, args.seed + 2)
    found = contests(args, labels.to(device), candidates.to(device))
    for method in args.methods:
        run(found[method], images.to(device), args)


if __name__ == "__main__":
    main()
