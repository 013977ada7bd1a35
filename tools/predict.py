#!/usr/bin/env python
"""Say of each picture which class it is, whether it is any of the classes at all, and which words spoke against it."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence

from _command_line import add_inference

EPILOG = """
examples:
  python -m mmneglabel predict work_dirs/neglabel_demo photo.jpg
  python -m mmneglabel predict work_dirs/neglabel_demo photos/ --threshold threshold.json --out photos.csv
  python -m mmneglabel predict neglabel/neglabel_clip-vit-b16_in1k.py photo.jpg --classifier resnet50_8xb32_in1k
"""


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
    parser.add_argument("--show-dir", metavar="DIR", help="also write the pictures with captions, by decision")
    add_inference(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.launch import one_line_errors
    from mmneglabel.cli.predicting import run_predict

    sys.exit(one_line_errors(lambda: run_predict(arguments)))
