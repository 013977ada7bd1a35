"""How seconds and memory grow: the head with labels and negatives, the metric with images, mining with candidates.

Each curve is fitted by a straight line, weighted so that small sizes count as much as large ones; the last of its rows
says how far the farthest point lies from it.
"""

import logging
import statistics
from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from metric import filled
from mmengine.logging import MMLogger
from paired import now, parser, prepare, print_table
from synthetic import unit_rows

from mmneglabel.mining.select import quantile_similarity
from mmneglabel.scores import NegLabelScore, Similarities, TextFeatures

Run = Callable[[], object]
Curve = list[tuple[int, float]]
"""Sizes, and the seconds that each takes."""


def curve(sizes: Sequence[int], make: Callable[[int], Run], repeats: int) -> Curve:
    """The median of some calls of what is made for each size."""
    found = []
    for size in sizes:
        run, taken = make(size), []
        for _ in range(repeats):
            started = now()
            run()
            taken.append(now() - started)
        found.append((size, statistics.median(taken)))
    return found


def head(args: Namespace, texts: int) -> Run:
    """NegLabel's score of a batch."""
    labels = min(args.labels, texts // 2)
    features = TextFeatures(unit_rows(labels, args.dim, 1), unit_rows(texts - labels, args.dim, 2))
    images, score = unit_rows(args.batch_size, args.dim, args.seed), NegLabelScore()
    return lambda: score(Similarities(images, features))


def quantiles(args: Namespace, candidates: int) -> Run:
    """How near each candidate is to the labels."""
    labels, words = unit_rows(args.labels, args.dim, 1), unit_rows(candidates, args.dim, 2)
    return lambda: quantile_similarity(words, labels, 0.95)


def metric(args: Namespace, images: int) -> Run:
    """The report of all rows."""
    held = filled(args, images)
    rows, state = list(held.results), (held._layout, held._names)

    def evaluate() -> None:
        held.results, (held._layout, held._names) = list(rows), state
        held.evaluate(images)

    return evaluate


def fitted(points: Curve) -> tuple[float, float, float]:
    """Seconds at size 0, seconds for one more, and the farthest point's measured over fitted."""
    sizes, taken = (np.array(column, dtype=float) for column in zip(*points, strict=True))
    weights = 1 / taken
    start, slope = np.linalg.lstsq(np.stack([weights, sizes * weights], 1), np.ones(len(taken)), rcond=None)[0]
    ratios = taken / (start + slope * sizes)
    return start, slope, float(max(ratios.max(), 1 / ratios.min()))


def rows_of(name: str, curves: Sequence[Curve]) -> list[tuple[str, list[float], str]]:
    """A row a point, and what the line says; a value a pair."""
    lines = [fitted(points) for points in curves]
    by_size = [[1e3 * taken for _, taken in same] for same in zip(*curves, strict=True)]
    sizes = [size for size, _ in curves[0]]
    return [
        *((f"{name}, {size:,}: ms", taken, ".2f") for size, taken in zip(sizes, by_size, strict=True)),
        ("  its line: ms at 0", [1e3 * start for start, _, _ in lines], ".2f"),
        ("  ms for 1,000 more", [1e6 * slope for _, slope, _ in lines], ".3f"),
        (f"  {name}: farthest / line (aim <= 1.30)", [farthest for _, _, farthest in lines], ".2f"),
    ]


def main() -> None:
    """Measure and print."""
    made = parser(__doc__, pairs=3)
    made.add_argument("--texts", type=int, nargs="+", default=[2_000, 5_000, 11_499, 30_000, 70_000], help="K + M")
    made.add_argument("--images", type=int, nargs="+", default=[10_000, 100_000, 300_000, 1_000_000], help="N")
    made.add_argument("--labels", type=int, default=1000, help="ID labels, K")
    made.add_argument("--dim", type=int, default=512, help="width of the features, D")
    made.add_argument("--batch-size", type=int, default=256, help="images a batch, B")
    made.add_argument("--scores", type=int, default=4, help="scores of an image, in the metric")
    made.add_argument("--sets", type=int, default=4, help="OOD sets, in the metric")
    made.add_argument("--repeats", type=int, default=5, help="calls of each, of which the median counts")
    args = made.parse_args()
    prepare(args)
    MMLogger.get_current_instance().setLevel(logging.WARNING)
    sizes = {"head, K + M": (args.texts, head), "quantile, candidates": (args.texts, quantiles)}
    sizes |= {"metric, images": (args.images, metric)}
    rows = []
    with torch.no_grad():
        for name, (points, make) in sizes.items():
            rows += rows_of(name, [curve(points, partial(make, args), args.repeats) for _ in range(args.pairs)])
    (last, values, form) = rows.pop()
    rows.append((f"ratio: {last.strip().partition(' (')[0]}", values, form))
    print_table(f"Scale: B={args.batch_size}, K={args.labels}, D={args.dim}, {args.scores} scores", rows, "<= 1.30")


if __name__ == "__main__":
    main()
