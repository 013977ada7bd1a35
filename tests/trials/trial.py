"""A trial: a change of a small run, and what comes of it. The next hundred are a row each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

File = str | bytes | Callable[[Path], object]
"""What a file holds, or a function that makes something at its path."""


@dataclass(frozen=True)
class Trial:
    """What a user does to a small run of the tests, and what is printed then.

    Attributes:
        name: what was done, a few words; the id of the test.
        says: what the one error line holds (code 1), or a line of the log exactly once (code 0); several, all of them.
        config: dotted key to value, merged into the config; ``{here}`` in a string is the trial's own folder.
        files: path below that folder to what lies there; the user stands in its ``standing``.
        command: the command line behind the config, ``{here}`` as above.
        environment: variables that are set then.
        tool: "test", "rescore" or "train".
        base: whose config it is: "zero-shot" (``tests/conftest.py``), "posthoc" (``tests/small_posthoc.py``) or
            "training" (``tests/training_stand_in.py``, one epoch).
        code: of the exit.
    """

    name: str
    says: str | tuple[str, ...]
    config: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, File] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    tool: str = "test"
    base: str = "zero-shot"
    code: int = 1


def lay_out(trial: Trial, here: Path) -> None:
    """Make the trial's files."""
    for name, content in trial.files.items():
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)


def placed(value: Any, here: Path) -> Any:
    """``value`` with ``{here}`` filled in, at any depth."""
    if isinstance(value, str):
        return value.replace("{here}", str(here))
    if isinstance(value, Mapping):
        return {key: placed(item, here) for key, item in value.items()}
    return type(value)(placed(item, here) for item in value) if isinstance(value, list | tuple) else value
