"""Multi-matching, with label pairs kept from a run before and with none, against the definition, one image at a time.

Which labels and negatives match which image comes from the embedded demo, so that images share pairs as real ones do;
the pairs, and pictures of noise, are encoded by the towers of --model, whose weights are random.
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
def matches(runner: Runner, seed: int) -> tuple[LabelBank, Tensor, Tensor]:
    """The demo's bank, and for all its pictures, in a random order, the five best labels and negatives (N, 5)."""
    for moment in ("before_test", "before_test_epoch"):
        runner.call_hook(moment)
    model = runner.model
    (pairs,), (texts,) = model.head.pairs.values(), model.head.texts.values()
    features = [model.extract_feat(model.data_preprocessor(batch)["inputs"]) for batch in runner.test_dataloader]
    features = torch.cat(features)[
        torch.randperm(len(runner.test_dataloader.dataset), generator=torch.Generator().manual_seed(seed))
    ]
    seen = Similarities(features, texts)
    return pairs.bank, seen.logits.topk(min(5, len(pairs.bank.labels)), dim=1).indices, seen.top_negatives(5)


def batched(pairs: PairFeatures, labels: Tensor, negatives: Tensor, size: int) -> Tensor:
    """Pair features (N, 25, D) as the model gets them."""
    count, found = len(pairs.bank.negatives), []
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
    made.add_argument("--one-by-one", type=int, default=2, help="how many of them for the definition")
    made.add_argument("--batch-size", type=int, default=64, help="images a batch, of ours and of the image tower")
    add_words(made)
    return made.parse_args()


class Contest:
    """The three ways of making the pair features of the same pictures, and what the last call of each made."""

    def __init__(self, backbone: OpenCLIPBackbone, bank: LabelBank, matched: list[Tensor], args: Namespace) -> None:
        self._backbone, self._bank, self._size = backbone, bank, args.batch_size
        self._many, self._few = ([side[:count] for side in matched] for count in (args.images, args.one_by_one))

    def authors(self) -> None:
        """One by one."""
        self.expected = one_by_one(self._backbone, self._bank, *self._few)

    def fresh(self) -> None:
        """From nothing kept."""
        self.first = PairFeatures(self._backbone, self._bank)
        self.found = batched(self.first, *self._many, self._size)

    def again(self) -> None:
        """All kept by the run before."""
        batched(self.second, *self._many, self._size)

    def restore(self) -> None:
        """Make a second run ready."""
        self.second = PairFeatures(self._backbone, self._bank)
        self.second.restore(self.first.kept())

    def hits(self, codes: Tensor) -> list[str]:
        """How many pairs each run had, and the first would have of all pictures, whose pairs are ``codes`` (N, 25)."""
        images, each = len(self.found), codes.shape[1]
        runs = {
            f"nothing kept, {images} pictures": (self.first.encoded, images * each),
            f"kept from a run before, {images} pictures": (self.second.encoded, images * each),
            f"nothing kept, all {len(codes)} pictures": (len(codes.unique()), codes.numel()),
        }
        return [
            f"hit rate, {run}: {1 - new / asked:.1%}, {new / asked * each:.1f} new"
            for run, (new, asked) in runs.items()
        ]


@torch.no_grad()
def tower_seconds(backbone: OpenCLIPBackbone, count: int) -> float:
    """Seconds an image of the image tower, which all three ways need."""
    pixels = torch.randn(count, 3, *backbone.preprocessing.size, device=backbone.device)
    backbone.encode_image(pixels)
    return timed(lambda: backbone.encode_image(pixels))() / count


def main() -> None:
    """Measure and print."""
    args = parse_args()
    prepare(args)
    with tempfile.TemporaryDirectory() as folder:
        runner = demo_runner("negrefine", folder, args.words, ["MultiMatching"])
        bank, *matched = matches(runner, args.seed)
    backbone = OpenCLIPBackbone(args.model).to("cuda" if torch.cuda.is_available() else "cpu")
    labels, negatives = matched = [side.to(backbone.device) for side in matched]
    contest = Contest(backbone, bank, matched, args)
    measured = measure(timed(contest.fresh), timed(contest.authors), args.pairs, warmups=0)
    contest.restore()
    images, few = len(contest.found), len(contest.expected)
    tower, kept = tower_seconds(backbone, args.batch_size), timed(contest.again)() / images
    ways = {"one by one": [tower + seconds / few for seconds in measured.bare],
            "nothing kept": [tower + seconds / images for seconds in measured.ours],
            "kept from a run before": [tower + kept] * args.pairs,
            "the image tower alone": [tower] * args.pairs}  # fmt: skip
    rows = [(f"{name}, images/s", [1 / each for each in seconds], ".3f") for name, seconds in ways.items()]
    ratios = {name: [b / a for a, b in zip(ways[name], ways["one by one"], strict=True)] for name in ways}
    text = [ratio * images / few for ratio in measured.bare_over_ours]
    rows.append(("without the tower, nothing kept", text, ".1f"))
    rows.append(("  kept / one by one (aim >= 10)", ratios["kept from a run before"], ".1f"))
    rows.append(("ratio: nothing kept / one by one", ratios["nothing kept"], ".1f"))
    print_table(f"Multi-matching: {images} pictures, {args.model}, batches of {args.batch_size}", rows, ">= 10")
    codes = (labels[:, :, None] * len(bank.negatives) + negatives[:, None, :]).flatten(1)
    print("", *contest.hits(codes), sep="\n")
    print(f"largest difference of a feature: {(contest.found[:few] - contest.expected).abs().max():.1e}")


if __name__ == "__main__":
    main()
