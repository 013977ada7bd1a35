#!/usr/bin/env python
"""Test your own folders of images, without a config: in-distribution classes against other pictures."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence

from _command_line import add_options, add_save_features, add_scoring, parse_launched

EPILOG = """
example:
  python -m mmneglabel evaluate --id data/animals --ood data/street fog=data/foggy --drop tripod

What it runs is written into the work dir as a config, evaluate.py, which tools/test.py runs again.
"""


def parse_args(argv: Sequence[str] | None = None) -> Namespace:
    """The command line; what it says of folders, names and words is looked at by the package."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--id", required=True, metavar="FOLDER", help="in-distribution pictures, a folder a class")
    parser.add_argument(
        "--ood", required=True, nargs="+", action="extend", metavar="[NAME=]FOLDER", help="other pictures, at any depth"
    )
    parser.add_argument(
        "--classes",
        metavar="FILE",
        help="lines 'folder<TAB>name', or a shipped list (default: the folders' names)",
    )
    parser.add_argument(
        "--backbone", default="ViT-B-16/openai", metavar="NAME[/TAG]",
        help="open_clip model and pretrained tag, hf-hub:org/repo or an architecture .json (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--weights", metavar="FILE", help="the backbone's weights, where they are in a file")
    parser.add_argument("--checkpoint", metavar="FILE", help="what tools/save_checkpoint.py wrote, instead of them")
    parser.add_argument(
        "--methods", nargs="+", default=["NegLabel", "MCM"], metavar="METHOD",
        help="rows of the table, of which the first says the class (default: NegLabel MCM)",
    )  # fmt: skip
    parser.add_argument(
        "--drop", nargs="+", action="extend", metavar="WORD", help="negatives to take out; or a file of words"
    )
    parser.add_argument(
        "--unlike", nargs="+", action="extend", metavar="WORD", help="negatives of your own; or a file of words"
    )
    add_scoring(parser)
    add_save_features(parser)
    add_options(parser)
    return parse_launched(parser, argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.evaluate import run_evaluate
    from mmneglabel.cli.launch import run_tool

    sys.exit(run_tool(run_evaluate, arguments))
