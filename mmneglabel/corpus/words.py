"""The candidate corpus, nouns and adjectives in a fixed order, and whose words it holds.

They are read from lexicographer files or a plain word list; this project's lists and those that NegLabel's authors
released are known by their digests.
"""

import hashlib
import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import chain
from pathlib import Path, PurePosixPath

from mmneglabel.errors import ConfigError, DataError, did_you_mean
from mmneglabel.storage.fingerprints import fingerprint
from mmneglabel.storage.resources import resource
from mmneglabel.storage.text_files import as_path, read_words

LEXNAMES = (
    "adj.all", "adj.pert", "adv.all", "noun.Tops", "noun.act", "noun.animal", "noun.artifact", "noun.attribute",
    "noun.body", "noun.cognition", "noun.communication", "noun.event", "noun.feeling", "noun.food", "noun.group",
    "noun.location", "noun.motive", "noun.object", "noun.person", "noun.phenomenon", "noun.plant", "noun.possession",
    "noun.process", "noun.quantity", "noun.relation", "noun.shape", "noun.state", "noun.substance", "noun.time",
    "verb.body", "verb.change", "verb.cognition", "verb.communication", "verb.competition", "verb.consumption",
    "verb.contact", "verb.creation", "verb.emotion", "verb.motion", "verb.perception", "verb.possession",
    "verb.social", "verb.stative", "verb.weather", "adj.ppl",
)  # fmt: skip
"""WordNet's lexicographer files in the order of their numbers (lexnames(5WN)): a constant of the format."""

LABEL_FILES = tuple(sorted(name for name in LEXNAMES if name.startswith(("adj.", "noun."))))
"""The 3 adjective and 26 noun files that negative labels come from, sorted by name."""

DEFAULT_EXCLUDE = ("noun.animal", "noun.food")
"""The two noun files that NegLabel's release leaves out."""

AUTHORS_CORPUS = "neglabel"
"""The corpus of the papers' rows: NegLabel's authors' folder where it is there, else the lists of this project."""

OURS = "mmneglabel's word lists"
AUTHORS = "NegLabel's authors' word lists"
PUBLISHED = "NegLabel's authors' published list"
USERS = "the user's words"

AUTHORS_FOLDER = Path("data/neglabel/txtfiles")
"""Where the authors' lists are looked for, from the folder that a run starts in like every data set."""

PUBLISHED_LIST = Path("data/neglabel/selected_neg_labels/selected_neg_labels_in1k_10k.txt")
"""Likewise the list of the negatives that they published for ImageNet-1k."""

SUMS_NAME = "SHA256SUMS"
AUTHORS_SUMS_NAME = "AUTHORS_SHA256SUMS"

# By the folder that the checksums' lines name: beside them, or as in the authors' repository.
_OWNERS = {".": OURS, "txtfiles": AUTHORS, "selected_neg_labels": PUBLISHED}

_FILE_NAME = re.compile(r"((noun|adj)\..+)\.txt")


@dataclass(frozen=True)
class Corpus:
    """Candidate words by part of speech: no word stands twice, neither in one of them nor across both.

    Attributes:
        whose: whose word files they are from, before anything was left out; see :func:`whose`.
    """

    nouns: tuple[str, ...]
    adjectives: tuple[str, ...]
    whose: str = field(default=USERS, compare=False)

    @cached_property
    def digests(self) -> tuple[str, str]:
        """Fingerprints of the nouns and of the adjectives."""
        return fingerprint(self.nouns), fingerprint(self.adjectives)

    def __str__(self) -> str:
        return f"{self.whose}: {len(self.nouns):,} nouns, {len(self.adjectives):,} adjectives"


def read_corpus(
    source: str | Path | None = None,
    exclude: Collection[str] = DEFAULT_EXCLUDE,
    exclude_words: Collection[str] | str | Path = (),
) -> Corpus:
    """Read the words that negative labels are mined from (NegLabel, arXiv 2403.20078, section 3.1).

    Files are taken in the bytewise order of their names (so `adj.*` before `noun.*`), lines in their order; a
    word that stands in several places counts at the first. The authors walk the folder in `os.listdir` order
    instead, so that the file system decides which words are nouns; only the words of both kinds differ.

    Args:
        source: None for the lists that travel with the project; "neglabel" for NegLabel's authors' own in
            `data/neglabel/txtfiles` or, where that is not there, the project's (`Corpus.whose` says which); a folder of
            `noun.<name>.txt` and `adj.<name>.txt` files, one word a line (other files are ignored); or one plain text
            file, whose words all count as nouns. An underscore is read as a space, as in WordNet.
        exclude: lexicographer files to leave out, e.g. 'noun.animal'; naming one that the folder lacks is fine.
        exclude_words: words to leave out whatever their case, blanks or underscores, or the path of a file of them.

    Raises:
        DataError: no word is left.
    """
    path = corpus_path(source)
    lists = read_lists(path)
    _check_exclude(exclude, lists)
    banned = set(map(plain, listed_words("exclude_words", exclude_words, "list of excluded words")))
    # The files lie in order, all of adjectives first: a word that is in both kinds is an adjective.
    adjectives = _words_of("adj", lists, exclude, banned)
    nouns = {word: None for word in _words_of("noun", lists, exclude, banned) if word not in adjectives}
    if not nouns and not adjectives:
        raise DataError(f"no words left from {path}: the files are empty, or everything is excluded")
    return Corpus(tuple(nouns), tuple(adjectives), whose(lists))


def listed_words(field: str, value: object, what: str) -> tuple[str, ...]:
    """The words of a setting that takes a list, or the path of a file of them, which errors call ``what``.

    Raises:
        ConfigError: it is neither, or holds a blank word.
        DataError: the file cannot be read, or has no words.
    """
    is_file = isinstance(value, str | Path)
    words = read_words(value, what) if is_file else value
    _check_strings(field, words)
    if is_file and not words:
        raise DataError(f"{what} {value} is empty: it needs one word a line")
    if blank := [word for word in words if not spaced(word)]:
        raise ConfigError(f"{field} holds {blank[0]!r}, which is no word: leave it out.")
    return tuple(word.strip() for word in words)


def spaced(name: str) -> str:
    """A word or class name as text: ``aquarium_fish`` is ``aquarium fish``, as in WordNet and in names of folders."""
    return " ".join(name.replace("_", " ").split())


def plain(name: str) -> str:
    """The spelling in which words and class names are compared: ``Polar_bear`` is ``polar bear``."""
    return spaced(name).casefold()


def corpus_path(source: str | Path | None) -> Path:
    """Where the words of a `source` of :func:`read_corpus` lie."""
    if source == AUTHORS_CORPUS:
        source = AUTHORS_FOLDER if AUTHORS_FOLDER.exists() else None
    return resource("txtfiles") if source is None else as_path(source, "corpus")


def read_lists(path: Path) -> dict[str, list[str]]:
    """The word files of a folder by lexicographer name, in bytewise order; one plain list has the name 'noun'.

    Raises:
        DataError: the folder cannot be read, or holds none.
    """
    if not path.is_dir():
        return {"noun": read_words(path)}
    try:
        entries = sorted(path.iterdir(), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise DataError(f"folder {path} cannot be read ({error.strerror}): check its permissions") from error
    files = {match[1]: entry for entry in entries if (match := _FILE_NAME.fullmatch(entry.name))}
    if not files:
        raise DataError(f"folder {path} has no files named noun.*.txt or adj.*.txt: check the path")
    return {name: read_words(file) for name, file in files.items()}


def whose(lists: Mapping[str, Sequence[str]]) -> str:
    """Whose the word files are, by name without suffix; one word more or less, or one file, makes them the user's."""
    return _known().get(frozenset(_digests(lists).items()), USERS)


def unlike_authors(lists: Mapping[str, Sequence[str]]) -> list[str]:
    """Names of the files that the authors' folder has not, has otherwise, or has and these lists lack."""
    theirs = next(dict(sums) for sums, owner in _known().items() if owner == AUTHORS)
    here = _digests(lists)
    return sorted(name for name in theirs.keys() | here.keys() if theirs.get(name) != here.get(name))


def read_sums(path: Path) -> dict[str, str]:
    """File name to digest from a file of checksums as `sha256sum` writes it.

    Raises:
        DataError: the file is missing, or a line is no checksum.
    """
    sums = {}
    for line in read_words(path, "checksum file"):
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name:
            raise DataError(f"{path} has a line that is no checksum ({line!r}): make the lists anew")
        sums[name] = digest
    return sums


def _check_exclude(exclude: Collection[str], present: Collection[str]) -> None:
    _check_strings("exclude", exclude)
    known = {*LABEL_FILES, *present}
    for name in exclude:
        if name not in known:
            raise ConfigError(f"exclude names an unknown lexicographer file {name!r}: {did_you_mean(name, known)}")


def _check_strings(field: str, value: object) -> None:
    # A bare string is a collection of strings too, of its letters.
    is_list = isinstance(value, Collection) and not isinstance(value, str)
    if not is_list or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{field} must be a list of strings, got {value!r}: write it as ['...', '...']")


def _words_of(
    kind: str, lists: Mapping[str, Sequence[str]], exclude: Collection[str], banned: Collection[str]
) -> dict[str, None]:
    """The words of one part of speech that are not left out, each once, in order."""
    words = chain.from_iterable(
        of for name, of in lists.items() if name.partition(".")[0] == kind and name not in exclude
    )
    every = dict.fromkeys(word.replace("_", " ") for word in words)
    return {word: None for word in every if plain(word) not in banned} if banned else every


def _digests(lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Of each list written one word a line with LF, whatever its file's line ends are."""
    texts = {name: "\n".join([*words, ""]) for name, words in lists.items()}
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}


@cache
def _known() -> dict[frozenset[tuple[str, str]], str]:
    """Name and digest of every list of a release, to whose it is."""
    sums: dict[str, str] = {}
    for name in (SUMS_NAME, AUTHORS_SUMS_NAME):
        sums |= read_sums(resource("txtfiles") / name)
    lists = [(PurePosixPath(name), digest) for name, digest in sums.items() if name.endswith(".txt")]
    return {
        frozenset((path.stem, digest) for path, digest in lists if str(path.parent) == folder): owner
        for folder, owner in _OWNERS.items()
    }
