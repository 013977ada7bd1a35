#!/usr/bin/env python
"""Show which mined words take the softmax from good images, by class, and what the table becomes without them."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence

from _command_line import count

EPILOG = """
examples:
  python -m mmneglabel words work_dirs/neglabel_demo
  python -m mmneglabel words work_dirs/neglabel_demo --drop thermometer --out words.txt

--drop scores kept features (tools/test.py --save-features) into WORK_DIR/without: nothing is mined, no image is opened.
Words that are dropped for a better table on the same pictures say nothing of the next ones.
"""


def parse_args(argv: Sequence[str] | None = None) -> Namespace:
    """The command line; what it says of sets and words is looked at by the package."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("work_dir", help="of a test")
    parser.add_argument("--set", metavar="NAME", help="another set than the ID set, such as an OOD set's name")
    parser.add_argument("--words", type=count, default=20, metavar="N", help="how many to show (default: 20)")
    parser.add_argument("--out", metavar="FILE", help="write those words, a line each, as drop= reads them")
    parser.add_argument("--drop", nargs="+", metavar="WORD", help="show the table without these; or a file of words")
    return parser.parse_args(argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.blaming import run_words
    from mmneglabel.cli.launch import one_line_errors

    sys.exit(one_line_errors(lambda: run_words(arguments)))
