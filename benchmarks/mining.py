"""Mining the embedded demo's words, and tokenising their prompts: ours against the same by hand with open_clip."""

from argparse import Namespace
from collections.abc import Callable, Sequence

import torch
from open_clip import SimpleTokenizer
from paired import measure, parser, prepare, print_table, timed
from torch import Tensor

from mmneglabel.backbones import OpenCLIPBackbone
from mmneglabel.backbones.base import unit
from mmneglabel.corpus.prompts import fill
from mmneglabel.mining import NegMining
from mmneglabel.models.banks import SharedTextEncoder
from mmneglabel.storage.text_files import read_words


@torch.no_grad()
def by_hand(
    backbone: OpenCLIPBackbone, miner: NegMining, labels: Sequence[str], tokenizer: Callable[[list[str]], Tensor]
) -> list[str]:
    """The negatives by algorithm 1 of NegLabel: prompts padded to the context length, 256 a batch, and sorted."""

    def features(prompts: list[str]) -> Tensor:
        batches = tokenizer(prompts).split(256)
        return unit(torch.cat([backbone.model.encode_text(batch.to(backbone.device)) for batch in batches])).cpu()

    prompts, chosen = miner.prompts, []
    of_labels = features([fill(prompts.label[0], label) for label in labels])
    for words, template in ((miner.words.nouns, prompts.noun[0]), (miner.words.adjectives, prompts.adjective[0])):
        if not words:
            continue
        of_words = features([fill(template, word) for word in words])
        near = torch.cat([(block @ of_labels.T).quantile(miner.quantile, dim=1) for block in of_words.split(4096)])
        chosen += [words[row] for row in near.argsort()[: int(len(words) * miner.ratio)].tolist()]
    return chosen


def parse_args() -> Namespace:
    """The command line."""
    made = parser(__doc__, pairs=3)
    made.add_argument("--model", default="demo/mmneglabel-demo.json", help="an open_clip model")
    made.add_argument(
        "--pretrained", default="demo/mmneglabel-demo.safetensors", help="its weights; '' for random ones"
    )
    made.add_argument("--words", help="a word list in place of WordNet's")
    return made.parse_args()


def main() -> None:
    """Measure and print."""
    args = parse_args()
    prepare(args)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    backbone = OpenCLIPBackbone(args.model, args.pretrained or None).to(device)
    labels, miner = read_words("demo/class_names.txt", "list of classes"), NegMining(corpus=args.words)
    prompts = [fill(miner.prompts.noun[0], word) for word in (*miner.words.nouns, *miner.words.adjectives)]
    text_tower = backbone.text_fingerprint()

    library = SimpleTokenizer(context_length=backbone.tokenize(["a"]).shape[1])
    nothing = dict(library.cache)

    def theirs(texts: list[str]) -> Tensor:
        """As in a new process: it remembers words."""
        library.cache = dict(nothing)
        return library(texts)

    def ours() -> tuple[str, ...]:
        return miner.mine(labels, SharedTextEncoder(backbone), text_tower).negatives

    same = torch.equal(backbone.tokenize(prompts), theirs(prompts))
    pairs = measure(timed(lambda: backbone.tokenize(prompts)), timed(lambda: theirs(prompts)), args.pairs)
    rows = [
        ("open_clip's tokenizer, prompts/s", [len(prompts) / s for s in pairs.bare], ",.0f"),
        ("ours, prompts/s", [len(prompts) / s for s in pairs.ours], ",.0f"),
        ("ratio: tokens, its time / ours", pairs.bare_over_ours, ".2f"),
    ]
    print_table(f"Tokenising: {len(prompts):,} prompts", rows, ">= 4")
    print(f"ids are {'equal' if same else 'NOT EQUAL'}\n")
    common = len({*ours()} & {*by_hand(backbone, miner, labels, theirs)})
    pairs = measure(timed(ours), timed(lambda: by_hand(backbone, miner, labels, theirs)), args.pairs, warmups=0)
    rows = [
        ("by hand, s", pairs.bare, ".2f"),
        ("NegMining, s", pairs.ours, ".2f"),
        ("ratio: time by hand / ours", pairs.bare_over_ours, ".2f"),
    ]
    print_table(f"Mining: {len(labels)} classes, {args.model}", rows, ">= 3")
    print(f"negatives in common: {common:,} of {len(ours()):,}")


if __name__ == "__main__":
    main()
