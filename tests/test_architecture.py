"""docs/architecture.md is true: what each room imports, and that the pure ones never know an OpenMMLab package."""

import ast
import re
import subprocess
import sys

import pytest
from paths import ROOT

PACKAGE = ROOT / "mmneglabel"
ROW = re.compile(r"^\| `(\w+)` \| .* \| ([\w, –]+) \| (yes|–) \|$", re.MULTILINE)
ROOMS = {room: (set(may.split(", ")) - {"–"}, pure == "yes")
         for room, may, pure in ROW.findall((ROOT / "docs/architecture.md").read_text())}  # fmt: skip
OPENMMLAB = re.compile(r"mm(?!ap$|neglabel$)\w*$")
# What registers everything knows everything; the metric and what stands beside it wrap the rest of their room.
FRONT_DOORS = {"__init__", "__main__", "requirements"}
ADAPTERS = {PACKAGE / "evaluation" / name for name in ("id_images.py", "ood_metric.py")}
PURE = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if ROOMS.get(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), (0, False))[1] and path not in ADAPTERS
)


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_names(path):
    """Every dotted name that a file imports, anywhere in it; `from a import b` may mean module `a` or `a.b`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively: this test reads absolute names"
            inside = [f"mmneglabel.{alias.name}" for alias in node.names]
            yield from inside if node.module == "mmneglabel" else [node.module]


def rooms_imported(path):
    names = (name.split(".") for name in imported_names(path))
    found = {parts[1] for parts in names if parts[0] == "mmneglabel" and len(parts) > 1}
    return found - {room_of(path), "__version__"}


def test_every_room_stands_in_the_table():
    assert {room_of(path) for path in PACKAGE.rglob("*.py")} - FRONT_DOORS == ROOMS.keys()


@pytest.mark.parametrize("room", ROOMS)
def test_imports_are_those_of_the_table(room):
    """In both directions: an import that it does not name, and a name that nothing imports."""
    files = [path for path in PACKAGE.rglob("*.py") if room_of(path) == room]
    assert set().union(*map(rooms_imported, files)) - {"requirements"} == ROOMS[room][0]


def test_imports_only_go_down():
    order = list(ROOMS)
    for room, (may, _) in ROOMS.items():
        assert [other for other in may if order.index(other) >= order.index(room)] == [], room


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_pure_rooms_import_no_openmmlab_package_and_none_that_does(path):
    roots = {name.partition(".")[0] for name in imported_names(path)}
    assert sorted(filter(OPENMMLAB.match, roots)) == []
    assert [room for room in rooms_imported(path) if not ROOMS[room][1]] == []
    assert not {f"mmneglabel.evaluation.{adapter.stem}" for adapter in ADAPTERS} & {*imported_names(path)}


RUN = """
import importlib, re, sys, types

class Block:
    def find_spec(self, name, path=None, target=None):
        if re.match({pattern!r}, name.partition(".")[0]):
            raise ImportError(f"the pure core imported {{name}}")

sys.meta_path.insert(0, Block())
for name in ("mmneglabel",):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [{root!r} + "/" + name.replace(".", "/")]
for name in {modules!r}:
    importlib.import_module(name)
"""


def test_pure_core_imports_where_openmmlab_is_absent(tmp_path):
    names = (path.relative_to(ROOT).with_suffix("").parts for path in PURE)
    modules = [".".join(parts[:-1] if parts[-1] == "__init__" else parts) for parts in names]
    script = RUN.format(pattern=OPENMMLAB.pattern, root=str(ROOT), modules=modules)
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["mmengine", "mmcv", "mmpretrain", "mmdet"])
def test_the_pattern_knows_openmmlab(name):
    assert OPENMMLAB.match(name)
    assert not OPENMMLAB.match("mmap")
