"""A tool as a module, for tests of its parts."""

import importlib.util
from types import ModuleType

from paths import ROOT


def load_tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
