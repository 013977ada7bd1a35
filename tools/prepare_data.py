#!/usr/bin/env python
"""Look whether the picture sets of a table are there, laid out right and whole; says where each comes from."""

import argparse
import sys
from collections.abc import Sequence

from _command_line import count

EPILOG = """
Nothing is fetched, moved or written. Exit code 0: all sets are ready; 1: the table says what is not, and what to do.
"""


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, epilog=EPILOG)
    parser.add_argument(
        "names",
        nargs="+",
        metavar="NAME",
        help="a set such as ImageNet-1k, or a protocol, table or row of tools/reproduce.py --list",
    )
    parser.add_argument("--data-root", default="data", help="the folder of all data (default: data)")
    parser.add_argument(
        "--every", type=count, default=100, metavar="N", help="decode every Nth picture; 0: none (default: 100)"
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.launch import one_line_errors
    from mmneglabel.cli.preparing import run_prepare

    sys.exit(one_line_errors(lambda: run_prepare(arguments)))
