"""What ``tools/words.py`` does: the negatives that take the mass of good images, and the table without them."""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmneglabel import results
from mmneglabel.cli.testing import run_rescore
from mmneglabel.engine.work_dir import config_of, read_metrics
from mmneglabel.errors import DataError
from mmneglabel.evaluation.report import MEAN
from mmneglabel.results import NO_LABEL, Results
from mmneglabel.storage.text_files import write_atomically

_CLASSES = 3
"""Classes that are named beside a word."""


@dataclass(frozen=True)
class Blame:
    """What a negative takes of a set's images.

    Attributes:
        word: the negative.
        share: of the softmax, the mean over all images of the set; where it is none of an image's five, 0.
        images: of how many images it is among the five.
        classes: those of which it takes the most, with the mean share of their images.
    """

    word: str
    share: float
    images: int
    classes: tuple[tuple[str, float], ...]


def blamed(found: Results, set_name: str | None = None, count: int | None = None) -> list[Blame]:
    """The negatives by what they take of a set's readable images, the ID set's where none is named, the most first.

    Those that are among the five of no image are left out, and so are all behind the first ``count``.

    Raises:
        DataError: the results do not tell.
    """
    if not found.shares_of:
        raise DataError("These results tell no words: test a config with NegLabel, CSP or another score of its kind")
    own = found.of_set(set_name or found.set_names[0])
    words, shares = found.shares["negatives"][own], found.shares["negative_shares"][own].astype(np.float64)
    known = not set_name and not (found.gt_label[own] == NO_LABEL).any()
    labels = (found.gt_label if known else found.pred_label)[own]
    total = np.bincount(words.ravel(), shares.ravel(), minlength=len(found.negatives)) / len(own)
    images = np.bincount(words.ravel(), minlength=len(found.negatives))
    order = [word for word in np.argsort(-total, kind="stable") if images[word]][:count]
    return [
        Blame(
            found.negatives[word], float(total[word]), int(images[word]), _classes(found, word, words, shares, labels)
        )
        for word in order
    ]


def _classes(found: Results, word: int, words: Any, shares: Any, labels: Any) -> tuple[tuple[str, float], ...]:
    """The classes of which a word takes the most."""
    taken = np.where(words == word, shares, 0).sum(axis=1)
    images = np.bincount(labels, minlength=len(found.class_names))
    means = np.bincount(labels, taken, minlength=len(found.class_names)) / np.maximum(images, 1)
    most = [label for label in np.argsort(-means, kind="stable")[:_CLASSES] if means[label]]
    return tuple((found.class_names[label], float(means[label])) for label in most)


def run_words(args: Namespace) -> None:
    """Print, write and try out as ``args`` say; see ``tools/words.py --help``."""
    found = results.load(args.work_dir)
    blames = blamed(found, args.set, args.words)
    print(_table(blames, found, args.set))
    if args.out:
        write_atomically(Path(args.out), "".join(f"{one.word}\n" for one in blames))
        print(f"Written to {args.out}, which drop= and --drop read")
    if args.drop:
        _without(args, found.shares_of)


def _table(blames: Sequence[Blame], found: Results, set_name: str | None) -> str:
    """A line a word."""
    whose = set_name or found.set_names[0]
    width = max((len(one.word) for one in blames), default=4)
    lines = [
        f"{one.word:<{width}}  {one.share:>8.4%}  {one.images:>6}  "
        + ", ".join(f"{name} {share:.2%}" for name, share in one.classes)
        for one in blames
    ]
    head = f"What takes the softmax of {found.shares_of} from {len(found.of_set(whose)):,} images of {whose!r}:"
    return "\n".join([head, f"{'word':<{width}}  {'share':>8}  {'images':>6}  most of", *lines])


def _without(args: Namespace, score: str) -> None:
    """The test again from kept features, without these words, into a work dir of its own."""
    config = config_of(Path(args.work_dir))
    words = args.drop[0] if len(args.drop) == 1 and Path(args.drop[0]).is_file() else list(args.drop)
    folder = Path(args.work_dir) / "without"
    # The run's config holds its files' variables too, which would be warned of; what is inherited is not.
    inherits = folder / "config.py"
    write_atomically(inherits, f"_base_ = {str(Path(config.filename).resolve())!r}\n")
    run_rescore(
        Namespace(
            config=str(inherits), checkpoint=config.get("load_from"), work_dir=str(folder), launcher="none",
            cfg_options={f"model.scores.{score}.bank.drop": words}, amp=False, verbose=False, traceback=False,
        )
    )  # fmt: skip
    before, after = (read_metrics(place)[score][MEAN] for place in (Path(args.work_dir), folder))
    for name in ("auroc", "fpr95_id_positive", "fpr95_ood_positive"):
        print(f"{score}, mean {name}: {100 * before[name]:.2f} -> {100 * after[name]:.2f}")
