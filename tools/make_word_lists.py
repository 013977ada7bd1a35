"""Make the word lists and the table of noun synsets in txtfiles/ from WordNet, or check the ones that are there.

python tools/make_word_lists.py --wordnet /usr/share/wordnet    # Debian's package wordnet-base
python tools/make_word_lists.py --check                         # against their checksums
python tools/make_word_lists.py --authors                       # NegLabel's authors' lists: check and count
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from mmneglabel.corpus.known_words import AUTHORS_FOLDER, PUBLISHED, PUBLISHED_LIST, unlike_authors, whose
from mmneglabel.corpus.noun_synsets import SYNSETS_NAME
from mmneglabel.corpus.synset_table import noun_synset_table
from mmneglabel.corpus.word_lists import compare_lists, list_files, verify_lists, write_lists
from mmneglabel.corpus.wordnet import lexicographer_words, open_wordnet
from mmneglabel.corpus.words import read_lists
from mmneglabel.errors import DataError, NegLabelError
from mmneglabel.storage.text_files import read_words


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
    parser.add_argument(
        "--authors",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="write nothing: check NegLabel's authors' folder of word lists and their published list, and count what "
        f"the papers' rows take of them (default: {AUTHORS_FOLDER} and {PUBLISHED_LIST})",
    )
    return parser.parse_args(argv)


def wordnet_files(source: str | None) -> dict[str, bytes]:
    """The files to write, from a database folder or from NLTK's data: a list each, and the table of noun synsets."""
    wordnet = open_wordnet(None if source in (None, "nltk") else source)
    return list_files(lexicographer_words(wordnet)) | {SYNSETS_NAME: noun_synset_table(wordnet)}


def count_authors(paths: Sequence[Path]) -> Iterator[str]:
    """What the papers' rows take of each folder of lists, and how long each published list is.

    Raises:
        DataError: one is not as NegLabel's authors released it.
    """
    for path in paths:
        if path.is_dir():
            if differing := unlike_authors(read_lists(path)):
                some = ", ".join(differing[:3])
                raise DataError(
                    f"{path} is not what NegLabel's authors released: {len(differing)} files differ ({some})"
                )
            yield from count_candidates(path)
        else:
            lines = read_words(path)
            if whose({PUBLISHED_LIST.stem: lines}) != PUBLISHED:
                raise DataError(f"{path} is not the list that NegLabel's authors published: get it anew")
            yield f"{PUBLISHED}: {len(lines):,} lines"


def count_candidates(folder: Path) -> Iterator[str]:
    """A line for each method that mines from the lists, with ImageNet-1k's names."""
    # These bring PyTorch along, which lists are made and checked without.
    from mmneglabel.corpus import read_class_names
    from mmneglabel.mining import CSP, NegMining
    from mmneglabel.mining.select import keep_count

    labels = read_class_names("imagenet")
    negrefine = CSP(corpus=folder, quantile=1.0, drop_labels=True)
    for name, miner in (("NegLabel", NegMining(corpus=folder)), ("CSP", CSP(corpus=folder)), ("NegRefine", negrefine)):
        nouns, adjectives = (len(words) for words in miner.candidates(labels))
        kept = keep_count(nouns, miner.ratio) + keep_count(adjectives, miner.ratio)
        yield f"{name}: {nouns + adjectives:,} candidates ({nouns:,} nouns, {adjectives:,} adjectives), {kept:,} kept"


def run(args: argparse.Namespace) -> str:
    """Write or check the files; returns the lines to print."""
    if args.authors is not None:
        return "\n".join(count_authors(args.authors or (AUTHORS_FOLDER, PUBLISHED_LIST)))
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
