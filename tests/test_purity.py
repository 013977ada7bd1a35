"""The pure core knows torch and numpy and never an OpenMMLab package, read in the source and tried at run time."""

import ast
import re
import subprocess
import sys

import pytest
from paths import ROOT

PACKAGE = ROOT / "mmneglabel"
ROOMS = ("storage", "corpus", "backbones", "language_models", "judges", "losses", "mining", "posthoc", "scores")
MODULES = (
    "errors.py",
    "ranks.py",
    "evaluation/metrics.py",
    "evaluation/report.py",
    "evaluation/table.py",
)
# They import the adapters that live beside the pure modules; importing a pure module needs neither.
ADAPTER_INITS = {PACKAGE / "__init__.py", PACKAGE / "evaluation" / "__init__.py"}
OPENMMLAB = re.compile(r"mm(?!ap$|neglabel$)\w*$")

PURE = sorted(path for room in ROOMS for path in (PACKAGE / room).rglob("*.py")) + [PACKAGE / name for name in MODULES]


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_names(path):
    """Every dotted name that a file imports, anywhere in it; `from a import b` may mean module `a` or `a.b`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively: this test reads absolute names"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files_of(name):
    """Our own files that importing a name runs: the module and the packages around it."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1) if parts[0] == "mmneglabel" else ():
        stem = ROOT.joinpath(*parts[:end])
        yield from (path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file())


def reachable(start):
    """The start files and all that they import of ours, directly or not."""
    seen, waiting = set(), list(start)
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += [file for name in imported_names(path) for file in files_of(name) if file not in ADAPTER_INITS]
    return sorted(seen)


@pytest.mark.parametrize("path", reachable(PURE), ids=module_name)
def test_source_imports_no_openmmlab_package(path):
    roots = {name.partition(".")[0] for name in imported_names(path)}
    assert sorted(filter(OPENMMLAB.match, roots)) == []


def test_source_takes_nothing_from_the_impure_packages():
    impure = {module_name(path) for path in ADAPTER_INITS}
    modules = {module_name(path) for path in PACKAGE.rglob("*.py")}
    for path in reachable(PURE):
        for name in imported_names(path):
            package, _, attribute = name.rpartition(".")
            assert package not in impure or name in modules, f"{path} takes {attribute} from {package}"


RUN = """
import importlib, re, sys, types

class Block:
    def find_spec(self, name, path=None, target=None):
        if re.match({pattern!r}, name.partition(".")[0]):
            raise ImportError(f"the pure core imported {{name}}")

sys.meta_path.insert(0, Block())
for name in {packages!r}:
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [{root!r} + "/" + name.replace(".", "/")]
for name in {modules!r}:
    importlib.import_module(name)
"""


def test_pure_core_imports_where_openmmlab_is_absent(tmp_path):
    script = RUN.format(
        pattern=OPENMMLAB.pattern,
        packages=sorted(map(module_name, ADAPTER_INITS)),
        root=str(ROOT),
        modules=[module_name(path) for path in PURE],
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["mmengine", "mmcv", "mmpretrain", "mmdet"])
def test_the_pattern_knows_openmmlab(name):
    assert OPENMMLAB.match(name)
    assert not OPENMMLAB.match("mmap")
