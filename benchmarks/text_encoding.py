"""Text encoding: length-sorted, trimmed batches against the plain loop over prompts padded to the full context."""

import random
from argparse import Namespace

import torch
from paired import measure, parser, prepare, print_table, timed
from torch import Tensor

from mmneglabel.backbones import OpenCLIPBackbone, encode_words
from mmneglabel.backbones.base import unit
from mmneglabel.backbones.text import plan_batches
from mmneglabel.corpus import Prompts, read_corpus


def sample_prompts(count: int, seed: int) -> list[str]:
    """``count`` prompts of the corpus that travels with the project, nouns and adjectives in its proportion."""
    corpus, prompts = read_corpus(), Prompts()
    words = [(word, "noun") for word in corpus.nouns] + [(word, "adj") for word in corpus.adjectives]
    return random.Random(seed).sample(prompts.written(words), count)


@torch.no_grad()
def plain_loop(backbone: OpenCLIPBackbone, prompts: list[str], batch_size: int) -> Tensor:
    """Features (N, D) by the library's own ``encode_text``, in the order given, at the full context length."""
    tokens = backbone.tokenize(prompts)
    batches = (backbone.model.encode_text(batch.to(backbone.device)) for batch in tokens.split(batch_size))
    return torch.cat([unit(features).cpu() for features in batches])


def parse_args() -> Namespace:
    """The command line."""
    made = parser(__doc__, pairs=3)
    made.add_argument("--model", default="ViT-B-16", help="an open_clip model; its weights are random")
    made.add_argument("--prompts", type=int, default=512, help="prompts, drawn from the corpus")
    made.add_argument("--batch-size", type=int, default=64, help="prompts a forward pass, of both")
    return made.parse_args()


def main() -> None:
    """Measure and print."""
    args = parse_args()
    prepare(args)
    backbone = OpenCLIPBackbone(args.model).to("cuda" if torch.cuda.is_available() else "cpu")
    prompts = sample_prompts(args.prompts, args.seed)

    def ours() -> Tensor:
        return encode_words(backbone, prompts, batch_size=args.batch_size)

    def plain() -> Tensor:
        return plain_loop(backbone, prompts, args.batch_size)

    difference = (ours() - plain()).abs().max().item()  # the warm-up too
    pairs = measure(timed(ours), timed(plain), args.pairs, warmups=0)
    rows = [
        ("plain loop, prompts/s", [args.prompts / s for s in pairs.bare], ".1f"),
        ("encode_words, prompts/s", [args.prompts / s for s in pairs.ours], ".1f"),
        ("ratio: plain time / our time", pairs.bare_over_ours, ".2f"),
    ]
    print_table(f"Text encoding: {args.prompts} prompts, {args.model}, batches of {args.batch_size}", rows, ">= 12")
    lengths = backbone.text_lengths(backbone.tokenize(prompts))
    batched = sum(len(rows) * int(lengths[rows].max()) for rows in plan_batches(lengths, args.batch_size))
    print(f"\ntokens a prompt: {lengths.float().mean():.2f}, as batched {batched / len(prompts):.2f}")
    print(f"largest difference of a feature: {difference:.1e}")


if __name__ == "__main__":
    main()
