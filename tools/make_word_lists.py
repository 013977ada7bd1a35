"""Make the word lists and the table of noun synsets in txtfiles/ from WordNet, or check the ones that are there.

python tools/make_word_lists.py --wordnet /usr/share/wordnet    # Debian's package wordnet-base
python tools/make_word_lists.py --check                         # against their checksums
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmneglabel.corpus.noun_synsets import SYNSETS_NAME
from mmneglabel.corpus.synset_table import noun_synset_table
from mmneglabel.corpus.word_lists import compare_lists, list_files, verify_lists, write_lists
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
        help="folder of the files (default: the project's txtfiles)",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing: verify the checksums and, if --wordnet is given, compare with what it yields",
    )
    return parser.parse_args(argv)


def wordnet_files(source: str | None) -> dict[str, bytes]:
    """The files to write, from a database folder or from NLTK's data: a list each, and the table of noun synsets."""
    wordnet = open_wordnet(None if source in (None, "nltk") else source)
    return list_files(lexicographer_words(wordnet)) | {SYNSETS_NAME: noun_synset_table(wordnet)}


def run(args: argparse.Namespace) -> str:
    """Write or check the files; returns the line to print."""
    if not args.check:
        files = wordnet_files(args.wordnet)
        write_lists(files, args.out)
        words = sum(data.count(b"\n") for name, data in files.items() if name != SYNSETS_NAME)
        return f"wrote {len(files) - 1} lists with {words:,} words and {SYNSETS_NAME} to {args.out}"
    done = f"{verify_lists(args.out)} files match their checksums"
    if args.wordnet is None:
        return done
    compare_lists(wordnet_files(args.wordnet), args.out)
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
