"""Score head: NegLabel's score, and all four scores, against the bare product of images and texts."""

from argparse import Namespace
from collections.abc import Callable

import torch
from paired import Timed, measure, parser, prepare, print_table, timed
from synthetic import random_bank, unit_rows
from torch import Tensor

from mmneglabel.mining import LabelBank
from mmneglabel.models import ScoreHead
from mmneglabel.scores import EnergyScore, MaxLogitScore, MCMScore, NegLabelScore, Similarities, TextFeatures


def bare_product(images: Tensor, texts: TextFeatures) -> Callable[[], Tensor]:
    """``image @ text.T`` with every label and every negative."""
    features = torch.cat([texts.labels, texts.negatives])
    return lambda: images @ features.T


def neglabel_score(images: Tensor, texts: TextFeatures, groups: int) -> Callable[[], Tensor]:
    """NegLabel's score alone, from the features on."""
    score = NegLabelScore(groups=groups)
    return lambda: score(Similarities(images, texts))


def four_scores(images: Tensor, bank: LabelBank, labels_only: LabelBank, groups: int) -> Callable[[], object]:
    """The head as the configs set it up: NegLabel on its bank, the other three on a bank of their own prompts."""
    others = {"MCM": MCMScore(), "MaxLogit": MaxLogitScore(), "Energy": EnergyScore()}
    banks = {"NegLabel": bank, **dict.fromkeys(others, labels_only)}
    head = ScoreHead({"NegLabel": NegLabelScore(groups=groups), **others}, banks).to(images.device)
    return lambda: head(images)


def parse_args() -> Namespace:
    """The command line."""
    made = parser(__doc__, pairs=15)
    made.add_argument("--images", type=int, default=256, help="images a batch, B")
    made.add_argument("--labels", type=int, default=1000, help="ID labels, K")
    made.add_argument("--negatives", type=int, default=10499, help="negative labels, M")
    made.add_argument("--groups", type=int, default=100, help="groups, G")
    made.add_argument("--dim", type=int, default=512, help="width of the features, D")
    made.add_argument("--repeats", type=int, default=10, help="calls a measurement")
    return made.parse_args()


@torch.no_grad()
def main() -> None:
    """Measure and print."""
    args = parse_args()
    prepare(args)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    names = tuple(f"label {i}" for i in range(args.labels))
    bank = random_bank(names, args.negatives, args.dim, args.seed)
    labels_only = random_bank(names, 0, args.dim, args.seed + 1)
    images = unit_rows(args.images, args.dim, args.seed + 2).to(device)

    def clock(run: Callable[[], object]) -> Timed:
        return timed(run, args.repeats)

    texts = bank.texts.to(device)
    bare = clock(bare_product(images, texts))
    alone = measure(clock(neglabel_score(images, texts, args.groups)), bare, args.pairs)
    four = measure(clock(four_scores(images, bank, labels_only, args.groups)), bare, args.pairs)
    rows = [
        ("bare product, ms", [1e3 * s for s in alone.bare], ".2f"),
        ("NegLabelScore, ms", [1e3 * s for s in alone.ours], ".2f"),
        ("ScoreHead with four scores, ms", [1e3 * s for s in four.ours], ".2f"),
        ("  its ratio to the product", four.ours_over_bare, ".3f"),
        ("ratio: our time / product's time", alone.ours_over_bare, ".3f"),
    ]
    sizes = f"B={args.images}, K={args.labels}, M={args.negatives}, G={args.groups}, D={args.dim}"
    print_table(f"Score head: {sizes}, float32", rows, "<= 1.10")


if __name__ == "__main__":
    main()
