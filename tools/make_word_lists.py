#!/usr/bin/env python
"""Make the word lists and the table of noun synsets in txtfiles/ from WordNet, or check the ones that are there.

python tools/make_word_lists.py --wordnet /usr/share/wordnet    # Debian's package wordnet-base
python tools/make_word_lists.py --check                         # against their checksums
python tools/make_word_lists.py --authors                       # NegLabel's authors' lists: check and count
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--wordnet",
        metavar="DIR",
        help="folder of WordNet database files (data.noun, index.noun, ...), or 'nltk' for NLTK's own data (default)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(__file__).resolve().parents[1] / "txtfiles",
        help="folder of the files (default: the project's txtfiles)",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing: verify the checksums and, if --wordnet is given, compare with what it yields",
    )
    parser.add_argument(
        "--authors",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="write nothing: check NegLabel's authors' folder of word lists and their published list, and count what "
        "the papers' rows take of them (default: both in data/neglabel)",
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from _make_word_lists import run

    from mmneglabel.cli.launch import one_line_errors

    sys.exit(one_line_errors(lambda: run(arguments)))
