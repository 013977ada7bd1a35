"""The metric: evaluating a million images against argsort, gathering them against bare tensors, bytes held."""

import logging
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable

import numpy as np
import torch
from mmengine.logging import MMLogger
from paired import Pairs, measure, now, parser, prepare, print_table, timed
from torch import distributed, multiprocessing

from mmneglabel.evaluation.ood_metric import OODMetric
from mmneglabel.ranks import rank

PLAIN = 4
"""Numbers an image beside its scores: where it stands, its set, its predicted and its true class."""


def filled(args: Namespace, images: int) -> OODMetric:
    """A metric that has seen so many images, batch by batch, a seventh of them ID."""
    sets = [f"set {number}" for number in range(args.sets + 1)]
    metric = OODMetric()
    metric.dataset_meta = {"id_set": sets[0], "ood_sets": sets[1:]}
    scores = np.random.default_rng(args.seed).normal(size=(images, args.scores))
    names = [f"score {number}" for number in range(args.scores)]
    for start in range(0, images, args.batch_size):
        samples = [
            {
                "sample_idx": index + rank() * images,
                "ood_set": sets[index * len(sets) // images],
                "ood_scores": dict(zip(names, scores[index].tolist(), strict=True)),
                "pred_label": (0,),
                "gt_label": (0,),
            }
            for index in range(start, min(start + args.batch_size, images))
        ]
        metric.process(None, samples)
    return metric


def evaluating(args: Namespace) -> tuple[Pairs, float]:
    """The report, from rows to table, against the sorting of every score; and the bytes an image that are held."""
    metric = filled(args, args.images)
    rows, state = list(metric.results), (metric._layout, metric._names)
    columns = np.concatenate(rows)["ood_scores"].T.copy()

    def ours() -> float:
        metric.results, (metric._layout, metric._names) = list(rows), state
        started = now()
        metric.evaluate(args.images)
        return now() - started

    pairs = measure(ours, timed(lambda: [np.argsort(column) for column in columns]), args.pairs)
    return pairs, sum(map(sys.getsizeof, rows)) / args.images


def gathering(process: int, args: Namespace, store: str, found: multiprocessing.Queue) -> None:
    """What one of two processes does: gathers its rows, and bare float64 tensors of as many numbers."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", f"file://{store}", rank=process, world_size=2)
    metric = filled(args, args.images_gathered)
    rows, state = list(metric.results), (metric._layout, metric._names)
    bare = torch.zeros(args.images_gathered, PLAIN + args.scores, dtype=torch.float64)

    def together(run: Callable[[], object]) -> float:
        distributed.barrier()
        return timed(run)()

    def ours() -> float:
        metric.results, (metric._layout, metric._names) = list(rows), state
        return together(metric._rows_of_all)

    def tensors() -> object:
        parts = [torch.empty_like(bare) for _ in range(2)] if process == 0 else None
        distributed.gather(bare, parts)
        return parts and torch.cat(parts)

    pairs = measure(ours, lambda: together(tensors), args.pairs)
    if process == 0:
        found.put(pairs)
    distributed.barrier()
    distributed.destroy_process_group()


def parse_args() -> Namespace:
    """The command line."""
    made = parser(__doc__, pairs=7)
    made.add_argument("--images", type=int, default=1_000_000, help="images that are evaluated")
    made.add_argument("--images-gathered", type=int, default=100_000, help="images of each of two processes")
    made.add_argument("--scores", type=int, default=8, help="scores an image")
    made.add_argument("--sets", type=int, default=6, help="OOD sets")
    made.add_argument("--batch-size", type=int, default=256, help="images a batch")
    return made.parse_args()


def main() -> None:
    """Measure and print."""
    args = parse_args()
    prepare(args)
    MMLogger.get_current_instance().setLevel(logging.WARNING)
    evaluated, size = evaluating(args)
    found = multiprocessing.get_context("spawn").SimpleQueue()
    with tempfile.TemporaryDirectory() as folder:
        multiprocessing.spawn(gathering, (args, f"{folder}/meet", found), nprocs=2, join=False)
        gathered = found.get()
    rows = [
        ("argsort of every score, ms", [1e3 * s for s in evaluated.bare], ".1f"),
        ("OODMetric.evaluate, ms", [1e3 * s for s in evaluated.ours], ".1f"),
        ("bare tensors gathered, ms", [1e3 * s for s in gathered.bare], ".1f"),
        ("OODMetric's rows gathered, ms", [1e3 * s for s in gathered.ours], ".1f"),
        ("  gathering: its ratio (aim <= 2)", gathered.ours_over_bare, ".2f"),
        ("  bytes held an image (aim <= 130)", [size] * args.pairs, ".1f"),
        ("ratio: evaluate / argsort", evaluated.ours_over_bare, ".2f"),
    ]
    print_table(f"Metric: {args.images} images, {args.scores} scores, {args.sets} OOD sets", rows, "<= 4.00")


if __name__ == "__main__":
    main()
