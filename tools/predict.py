#!/usr/bin/env python
"""Say of each picture which class it is, whether it is any of the classes at all, and which words spoke against it."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence

from _command_line import add_inference, count_from_1

EPILOG = """
examples:
  python -m mmneglabel predict work_dirs/neglabel_demo photo.jpg
  python -m mmneglabel predict work_dirs/neglabel_demo photos/ --threshold threshold.json --out photos.csv
  python -m mmneglabel predict neglabel/neglabel_clip-vit-b16_in1k.py photo.jpg --classifier resnet50_8xb32_in1k
  python -m mmneglabel predict work_dirs/neglabel_demo photos.txt --out predicted --shard 10000
"""


def worker(text: str) -> tuple[int, int]:
    """Which of how many, as 1/4."""
    number, _, of = text.partition("/")
    if not 1 <= int(number) <= int(of):
        raise ValueError(text)
    return int(number), int(of)


def rate(text: str) -> float:
    """A share above 0 and below 1."""
    if not 0 < float(text) < 1:
        raise ValueError(text)
    return float(text)


def parse_args(argv: Sequence[str] | None = None) -> Namespace:
    """The command line; what it says of models and pictures is looked at by the package."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("model", help="work dir of a test, a config file, or the name of a shipped one")
    parser.add_argument("inputs", nargs="+", metavar="IMAGE", help="pictures, folders, patterns, lists, addresses")
    parser.add_argument("--threshold", metavar="FILE", help="threshold.json of calibrate, which decides")
    parser.add_argument(
        "--classifier", nargs="+", metavar="MODEL",
        help="who labels: an MMPretrain model or config, with a checkpoint behind it (default: the detector itself)",
    )  # fmt: skip
    parser.add_argument("--out", metavar="FILE", help="also write a table: .csv, .jsonl or .parquet")
    add_shards(parser)
    parser.add_argument("--show-dir", metavar="DIR", help="also write the pictures with captions, by decision")
    add_inference(parser)
    args = parser.parse_args(argv)
    if not args.shard and (lone := [name for name in ("worker", "ray", "fdr") if getattr(args, name)]):
        parser.error(f"--{lone[0]} goes with --shard")
    args.worker = args.worker or (1, 1)
    return args


def add_shards(parser: ArgumentParser) -> None:
    """What is for more pictures than one sitting, see docs/scale.md."""
    shards = parser.add_argument_group("very many pictures, in shards that any number of processes take up and resume")
    shards.add_argument("--shard", type=count_from_1, metavar="N", help="pictures a shard; --out is a folder then")
    parts = shards.add_mutually_exclusive_group()
    parts.add_argument("--worker", type=worker, metavar="I/N", help="which of N processes this is, from 1/N to N/N")
    parts.add_argument("--ray", action="store_true", help="hand the shards out by Ray Data: $RAY_ADDRESS, or here")
    shards.add_argument("--fdr", type=rate, metavar="Q", help="also flag pictures, a share Q of them good")


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.launch import one_line_errors

    if arguments.shard:
        from mmneglabel.cli.sharding import run_sharded as run
    else:
        from mmneglabel.cli.predicting import run_predict as run
    sys.exit(one_line_errors(lambda: run(arguments)))
