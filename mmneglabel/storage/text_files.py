"""Text files of words: reading that names the file in every error, and writing that never leaves half a file."""

import os
from contextlib import suppress
from pathlib import Path

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


def read_lines(path: str | Path, what: str = "word list") -> list[str]:
    """Lines of a UTF-8 file, each stripped; LF, CRLF and a byte order mark are all fine.

    Blank lines between others come back as empty strings, since a caller may have to name their place; those at
    the end are dropped.

    Raises:
        DataError: the file is missing, a folder, unreadable or not UTF-8.
    """
    path = as_path(path, what)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{what} {path} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    except (OSError, ValueError) as error:  # the latter: a path with a NUL
        why = getattr(error, "strerror", error)
        raise DataError(f"{what} {path} cannot be read ({why}): check the path") from error
    # Not splitlines(), which would also cut at form feeds and other separators.
    lines = [line.strip() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def read_words(path: str | Path, what: str = "word list") -> list[str]:
    """The non-blank lines of a UTF-8 file, stripped, in order, repeats kept."""
    return [line for line in read_lines(path, what) if line]


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write bytes, or text as UTF-8 with LF line ends; makes the folder; the old file stays whole until the new one is.

    Raises:
        DataError: the folder cannot be made or written to.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content.encode() if isinstance(content, str) else content)
        part.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written ({error}): choose another folder") from error
    finally:
        with suppress(OSError):  # where the folder is a file
            part.unlink(missing_ok=True)
