"""What make_word_lists.py does: lists and table from WordNet, their checksums, and NegLabel's authors' lists."""

import gzip
import hashlib
import io
import zlib
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mmneglabel.corpus.noun_synsets import HEADER, SYNSETS_NAME
from mmneglabel.corpus.words import (
    AUTHORS_FOLDER,
    LABEL_FILES,
    PUBLISHED,
    PUBLISHED_LIST,
    SUMS_NAME,
    read_lists,
    read_sums,
    unlike_authors,
    whose,
)
from mmneglabel.errors import DataError
from mmneglabel.storage.text_files import read_words, write_atomically

if TYPE_CHECKING:
    from nltk.corpus.reader.wordnet import Synset

    from mmneglabel.corpus.wordnet import WordNetReader


def run(args: Namespace) -> None:
    """Write or check the files, and print what was done."""
    if args.authors is not None:
        for line in count_authors(args.authors or (AUTHORS_FOLDER, PUBLISHED_LIST)):
            print(line)
    elif args.check:
        checked = f"{verify_lists(args.out)} files match their checksums"
        if args.wordnet is not None:
            compare_lists(wordnet_files(args.wordnet), args.out)
            checked += " and what WordNet yields"
        print(checked)
    else:
        files = wordnet_files(args.wordnet)
        write_lists(files, args.out)
        words = sum(data.count(b"\n") for name, data in files.items() if name != SYNSETS_NAME)
        print(f"wrote {len(files) - 1} lists with {words:,} words and {SYNSETS_NAME} to {args.out}")


def wordnet_files(source: str | None) -> dict[str, bytes]:
    """The files to write, from a database folder or from NLTK's data: a list each, and the table of noun synsets."""
    # NLTK takes a second to import, and checksums need none of it.
    from mmneglabel.corpus.wordnet import damage_named, open_wordnet

    folder = None if source in (None, "nltk") else source
    with damage_named(folder):
        wordnet = open_wordnet(folder)
        return list_files(lexicographer_words(wordnet)) | {SYNSETS_NAME: noun_synset_table(wordnet)}


def lexicographer_words(wordnet: "WordNetReader") -> dict[str, list[str]]:
    """First lemma of each synset by lexicographer file, lower case, underscores as spaces.

    Words keep the order of the database; a word that heads several synsets of one file stands there once, at
    its first place. Odd forms (quotes, dots, apostrophes) are kept as they are in WordNet.
    """
    words: dict[str, dict[str, None]] = {name: {} for name in LABEL_FILES}
    for pos in ("n", "a"):
        for synset in wordnet.all_synsets(pos):
            words[synset.lexname()].setdefault(synset.lemma_names()[0].replace("_", " ").lower())
    return {name: list(found) for name, found in words.items()}


def list_files(words: Mapping[str, Sequence[str]]) -> dict[str, bytes]:
    """`<name>.txt` to its bytes for each lexicographer file, one word a line, sorted by name."""
    return {f"{name}.txt": "".join(f"{word}\n" for word in words[name]).encode() for name in sorted(words)}


def noun_synset_table(wordnet: "WordNetReader") -> bytes:
    """The table that `mmneglabel.corpus.noun_synsets` reads, gzipped, in the order of the database."""
    senses = {
        (lemma, synset.offset()): number
        for lemma in wordnet.all_lemma_names("n")
        for number, synset in enumerate(wordnet.synsets(lemma, "n"), start=1)
    }
    rows = [_row(synset, senses) for synset in wordnet.all_synsets("n")]
    # Not gzip.compress, whose header differs from one Python to another; and with no time in it.
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
        file.write("".join(f"{row}\n" for row in (HEADER, *rows)).encode("ascii"))
    return buffer.getvalue()


def _row(synset: "Synset", senses: dict[tuple[str, int], int]) -> str:
    numbers = [(lemma, senses[lemma.lower(), synset.offset()]) for lemma in synset.lemma_names()]
    lemmas = " ".join(lemma if number == 1 else f"{lemma}#{number}" for lemma, number in numbers)
    # Sorted, since NLTK hands them out in the order of a set, which changes from run to run.
    kinds = (synset.hypernyms(), synset.instance_hypernyms())
    above = [" ".join(sorted(f"{higher.offset():08d}" for higher in kind)) for kind in kinds]
    return "\t".join((f"{synset.offset():08d}", synset.lexname(), lemmas, *above))


def write_lists(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files, each of them whole or not at all, and last their checksums in the form of `sha256sum`."""
    for name, data in files.items():
        write_atomically(folder / name, data)
    sums = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    write_atomically(folder / SUMS_NAME, "".join(sums))


def verify_lists(folder: Path) -> int:
    """Check the files of a folder against its checksums; returns how many there are.

    Raises:
        DataError: a file differs, is missing, or is not among the checksums.
    """
    sums = read_sums(folder / SUMS_NAME)
    paths = [path for pattern in ("adj.*.txt", "noun.*.txt", SYNSETS_NAME) for path in folder.glob(pattern)]
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    if differing := sorted(name for name in sums.keys() | found.keys() if sums.get(name) != found.get(name)):
        raise DataError(f"word lists in {folder} do not match {SUMS_NAME}: {', '.join(differing)}; make them anew")
    return len(sums)


def compare_lists(files: Mapping[str, bytes], folder: Path) -> None:
    """Check that the folder holds these files; of a packed one what is in it counts, however it was packed.

    Raises:
        DataError: a file is missing or differs.
    """
    differing = [
        name
        for name, data in files.items()
        if not (folder / name).is_file() or _unpacked((folder / name).read_bytes(), name) != _unpacked(data, name)
    ]
    if differing:
        raise DataError(f"word lists in {folder} are not what this WordNet gives: {', '.join(differing)}")


def _unpacked(data: bytes, name: str) -> bytes | None:
    """What a file holds; None if it is packed and damaged."""
    try:
        return gzip.decompress(data) if name.endswith(".gz") else data
    except (OSError, EOFError, zlib.error):
        return None


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
