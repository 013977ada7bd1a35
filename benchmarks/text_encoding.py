"""Text encoding: prompts that share their beginnings against the plain loop over prompts padded to the full context."""

import random
from argparse import Namespace

import torch
from paired import measure, parser, prepare, print_table, timed
from torch import Tensor

from mmneglabel.backbones import OpenCLIPBackbone, encode_prompts
from mmneglabel.backbones.base import unit
from mmneglabel.backbones.packing import pack, plan_rows
from mmneglabel.corpus import Prompts, read_corpus


def sample_prompts(count: int, seed: int, prompts: Prompts | None = None) -> list[str]:
    """``count`` prompts of the corpus that travels with the project, nouns and adjectives in its proportion."""
    corpus, prompts = read_corpus(), prompts or Prompts()
    words = [(word, "noun") for word in corpus.nouns] + [(word, "adj") for word in corpus.adjectives]
    return random.Random(seed).sample(prompts.written(words), count)


@torch.no_grad()
def plain_loop(backbone: OpenCLIPBackbone, prompts: list[str], batch_size: int) -> Tensor:
    """Features (N, D) by the library's own ``encode_text``, in the order given, at the full context length."""
    tokens = backbone.tokenize(prompts)
    batches = (backbone.model.encode_text(batch.to(backbone.device)) for batch in tokens.split(batch_size))
    return torch.cat([unit(features).cpu() for features in batches])


def packing_facts(backbone: OpenCLIPBackbone, prompts: list[str], batch_size: int) -> str:
    """What decides the gain, in a line; nothing for a tower that packs no prompts."""
    if backbone.packer is None:
        return ""
    tokens = backbone.tokenize(prompts)
    lengths = backbone.packer.lengths(tokens)
    rows = [pack(tokens[row], lengths[row]) for row in plan_rows(tokens, lengths, batch_size)]
    nodes = sum(len(row.tokens) for row in rows) / len(prompts)
    return f"tokens a prompt: {lengths.float().mean():.2f}, as packed {nodes:.2f} in {len(rows)} forward passes\n"


def parse_args() -> Namespace:
    """The command line."""
    made = parser(__doc__, pairs=3)
    made.add_argument("--model", default="ViT-B-16", help="an open_clip model; without weights they are random")
    made.add_argument("--pretrained", help="its weights: a tag or a checkpoint file")
    made.add_argument("--template", help="of every word, such as 'a photo of the nice {}.'; NegLabel's if left out")
    made.add_argument("--prompts", type=int, default=512, help="prompts, drawn from the corpus")
    made.add_argument("--batch-size", type=int, default=256, help="prompts a forward pass, of both, at most")
    return made.parse_args()


def main() -> None:
    """Measure and print."""
    args = parse_args()
    prepare(args)
    backbone = OpenCLIPBackbone(args.model, args.pretrained).to("cuda" if torch.cuda.is_available() else "cpu")
    templates = Prompts(noun=args.template, adjective=args.template) if args.template else Prompts()
    prompts = sample_prompts(args.prompts, args.seed, templates)

    def ours() -> Tensor:
        return unit(encode_prompts(backbone, prompts, batch_size=args.batch_size))

    def plain() -> Tensor:
        return plain_loop(backbone, prompts, args.batch_size)

    difference = (ours() - plain()).abs().max().item()  # the warm-up too
    pairs = measure(timed(ours), timed(plain), args.pairs, warmups=0)
    rows = [
        ("plain loop, prompts/s", [args.prompts / s for s in pairs.bare], ".1f"),
        ("encode_prompts, prompts/s", [args.prompts / s for s in pairs.ours], ".1f"),
        ("ratio: plain time / our time", pairs.bare_over_ours, ".2f"),
    ]
    print_table(f"Text encoding: {args.prompts} prompts, {args.model}, batches of {args.batch_size}", rows, ">= 12")
    print(f"\n{packing_facts(backbone, prompts, args.batch_size)}largest difference of a feature: {difference:.1e}")


if __name__ == "__main__":
    main()
