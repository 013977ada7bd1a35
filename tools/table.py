#!/usr/bin/env python
"""Set runs side by side in a table for a paper: text, Markdown, LaTeX, CSV or JSON; mean and spread over seeds."""

import shlex
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence

EPILOG = """
examples:
  python -m mmneglabel table work_dirs/neglabel_demo --format latex --out table.tex
  python -m mmneglabel table TagFog='work_dirs/tagfog-*' CE='work_dirs/cross-entropy-*' --sets vehicles mean

NAME=PATTERN names runs of one setting, with other seeds, and gives mean and sample standard deviation. A run of other
images or settings among them is refused. FPR95 names the class that is positive: fpr95_id_positive is NegLabel's.
"""


def parse_args(argv: Sequence[str] | None = None) -> Namespace:
    """The command line; what it says of runs, scores, sets and metrics is looked at by the package."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="work dir, results file or NAME=PATTERN of work dirs")
    parser.add_argument("--format", choices=("text", "markdown", "latex", "csv", "json"), default="text")
    parser.add_argument(
        "--layout", choices=("sets", "methods"), default="sets",
        help="columns of text, markdown and latex: OOD sets, or methods and a row a set (default: sets)",
    )  # fmt: skip
    parser.add_argument(
        "--metrics", nargs="+", default=["auroc", "fpr95_id_positive"], metavar="METRIC",
        help="also aupr_in, aupr_out and fpr95_ood_positive (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--sets", nargs="+", default=[], metavar="SET", help="OOD sets, groups, mean (default: no group)"
    )
    parser.add_argument(
        "--scores", nargs="+", default=[], metavar="SCORE", help="rows of the runs' tables (default: all)"
    )
    parser.add_argument("--out", metavar="FILE", help="write it there, whole or not at all")
    args = parser.parse_args(argv)
    args.command = shlex.join(["python", "-m", "mmneglabel", "table", *(sys.argv[1:] if argv is None else argv)])
    return args


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.launch import one_line_errors
    from mmneglabel.cli.publishing import run_table

    sys.exit(one_line_errors(lambda: run_table(arguments)))
