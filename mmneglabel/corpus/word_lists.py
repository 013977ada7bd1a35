"""The word files that travel with the project: writing, checksums (`sha256sum` format) and verification."""

import gzip
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmneglabel.corpus.known_words import SUMS_NAME, read_sums
from mmneglabel.corpus.noun_synsets import SYNSETS_NAME
from mmneglabel.errors import DataError
from mmneglabel.storage.text_files import write_atomically


def list_files(words: Mapping[str, Sequence[str]]) -> dict[str, bytes]:
    """`<name>.txt` to its bytes for each lexicographer file, one word a line, sorted by name."""
    return {f"{name}.txt": "".join(f"{word}\n" for word in words[name]).encode() for name in sorted(words)}


def write_lists(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files, each text atomically, and last their checksums.

    Raises:
        DataError: the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"folder {folder} cannot be made ({error.strerror}): choose another") from error
    for name, data in files.items():
        _write(folder / name, data)
    sums = (f"{_sha256(data)}  {name}\n" for name, data in files.items())
    write_atomically(folder / SUMS_NAME, "".join(sums))


def verify_lists(folder: Path) -> int:
    """Check the files of a folder against its checksums.

    Returns:
        The number of files.

    Raises:
        DataError: a file differs, is missing, or is not among the checksums.
    """
    sums = read_sums(folder / SUMS_NAME)
    present = {path.name for pattern in ("adj.*.txt", "noun.*.txt", SYNSETS_NAME) for path in folder.glob(pattern)}
    differing = sorted(present ^ sums.keys())
    differing += [name for name in sorted(present & sums.keys()) if _sha256((folder / name).read_bytes()) != sums[name]]
    if differing:
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


def _write(path: Path, data: bytes) -> None:
    if path.suffix != ".gz":
        return write_atomically(path, data.decode())
    try:
        path.write_bytes(data)  # half a file would be noticed: gzip ends with a checksum
    except OSError as error:
        raise DataError(f"{path} cannot be written ({error.strerror}): choose another folder") from error


def _unpacked(data: bytes, name: str) -> bytes | None:
    """What a file holds; None if it is packed and damaged."""
    try:
        return gzip.decompress(data) if name.endswith(".gz") else data
    except (OSError, EOFError, zlib.error):
        return None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
