#!/usr/bin/env python
"""Draw runs for a paper, in the width of a column: histograms, ROC curves, and metrics over a setting."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence

EPILOG = """
examples:
  python -m mmneglabel figures work_dirs/neglabel_demo --out figures --format pdf png
  python -m mmneglabel figures seed0=work_dirs/ablation-0 seed1=work_dirs/ablation-1

histograms  the main score, ID against each OOD set, and where FPR95 (ID positive) was read
roc         the main score on each OOD set
roc-scores  every score, at each threshold the mean over OOD sets, so that areas are the mean AUROC
ablation-*  AUROC and FPR95 (ID positive) over a setting in which three or more scores differ, of one run or of several
"""


def inches(text: str) -> float:
    """A width that has room for axes and fits a page."""
    if not 1.5 <= (number := float(text)) <= 20:
        raise ValueError(text)
    return number


def parse_args(argv: Sequence[str] | None = None) -> Namespace:
    """The command line."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="work dir, results file or NAME=PATTERN of work dirs")
    parser.add_argument("--out", default="figures", metavar="FOLDER", help="where they go (default: figures)")
    parser.add_argument("--format", nargs="+", choices=("pdf", "svg", "png"), default=["pdf"], help="default: pdf")
    parser.add_argument(
        "--width", type=inches, default=3.25, metavar="INCHES", help="of a column, 1.5 to 20 (default: 3.25)"
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.launch import one_line_errors
    from mmneglabel.cli.publishing import run_figures

    sys.exit(one_line_errors(lambda: run_figures(arguments)))
