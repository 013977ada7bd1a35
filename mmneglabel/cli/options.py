"""``--cfg-options KEY=VALUE``: values as they are written, put into the config, and none that nobody would read."""

import ast
import re
from collections.abc import Iterable, Mapping
from inspect import signature
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.runner import Runner

from mmneglabel.errors import ConfigError, did_you_mean
from mmneglabel.settings import settings

# Those that the Runner takes as arguments, and those that it, or our own, looks up in the whole config.
READ = (signature(Runner.__init__).parameters.keys() - {"self", "cfg", "launcher"}) | {
    "activation_checkpointing",
    "compile",
    "efficient_conv_bn_eval",
    "find_unused_parameters",
    "model_wrapper_cfg",
    "sync_bn",
    "verbose",
}
_NAMED_AT_MOST = 3
_PAIRS = {"(": ")", "[": "]", "{": "}"}
# A quote opens only where a value may begin and closes only where one may end: the one in "dog's" does neither.
_QUOTED = re.compile(r"""(^|[,:(\[{])(\s*)(["'])((?:(?!\3).)*)\3(?=\s*(?:[,:)\]}]|$))""", re.DOTALL)


def read_options(arguments: Iterable[str]) -> dict[str, Any]:
    """``KEY=VALUE`` arguments as dotted key to value; the last value of a key counts.

    Raises:
        ConfigError: one is not of that form.
    """
    found = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if not equals or not all(key.strip().split(".")):
            raise ConfigError(
                f"--cfg-options: {argument!r} is not of the form KEY=VALUE, such as model.backbone.seed=1."
            )
        found[key.strip()] = read_value(value)
    return found


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
        return quoted[4]
    parts, first_closes = _parts(text)
    if text[:1] in _PAIRS and first_closes is None:
        raise ConfigError(f"--cfg-options: a bracket of {text!r} is not closed; put quotes around it if it is a text.")
    if len(parts) > 1:
        return _values(parts)
    if first_closes == len(text) - 1 and text[0] in "([":
        inner = _values(_parts(text[1:-1])[0])
        return tuple(inner) if text[0] == "(" else inner
    return _plain(text)


def merge_options(config: Config, options: Mapping[str, Any]) -> None:
    """Put ``options``, dotted key to value, into ``config``; refuses keys that lead nowhere, or to nobody who reads."""
    for key, value in options.items():
        _check_read(config, key)
        _check_place(config, key, value)
    config.merge_from_dict(options)


def unread(path: Path) -> list[str]:
    """A sentence for each name that a Python config sets and nobody reads, neither the Runner nor the file itself.

    Its base files were read before it: what they made of a variable of theirs stays as it was.
    """
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.suffix == ".py" else ast.Module([], [])
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    names = dict.fromkeys(target.id for target in targets if isinstance(target, ast.Name))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return [
        f"nothing reads {name!r} of {path.name}, neither the Runner nor the file; base files were read before it"
        for name in names
        if name not in used | READ | {"_base_", "custom_imports", "launcher"}
    ]


def _values(parts: list[str]) -> list[Any]:
    """The values of a list, behind which a comma may stand."""
    return [read_value(part) for part in (parts if parts[-1].strip() else parts[:-1])]


def _parts(text: str) -> tuple[list[str], int | None]:
    """What stands between the commas outside brackets and quotes, and where the first bracket closes, if all do.

    The latter tells ``[a, b]``, where it is the end, from ``[a]_[b]``, which is one text.
    """
    bare = _QUOTED.sub(lambda found: found[1].ljust(len(found[0]), "_"), text)  # brackets in quotes are no brackets
    commas, closing, first_closes = [-1], [], None
    for at, char in enumerate(bare):
        if char in _PAIRS:
            closing.append(_PAIRS[char])
        elif closing and char == closing[-1]:
            closing.pop()
            first_closes = at if first_closes is None and not closing else first_closes
        elif char == "," and not closing:
            commas.append(at)
    ends = [*commas[1:], len(text)]
    return [text[start + 1 : end] for start, end in zip(commas, ends, strict=True)], None if closing else first_closes


def _plain(text: str) -> Any:
    """A number, truth value, None or a dict, or else the text; an empty dict is the place of a name in a prompt."""
    for read in (int, float, _dict):
        try:
            return read(text)
        except (ValueError, SyntaxError):
            pass
    return {"true": True, "false": False}.get(text.lower(), None if text == "None" else text)


def _dict(text: str) -> dict:
    value = ast.literal_eval(text)
    if not isinstance(value, dict) or not value:
        raise ValueError
    return value


def _check_read(config: Config, key: str) -> None:
    """The Runner must read the key's first part: variables that a file makes settings from were read before."""
    top = key.partition(".")[0]
    if top == "data_preprocessor" and (config.get("model") or {}).get(top):
        raise ConfigError(f"--cfg-options {key}: the model has a preprocessor of its own: set model.{key}.")
    if top in READ:
        return
    if top == "launcher":
        raise ConfigError(f"--cfg-options {key}: give --launcher instead.")
    if top not in config:
        raise ConfigError(f"--cfg-options {key}: nothing reads {top!r}; {did_you_mean(top, READ)}")
    made = ", ".join(_made_from(config, top)) or "the settings that are made from it"
    raise ConfigError(
        f"--cfg-options {key}: {top!r} was read with the config file, so that another value now would change nothing: "
        f"set {made}."
    )


def _made_from(config: Config, variable: str) -> list[str]:
    """Settings that hold what ``variable`` holds: those of its name, or else any."""
    wanted = config[variable]
    found = [
        path
        for top in READ & config.keys()
        for path, value in settings(top, config[top])
        if type(value) is type(wanted) and value == wanted
    ]
    return sorted([path for path in found if path.endswith(f".{variable}")] or found)[:_NAMED_AT_MOST]


def _check_place(config: Config, key: str, value: Any) -> None:
    """All but the key's last part must be there already, or have a dict to be added to."""
    here, path = config, ""
    for name in key.split("."):
        if isinstance(here, list):
            if not name.isdigit() or int(name) >= len(here):
                raise ConfigError(
                    f"--cfg-options {key}: {path} is a list of {len(here)}, counted from 0: it has no {name!r}."
                )
            here = here[int(name)]
        elif isinstance(here, Mapping | Config):
            if name not in here:
                return
            here = here[name]
        else:
            raise ConfigError(f"--cfg-options {key}: {path} is {here!r}, which has no {name!r}: set it as a whole.")
        path = f"{path}.{name}".lstrip(".")
    if isinstance(value, Mapping) and not isinstance(here, Mapping) and not value.get("_delete_"):
        raise ConfigError(
            f"--cfg-options {key}: it is {here!r}, not a dict: put '_delete_': True into one to replace it."
        )
