#!/usr/bin/env python
"""Find the threshold above which a picture counts as one of the classes, and what that promises."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence

from _command_line import add_inference

EPILOG = """
examples:
  python -m mmneglabel calibrate work_dirs/neglabel_demo                          # on the ID images of that test
  python -m mmneglabel calibrate work_dirs/neglabel_demo --id photos/good --accept 0.98 --review 0.995
  python -m mmneglabel calibrate --show threshold.json

The good pictures should have been used for nothing else: not to mine, to train, to choose a score or a prompt.
"""


def parse_args(argv: Sequence[str] | None = None) -> Namespace:
    """The command line; what it says of folders and scores is looked at by the package."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", help="work dir of a test, a config file, or the name of a shipped one")
    parser.add_argument(
        "--id", metavar="GOOD",
        help="good pictures: a folder, a list, or results of a test (default: the ID images of the work dir's own)",
    )  # fmt: skip
    parser.add_argument(
        "--accept", type=float, default=0.95, metavar="SHARE", help="of good pictures, how many pass (default: 0.95)"
    )
    parser.add_argument(
        "--review", type=float, metavar="SHARE", help="how many are not refused outright; those between are for review"
    )
    parser.add_argument(
        "--guarantee", choices=("average", "confident"), default="average",
        help="so many pass on average, or at least so many with 95 %% confidence (default: average)",
    )  # fmt: skip
    parser.add_argument("--images", metavar="TEXT", help="what the file says they are (default: their path)")
    parser.add_argument("--out", default="threshold.json", metavar="FILE", help="(default: threshold.json)")
    parser.add_argument("--show", metavar="FILE", help="say what a threshold promises, and do nothing else")
    add_inference(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.calibrating import run_calibrate
    from mmneglabel.cli.launch import one_line_errors

    sys.exit(one_line_errors(lambda: run_calibrate(arguments)))
