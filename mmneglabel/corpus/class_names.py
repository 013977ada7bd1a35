"""Names of the ID classes: a plain list, a file, or a set that open_clip knows."""

import json
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from mmneglabel.corpus.text_files import read_lines
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.suggestions import did_you_mean


def read_class_names(spec: str | Path | Sequence[str]) -> tuple[str, ...]:
    """The class names in label order. Repeats are legal: ImageNet-1k has 'missile' and 'sunglasses' twice.

    Args:
        spec: a sequence of names; 'imagenet' for open_clip's 1,000 names; or the path of a text file (one
            name a line) or of a `.json` file (a list of names).

    Raises:
        ConfigError: an unknown keyword, no names, or a name that is blank or no string.
        DataError: a file that is missing, empty, of the wrong form or has a blank name.
    """
    if isinstance(spec, str) and spec in _KNOWN_SETS:
        return _KNOWN_SETS[spec]()
    if not isinstance(spec, str | Path):
        return _checked(spec, "class_names", ConfigError)
    path = Path(spec).expanduser()
    if isinstance(spec, str) and not path.suffix and len(path.parts) <= 1 and not path.exists():
        raise ConfigError(f"class_names={spec!r} is no file and no known set: {did_you_mean(spec, _KNOWN_SETS)}")
    names = _read_json(path) if path.suffix.lower() == ".json" else read_lines(path, "class name file")
    return _checked(names, f"class name file {path}", DataError)


def _imagenet() -> tuple[str, ...]:
    # open_clip brings torch along: only who asks for its names pays for the import.
    from open_clip import IMAGENET_CLASSNAMES

    return tuple(IMAGENET_CLASSNAMES)


_KNOWN_SETS: dict[str, Callable[[], tuple[str, ...]]] = {"imagenet": _imagenet}


def _read_json(path: Path) -> list[str]:
    """A JSON file's list; what it lists is checked later."""
    text = "\n".join(read_lines(path, "class name file"))
    try:
        names = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"class name file {path} is not valid JSON: {error}") from error
    if not isinstance(names, list):
        raise DataError(f"class name file {path} holds a {type(names).__name__}: it must be a list of names")
    return names


def _checked(names: Sequence[str], where: str, error: type[ConfigError] | type[DataError]) -> tuple[str, ...]:
    """The names stripped, or `error` saying which is no name."""
    if not isinstance(names, Sequence) or not names:
        raise error(f"{where} is empty or no list ({names!r}): give one name a class")
    for number, name in enumerate(names, start=1):
        if not isinstance(name, str) or not name.strip():
            raise error(f"{where}: name {number} of {len(names)} is blank or no text ({name!r})")
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in name.strip()):
            raise error(f"{where}: name {number} of {len(names)} holds a line break or control character ({name!r})")
    return tuple(name.strip() for name in names)
