"""Values of ``--cfg-options KEY=VALUE``, read as they are written: MMEngine's syntax, with its blanks and quotes."""

import ast
import re
from typing import Any

from mmneglabel.errors import ConfigError

_PAIRS = {"(": ")", "[": "]", "{": "}"}
# A quote opens only where a value may begin and closes only where one may end: the one in "dog's" does neither.
_QUOTED = re.compile(r"""(["'])((?:(?!\1).)*)\1(?=\s*(?:[,:)\]}]|$))""", re.DOTALL)


def read_value(text: str) -> Any:
    """What ``text`` stands for.

    In quotes: that very string. ``a, b`` and ``[a, b]``: a list of such values; ``(a, b)``: a tuple. ``{'a': 1}``:
    a dict, if it is one of Python's. Then numbers, true, false and None; anything else is a string, blanks inside it
    included. Differs from MMEngine's ``DictAction``, which takes out all blanks and the quotes around a value, so that
    ``'1'`` is a number to it, and which knows no dict.

    Raises:
        ConfigError: the bracket that it begins with is not closed.
    """
    text = text.strip()
    if quoted := _QUOTED.fullmatch(text):
        return quoted[2]
    parts, end = _parts(text)
    if text[:1] in _PAIRS and end is None:
        raise ConfigError(f"--cfg-options: a bracket of {text!r} is not closed; put quotes around it if it is a text.")
    if len(parts) > 1:
        return _values(parts)
    if end == len(text) - 1 and text[0] in "([":
        inner = _values(_parts(text[1:-1])[0])
        return tuple(inner) if text[0] == "(" else inner
    return _dict(text) if text[:1] == "{" else _plain(text)


def _values(parts: list[str]) -> list[Any]:
    """The values of a list, behind which a comma may stand."""
    return [read_value(part) for part in (parts if parts[-1].strip() else parts[:-1])]


def _parts(text: str) -> tuple[list[str], int | None]:
    """What stands between the commas outside brackets and quotes, and where the first bracket closes, if it does."""
    parts, start, at, end, closing, fresh = [], 0, 0, None, [], True
    while at < len(text):
        if fresh and (quoted := _QUOTED.match(text, at)):
            at, fresh = quoted.end(), False
            continue
        char = text[at]
        if char in _PAIRS:
            closing.append(_PAIRS[char])
        elif closing and char == closing[-1]:
            closing.pop()
            end = at if end is None and not closing else end
        elif char == "," and not closing:
            parts.append(text[start:at])
            start = at + 1
        fresh = char in ",:([{" or (fresh and char.isspace())
        at += 1
    return [*parts, text[start:]], None if closing else end


def _dict(text: str) -> Any:
    """A dict of Python's; an empty one is the place in a prompt where the name goes."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return value if isinstance(value, dict) and value else text


def _plain(text: str) -> Any:
    """A number, truth value or None, or else the text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return {"true": True, "false": False}.get(text.lower(), None if text == "None" else text)
