"""The documents make a site: every link between them leads somewhere, every formula and docstring can be read."""

import importlib
import inspect
import re
import subprocess
import sys

import pytest
from paths import ROOT
from sphinx.util.inventory import InventoryFile

PAGES = (ROOT / "docs/api").glob("*.md")
MODULES = sorted({name for page in PAGES for name in re.findall(r"automodule:: (\S+)", page.read_text())})


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """What `make docs` makes: warnings, such as of a link or an anchor that leads nowhere, are errors."""
    folder = tmp_path_factory.mktemp("site")
    (command,) = re.findall(r"-m (sphinx .*) build/site$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    command = [sys.executable, "-m", *command.split(), "-d", str(folder / "doctrees"), str(folder / "html")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "html"


def test_every_document_is_a_page_and_every_method_has_one(site):
    own = ["README.md", "README_zh-CN.md", "demo/README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/api/index.md"]
    found = [*ROOT.glob("docs/*.md"), *(path / "README.md" for path in ROOT.glob("configs/[!_]*"))]
    for document in [*own, *(path.relative_to(ROOT) for path in found)]:
        assert (site / document).with_suffix(".html").is_file(), document
    assert (site / "search.html").is_file()


@pytest.mark.parametrize("folder", sorted(path.name for path in ROOT.glob("configs/[!_]*")))
def test_a_methods_page_is_whole(folder):
    """Paper, formula, configs, what it costs and what was measured; the page of all methods refers to each."""
    text = (ROOT / f"configs/{folder}/README.md").read_text()
    assert re.search(r"^> .*\[.+\]\(https://arxiv.org/abs/[\d.]+\), ", text, re.MULTILINE)
    assert folder == "label-based" or re.search(r"\$.+\$", text)
    assert f"configs/{folder}/" in text
    assert re.search(r"\bcosts?\b|price|takes? ", text)
    assert re.search("[Oo]n the demo|docs/tagfog.md|Measured|Not run here", text)


def test_the_top_leads_to_the_front_page(site):
    (target,) = re.findall(r"url=([^\"]+)", (site / "index.html").read_text())
    assert "README.html" in (site / target).read_text()


def test_what_is_no_document_can_be_fetched(site):
    text = (site / "README.html").read_text()
    assert re.search(r'href="_downloads/\w+/LICENSE"', text)
    assert "report.png" in text


def test_formulas_are_there_without_a_network(site):
    text = (site / "configs/neglabel/README.html").read_text()
    assert "<mfrac>" in text
    assert not re.search(r"<(script|link)[^>]*(src|href)=\"(https?:)?//", text)


@pytest.mark.parametrize("name", MODULES)
def test_the_public_names_are_in_the_reference(name, site):
    """Classes and functions; constants that one module takes from another have no text of their own."""
    module = importlib.import_module(name)
    found = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="").data
    told = {one for kind, names in found.items() if kind.startswith("py:") for one in names}
    public = [one for one in getattr(module, "__all__", ()) if inspect.isroutine(getattr(module, one))]
    public += [one for one in getattr(module, "__all__", ()) if inspect.isclass(getattr(module, one))]
    assert {f"{name}.{one}" for one in public} - told == set()
    assert any(one.startswith(f"{name}.") for one in told)


def test_every_package_with_public_names_is_in_the_reference():
    inside = {"building", "cli", "errors", "ranks", "storage", "registry", "methods", "settings", "catalogue"}
    rooms = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE)
    assert {f"mmneglabel.{room}" for room in rooms} - {f"mmneglabel.{room}" for room in inside} == set(MODULES)
