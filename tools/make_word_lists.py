"""Make the word lists in txtfiles/ from WordNet, or check the ones that are there.

python tools/make_word_lists.py --wordnet /usr/share/wordnet    # Debian's package wordnet-base
python tools/make_word_lists.py --check                         # against their checksums
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmneglabel.corpus.word_lists import compare_lists, verify_lists, write_lists
from mmneglabel.corpus.wordnet import lexicographer_words, open_wordnet
from mmneglabel.errors import NegLabelError


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
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
        help="folder of the lists (default: the project's txtfiles)",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing: verify the checksums and, if --wordnet is given, compare with what it yields",
    )
    return parser.parse_args(argv)


def wordnet_lists(source: str | None) -> dict[str, list[str]]:
    """Words by lexicographer file, from a database folder or from NLTK's data."""
    return lexicographer_words(open_wordnet(None if source in (None, "nltk") else source))


def run(args: argparse.Namespace) -> str:
    """Write or check the lists; returns the line to print."""
    if not args.check:
        words = wordnet_lists(args.wordnet)
        write_lists(words, args.out)
        return f"wrote {len(words)} lists with {sum(map(len, words.values())):,} words to {args.out}"
    done = f"{verify_lists(args.out)} lists match their checksums"
    if args.wordnet is None:
        return done
    compare_lists(wordnet_lists(args.wordnet), args.out)
    return f"{done} and what WordNet yields"


def main(argv: Sequence[str] | None = None) -> None:
    """Run the tool; a user's error is one line and exit code 1."""
    args = parse_args(argv)
    try:
        print(run(args))
    except NegLabelError as error:
        raise SystemExit(f"error: {error}") from error


if __name__ == "__main__":
    main()
