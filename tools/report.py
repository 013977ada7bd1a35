#!/usr/bin/env python
"""Make a page of a test, or of several side by side: what was mistaken, and which words said so."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence

from _command_line import count, count_from_1

EPILOG = """
examples:
  python -m mmneglabel report work_dirs/neglabel_demo
  python -m mmneglabel report work_dirs/neglabel_demo work_dirs/csp_demo --out both.html

One file, which asks nothing of any server: open it in a browser, or send it to somebody. It shows your pictures.
"""


def parse_args(argv: Sequence[str] | None = None) -> Namespace:
    """The command line; what it says of work dirs is looked at by the package."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument(
        "runs", nargs="+", metavar="WORK_DIR", help="of a test, or a results file; the first is compared with"
    )
    parser.add_argument("--out", metavar="FILE", help="(default: report.html, in the work dir if there is one alone)")
    parser.add_argument("--cases", type=count, default=24, metavar="N", help="single images shown a run (default: 24)")
    parser.add_argument("--no-images", action="store_true", help="leave the pictures out of it")
    parser.add_argument(
        "--resamples", type=count_from_1, default=2000, metavar="N", help="for the 95 %% intervals (default: 2000)"
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.launch import one_line_errors
    from mmneglabel.cli.showing import run_report

    sys.exit(one_line_errors(lambda: run_report(arguments)))
