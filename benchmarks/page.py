"""The page: bootstrap intervals against sorting every resample anew, seconds and megabytes of a large test's page."""

from argparse import Namespace

import numpy as np
from paired import measure, now, parser, prepare, print_table, timed

from mmneglabel.evaluation import ood_metrics, resample
from mmneglabel.results import Results
from mmneglabel.visualization import html_page


def generated(args: Namespace) -> Results:
    """Results of random images: a share and its words, and further scores."""
    random, sizes = np.random.default_rng(args.seed), [args.known, *[args.ood // args.sets] * args.sets]
    sets = np.repeat(np.arange(len(sizes)), sizes)
    log_odds = random.normal(np.where(sets == 0, 6, 1), 2.5)
    others = log_odds[:, None] + random.normal(0, 3, (len(sets), args.scores - 1))
    labels, words, five = args.labels, args.words, (len(sets), 5)
    return Results(
        set_names=tuple(f"set {number}" for number in range(len(sizes))),
        score_names=("NegLabel", *(f"score {number}" for number in range(1, args.scores))),
        set_index=sets,
        scores=np.column_stack([1 / (1 + np.exp(-log_odds)), others]),
        pred_label=random.integers(0, labels, len(sets)),
        gt_label=np.where(sets == 0, random.integers(0, labels, len(sets)), -1),
        log_odds_names=("NegLabel",),
        log_odds=log_odds[:, None],
        class_names=[f"class {number}" for number in range(labels)],
        shares_of="NegLabel",
        shares={
            "labels": random.integers(0, labels, five, np.int32),
            "label_shares": random.random(five, np.float32) / 5,
            "negatives": random.integers(0, words, five, np.int32),
            "negative_shares": random.random(five, np.float32) / 500,
        },
        negatives=[f"a negative word {number}" for number in range(words)],
        words={
            "distances": random.random(words, np.float32),
            "adjectives": np.arange(words) % 5 == 0,
            "label_map": random.random((labels, 2), np.float32),
            "negative_map": random.random((words, 2), np.float32),
        },
    )


def sorted_anew(images: Results, resamples: int, seed: int) -> None:
    """The metrics of every resample from its scores."""
    random, sets = np.random.default_rng(seed), [images.of_set(name) for name in images.set_names]
    for _ in range(resamples):
        known, *others = [random.choice(places, len(places)) for places in sets]
        for column in images.scores.T:
            for ood in others:
                ood_metrics(column[known], column[ood])


def parse_args() -> Namespace:
    """The command line."""
    made = parser(__doc__, pairs=3)
    made.add_argument("--known", type=int, default=50_000, help="ID images")
    made.add_argument("--ood", type=int, default=100_000, help="OOD images, of all sets")
    made.add_argument("--sets", type=int, default=4, help="OOD sets")
    made.add_argument("--scores", type=int, default=1, help="scores an image")
    made.add_argument("--labels", type=int, default=1000, help="class names")
    made.add_argument("--words", type=int, default=10_000, help="negatives")
    made.add_argument("--resamples", type=int, default=20, help="that are compared; the page has 2,000")
    return made.parse_args()


def main() -> None:
    """Measure and print."""
    args = parse_args()
    prepare(args)
    images = generated(args)
    found = measure(
        timed(lambda: resample(images, args.resamples)),
        timed(lambda: sorted_anew(images, args.resamples, args.seed)),
        args.pairs,
    )
    seconds, sizes = [], []
    for _ in range(args.pairs):
        started = now()
        sizes.append(len(html_page({"run": images}).encode()) / 1e6)
        seconds.append(now() - started)
    rows = [
        ("every resample sorted, ms a resample", [1e3 * s / args.resamples for s in found.bare], ".2f"),
        ("resample, ms a resample", [1e3 * s / args.resamples for s in found.ours], ".2f"),
        ("  the page, s (aim <= 20)", seconds, ".1f"),
        ("  the page, MB (aim <= 5)", sizes, ".2f"),
        ("ratio: sorted / resample", found.bare_over_ours, ".1f"),
    ]
    print_table(f"Page: {len(images)} images, {args.scores} scores, {args.sets} OOD sets", rows, ">= 5.0")


if __name__ == "__main__":
    main()
