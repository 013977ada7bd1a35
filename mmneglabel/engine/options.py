"""``--cfg-options KEY=VALUE``: what they say goes into the config, and what would be read by nobody is refused."""

import ast
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.runner import Runner

from mmneglabel.engine.option_values import read_value
from mmneglabel.errors import ConfigError, did_you_mean

# Those that the Runner takes as arguments, and those that it looks up in the whole config.
_READ = (signature(Runner.__init__).parameters.keys() - {"self", "cfg", "launcher"}) | {
    "activation_checkpointing",
    "compile",
    "efficient_conv_bn_eval",
    "find_unused_parameters",
    "model_wrapper_cfg",
    "sync_bn",
}
_NAMED_AT_MOST = 3


class OptionsAction(Action):
    """Collects ``KEY=VALUE`` arguments into a mapping; see :func:`read_value`."""

    def __call__(
        self, parser: ArgumentParser, namespace: Namespace, values: Sequence[str], option_string: str | None = None
    ) -> None:
        """Read the arguments behind one ``--cfg-options``; the last value of a key counts."""
        try:
            found = dict(map(_read_option, values))
        except ConfigError as error:
            parser.exit(1, f"error: {error}\n")  # as the tools say it that are not yet running here
        setattr(namespace, self.dest, {**(getattr(namespace, self.dest) or {}), **found})


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
        if name not in used | _READ | {"_base_", "custom_imports", "launcher"}
    ]


def settings(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every setting in ``value`` by its dotted key."""
    yield path, value
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield from settings(f"{path}.{name}", item)


def _read_option(argument: str) -> tuple[str, Any]:
    key, found, value = argument.partition("=")
    if not found or not all(key.strip().split(".")):
        raise ConfigError(f"--cfg-options: {argument!r} is not of the form KEY=VALUE, such as model.backbone.seed=1.")
    return key.strip(), read_value(value)


def _check_read(config: Config, key: str) -> None:
    """The Runner must read the key's first part: variables that a file makes settings from were read before."""
    top = key.partition(".")[0]
    if top == "data_preprocessor" and (config.get("model") or {}).get(top):
        raise ConfigError(f"--cfg-options {key}: the model has a preprocessor of its own: set model.{key}.")
    if top in _READ:
        return
    if top == "launcher":
        raise ConfigError(f"--cfg-options {key}: give --launcher instead.")
    if top not in config:
        raise ConfigError(f"--cfg-options {key}: nothing reads {top!r}; {did_you_mean(top, _READ)}")
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
        for top in _READ & config.keys()
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
