#!/usr/bin/env python
"""Run rows of the papers' tables, or judge runs that exist, and set the numbers beside the published ones."""

import argparse
import sys
from collections.abc import Sequence

from _command_line import count_from_1

EPILOG = """
A ROW is one such as csp/vit-b16/cub-200; csp/hard stands for a table and csp for all of a paper's. A row that was run
before is not run again. Options behind -- go to tools/test.py.
"""


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, epilog=EPILOG)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="a row, a table or a protocol")
    parser.add_argument("--list", action="store_true", help="show the rows, and what is published of them")
    parser.add_argument(
        "--from",
        nargs="+",
        dest="from_dirs",
        metavar="WORK_DIR",
        help="judge runs that exist, each as the row that it is of or as ROW",
    )
    parser.add_argument("--data-root", default="data", help="the folder of all data (default: data)")
    parser.add_argument("--work-dir", default="work_dirs/reproduce", help="where the runs go, a folder a row")
    parser.add_argument("--again", action="store_true", help="run rows that were run before, too")
    parser.add_argument("--gpus", type=count_from_1, metavar="N", help="run by tools/dist_test.sh on N GPUs")
    parser.add_argument("--partition", help="run by tools/slurm_test.sh on this partition, on N GPUs or its own number")
    parser.add_argument(
        "--seeds", type=count_from_1, default=1, metavar="N",
        help="mean and spread over N draws of groups and superclasses",
    )  # fmt: skip
    parser.add_argument("--format", choices=("text", "markdown", "csv", "json"), default="text", help="of the table")
    given = list(sys.argv[1:] if argv is None else argv)
    behind = given.index("--") if "--" in given else len(given)
    args = parser.parse_args(given[:behind])
    args.options = given[behind + 1 :]
    return args


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.launch import one_line_errors
    from mmneglabel.cli.reproducing import run_reproduce

    sys.exit(one_line_errors(lambda: run_reproduce(arguments)))
