#!/usr/bin/env python
"""Mean and spread over seeds: several runs' metrics.json side by side.

python tools/compare_runs.py TagFog='work_dirs/tagfog-*' CE='work_dirs/cross-entropy-*' --sets vehicles mean
"""

import argparse
import sys
from collections.abc import Sequence


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="NAME=PATTERN", help="work dirs of one setting, one a seed")
    parser.add_argument("--sets", nargs="+", default=["mean"], help="OOD sets or groups (default: mean)")
    parser.add_argument("--metric", default="auroc", help="a name in metrics.json (default: auroc)")
    return parser.parse_args(argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from _compare_runs import run

    from mmneglabel.cli.launch import one_line_errors

    sys.exit(one_line_errors(lambda: run(arguments)))
