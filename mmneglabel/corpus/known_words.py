"""Whose words a corpus holds: this project's and those that NegLabel's authors released are known by their digests."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath

from mmneglabel.errors import DataError
from mmneglabel.storage.resources import resource
from mmneglabel.storage.text_files import read_words

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


def _digests(lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Of each list written one word a line with LF, whatever its file's line ends are."""
    texts = {name: "".join(f"{word}\n" for word in words) for name, words in lists.items()}
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
