"""The word lists that travel with the project: writing, checksums (`sha256sum` format) and verification."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmneglabel.corpus.text_files import read_words, write_atomically
from mmneglabel.errors import DataError

SUMS_NAME = "SHA256SUMS"


def list_texts(words: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """File name to text, one word a line, sorted by name: what `write_lists` writes."""
    return {f"{name}.txt": "".join(f"{word}\n" for word in words[name]) for name in sorted(words)}


def write_lists(words: Mapping[str, Sequence[str]], folder: Path) -> None:
    """Write `<name>.txt` for each lexicographer file and their checksums, each file atomically, checksums last.

    Raises:
        DataError: the folder cannot be written to.
    """
    texts = list_texts(words)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"folder {folder} cannot be made ({error.strerror}): choose another") from error
    for name, text in texts.items():
        write_atomically(folder / name, text)
    sums = (f"{_sha256(text.encode())}  {name}\n" for name, text in texts.items())
    write_atomically(folder / SUMS_NAME, "".join(sums))


def verify_lists(folder: Path) -> int:
    """Check the lists of a folder against its checksums.

    Returns:
        The number of lists.

    Raises:
        DataError: a list differs, is missing, or is not among the checksums.
    """
    sums = dict(_parse_sum(line, folder) for line in read_words(folder / SUMS_NAME, "checksum file"))
    present = {path.name for pattern in ("adj.*.txt", "noun.*.txt") for path in folder.glob(pattern)}
    differing = sorted(present ^ sums.keys())
    differing += [name for name in sorted(present & sums.keys()) if _sha256((folder / name).read_bytes()) != sums[name]]
    if differing:
        raise DataError(f"word lists in {folder} do not match {SUMS_NAME}: {', '.join(differing)}; make them anew")
    return len(sums)


def compare_lists(words: Mapping[str, Sequence[str]], folder: Path) -> None:
    """Check that the folder's lists are those that `words` would be written as.

    Raises:
        DataError: a list is missing or differs.
    """
    texts = list_texts(words)
    differing = [
        name
        for name, text in texts.items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != text.encode()
    ]
    if differing:
        raise DataError(f"word lists in {folder} are not what this WordNet gives: {', '.join(differing)}")


def _parse_sum(line: str, folder: Path) -> tuple[str, str]:
    digest, _, name = line.partition("  ")
    if len(digest) != 64 or not name:
        raise DataError(f"{folder / SUMS_NAME} has a line that is no checksum ({line!r}): make the lists anew")
    return name, digest


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
