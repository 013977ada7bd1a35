"""Multi-matching's text features, batched, packed and kept, against the definition, one image at a time.

Which labels and negatives match which image comes from the embedded demo, so that images share pairs as real ones
do; the pairs are encoded by the text tower of --model, whose weights are random.
"""

import tempfile
from argparse import Namespace

import torch
from demo_runs import add_words, demo_runner
from mmengine.runner import Runner
from paired import measure, parser, prepare, print_table, timed
from torch import Tensor

from mmneglabel.backbones import OpenCLIPBackbone
from mmneglabel.backbones.base import unit
from mmneglabel.corpus.prompts import fill
from mmneglabel.mining import LabelBank
from mmneglabel.mining.csp import NOUN_TEMPLATES
from mmneglabel.models.pair_features import PairFeatures
from mmneglabel.scores import Similarities


@torch.no_grad()
def matches(runner: Runner, images: int, seed: int) -> tuple[LabelBank, Tensor, Tensor]:
    """The demo's bank, and for ``images`` of its pictures the five best labels and negatives (N, 5)."""
    for moment in ("before_test", "before_test_epoch"):
        runner.call_hook(moment)
    model = runner.model
    (pairs,), (texts,) = model.head.pairs.values(), model.head.texts.values()
    features = [model.extract_feat(model.data_preprocessor(batch)["inputs"]) for batch in runner.test_dataloader]
    features = torch.cat(features)[
        torch.randperm(len(runner.test_dataloader.dataset), generator=torch.Generator().manual_seed(seed))[:images]
    ]
    seen = Similarities(features, texts)
    return pairs.bank, seen.logits.topk(min(5, len(pairs.bank.labels)), dim=1).indices, seen.top_negatives(5)


def batched(backbone: OpenCLIPBackbone, bank: LabelBank, labels: Tensor, negatives: Tensor, size: int) -> Tensor:
    """Pair features (N, 25, D) as the model gets them, from nothing kept."""
    pairs, count, found = PairFeatures(backbone, bank), len(bank.negatives), []
    for some_labels, some_negatives in zip(labels.split(size), negatives.split(size), strict=True):
        codes = (some_labels[:, :, None] * count + some_negatives[:, None, :]).flatten(1)
        unique, place = codes.unique(return_inverse=True)
        found.append(pairs(unique // count, unique % count)[place].cpu())
    return torch.cat(found)


@torch.no_grad()
def one_by_one(backbone: OpenCLIPBackbone, bank: LabelBank, labels: Tensor, negatives: Tensor) -> Tensor:
    """The same (N, 25, D) by the definition: all texts of one image, padded, through the library's ``encode_text``."""
    found = []
    for mine, others in zip(labels.tolist(), negatives.tolist(), strict=True):
        texts = [f"{bank.labels[y]} and {bank.negatives[n]}" for y in mine for n in others]
        tokens = backbone.tokenize([fill(template, text) for template in NOUN_TEMPLATES for text in texts])
        embedded = backbone.model.encode_text(tokens.to(backbone.device)).float().cpu()
        found.append(unit(embedded.view(len(NOUN_TEMPLATES), len(texts), -1).mean(0)))
    return torch.stack(found)


def parse_args() -> Namespace:
    """The command line."""
    made = parser(__doc__, pairs=1)
    made.add_argument("--model", default="ViT-B-16", help="an open_clip model; its weights are random")
    made.add_argument("--images", type=int, default=256, help="pictures of the demo, drawn at random, for ours")
    made.add_argument("--one-by-one", type=int, default=4, help="how many of them for the definition")
    made.add_argument("--batch-size", type=int, default=64, help="images a batch, of ours")
    add_words(made)
    return made.parse_args()


def main() -> None:
    """Measure and print."""
    args = parse_args()
    prepare(args)
    with tempfile.TemporaryDirectory() as folder:
        runner = demo_runner("negrefine", folder, args.words, ["MultiMatching"])
        bank, labels, negatives = matches(runner, args.images, args.seed)
    backbone = OpenCLIPBackbone(args.model).to("cuda" if torch.cuda.is_available() else "cpu")
    few = labels[: args.one_by_one], negatives[: args.one_by_one]
    difference = batched(backbone, bank, *few, args.batch_size) - one_by_one(backbone, bank, *few)
    ours = timed(lambda: batched(backbone, bank, labels, negatives, args.batch_size))
    pairs = measure(ours, timed(lambda: one_by_one(backbone, bank, *few)), args.pairs, warmups=0)
    ours_rate, bare_rate = ([len(labels) / s for s in pairs.ours], [len(few[0]) / s for s in pairs.bare])
    rows = [
        ("one by one, images/s", bare_rate, ".3f"),
        ("batched, packed, kept, images/s", ours_rate, ".3f"),
        ("ratio: our rate / one by one", [a / b for a, b in zip(ours_rate, bare_rate, strict=True)], ".1f"),
    ]
    title = f"Multi-matching: {len(labels)} pictures, {args.model}, batches of {args.batch_size}"
    print_table(title, rows, ">= 50")
    codes = labels[:, :, None] * len(bank.negatives) + negatives[:, None, :]
    print(f"\ndistinct pairs an image: {len(codes.unique()) / len(labels):.1f} of {codes[0].numel()}")
    print(f"largest difference of a feature: {difference.abs().max():.1e}")


if __name__ == "__main__":
    main()
