"""A tool in two parts: what reads its command line, and, under a name with an underscore, what does the work."""

import importlib.util
from types import ModuleType

from paths import ROOT


def load_tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_tool(name: str, *arguments: object) -> None:
    """What the tool does with a command line; errors are raised."""
    load_tool(f"_{name}").run(load_tool(name).parse_args([str(argument) for argument in arguments]))
