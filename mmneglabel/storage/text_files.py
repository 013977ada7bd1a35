"""Text files of words: reading that names the file in every error, and writing that never leaves half a file."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mmneglabel.errors import ConfigError, DataError


def as_path(path: object, what: str) -> Path:
    """A path as somebody wrote it into a config, ``~`` filled in.

    Raises:
        ConfigError: it is no path, or its ``~`` is nobody's.
    """
    if not isinstance(path, str | Path):
        raise ConfigError(f"{what} must be a path, got {path!r}")
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise ConfigError(f"{what} {path}: no such user's home folder; write the path out") from error


def read_text(path: str | Path, what: str) -> str:
    """What a UTF-8 file holds; LF, CRLF and a byte order mark are all fine.

    Raises:
        DataError: the file is missing, a folder, unreadable or not UTF-8.
    """
    path = as_path(path, what)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{what} {path} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    except (OSError, ValueError) as error:  # the latter: a path with a NUL
        why = getattr(error, "strerror", error)
        raise DataError(f"{what} {path} cannot be read ({why}): check the path") from error


def read_json(path: str | Path, what: str) -> Any:
    """What a UTF-8 file of JSON holds.

    Raises:
        DataError: it is no JSON.
    """
    try:
        return json.loads(read_text(path, what))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{what} {path} is not valid JSON: {error}") from error


def read_lines(path: str | Path, what: str = "word list") -> list[str]:
    """Lines of a UTF-8 file, each stripped.

    Blank lines between others come back as empty strings, since a caller may have to name their place; those at
    the end are dropped.
    """
    # Not splitlines(), which would also cut at form feeds and other separators.
    lines = [line.strip() for line in read_text(path, what).split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def read_words(path: str | Path, what: str = "word list") -> list[str]:
    """The non-blank lines of a UTF-8 file, stripped, in order, repeats kept."""
    return [line for line in read_lines(path, what) if line]


@contextmanager
def written_whole(path: Path, durable: bool = False) -> Iterator[Path]:
    """Write under the name that this gives: ``path`` has all of it once that is done, and stays as it was if it fails.

    Makes the folder. The name is nobody else's, so that several may write to ``path`` at once. ``durable`` waits until
    it would outlive a power cut.

    Raises:
        DataError: the folder cannot be made or written to, or a device or pipe has the name.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        # Putting a file in its place, as root may, would take /dev/null away from all the machine.
        raise DataError(f"{path} is no file: choose another name")
    if path.is_symlink():  # it stays one, as /dev/stdout is
        path = Path(os.path.realpath(path))
    part = path.with_name(f".{path.name}.{os.urandom(8).hex()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.touch()
        mode = part.stat().st_mode
        yield part
        part.chmod(mode)  # safetensors makes its files private, but ours are for sharing, as far as the umask allows
        if durable:
            _to_disk(part)
        part.replace(path)
        if durable:
            _to_disk(path.parent)
    except (OSError, RuntimeError) as error:  # the latter is PyTorch's word for a full disk
        raise DataError(f"{path} cannot be written ({error}): choose another folder") from error
    finally:
        with suppress(OSError):  # where the folder is a file
            part.unlink(missing_ok=True)


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write bytes, or text as UTF-8 with LF line ends: all of it, or nothing; see :func:`written_whole`."""
    with written_whole(path) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)


def write_once(path: Path, content: str) -> bool:
    """Write all of a text, or nothing where there is such a file; returns whether it was written.

    Raises:
        DataError: the folder cannot be written to.
    """
    mine = path.with_name(f".{path.name}.{os.urandom(8).hex()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mine.write_text(content, encoding="utf-8", newline="\n")
        return _named_once(mine, path)
    except OSError as error:
        raise DataError(f"{path} cannot be written ({error}): choose another folder") from error
    finally:
        with suppress(OSError):
            mine.unlink(missing_ok=True)


def _named_once(part: Path, path: Path) -> bool:
    """Give a file its name: of several at once one alone, where a renaming would let the last through."""
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        try:
            path.open("x").close()
        except FileExistsError:
            return False
        part.replace(path)
    return True


def _to_disk(path: Path) -> None:
    """Wait until what a file or folder holds is no longer in memory alone."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
