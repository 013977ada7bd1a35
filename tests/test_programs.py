"""The documents' Python: programs run, configs are read.

What wants a tested demo runs in `tests/test_demo.py`, docs/extending.md in `tests/test_extending.py`.
"""

import ast
import importlib
import re

import pytest
from documents import DOCUMENTS, blocks
from mmengine.config import Config
from mmpretrain.registry import DATASETS
from paths import ROOT
from PIL import Image

from mmneglabel.methods import resolve

SNIPPETS = ["configs/label-based/README.md", "configs/eoe/README.md", "configs/negrefine/README.md",
            "docs/which_method.md", "docs/streams.md"]  # fmt: skip


def with_(word, document):
    (found,) = [block for block in blocks(document, "python") if word in block]
    return found


@pytest.fixture
def demo(monkeypatch, tmp_path):
    """A folder with nothing but the demo in it."""
    (tmp_path / "demo").symlink_to(ROOT / "demo")
    monkeypatch.chdir(tmp_path)


def run(program):
    names = {}
    exec(compile(program, "document", "exec"), names)
    return names


@pytest.mark.parametrize("document", DOCUMENTS)
def test_python_can_be_read(document):
    """It is Python, and what it takes from this package is there."""
    for block in blocks(document, "python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and node.module.partition(".")[0] == "mmneglabel":
                module = importlib.import_module(node.module)
                assert [name.name for name in node.names if not hasattr(module, name.name)] == []


def test_library_example_runs(demo, capsys):
    run(with_("import torch", "docs/configure.md"))
    cat, hamburger = re.search(r"tensor\(\[(\S+), (\S+)\]", capsys.readouterr().out).groups()
    assert float(cat) > float(hamburger)


def test_the_demos_tower_tells_its_pixels(demo):
    assert run(with_("tower", "demo/README.md"))["tower"].preprocessing.size == (64, 64)


def test_config_example_inherits(tmp_path, monkeypatch):
    path = tmp_path / "mine.py"
    path.write_text(with_("_base_", "docs/configure.md").replace("./", f"{ROOT}/configs/neglabel/"))
    config = Config.fromfile(path)
    assert config.model.backbone.model_name == "ViT-L-14"
    for file in ("mine/a/0.png", "mine/b/0.png", "street/0.png", "lab/0.png"):
        (tmp_path / "data" / file).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (300, 300)).save(tmp_path / "data" / file)
    (tmp_path / "data/lab/lab.txt").write_text("0.png 3\n")
    monkeypatch.chdir(tmp_path)
    dataset = DATASETS.build(config.test_dataloader.dataset)
    assert [dataset.get_data_info(i)["ood_set"] for i in range(4)] == ["mine", "mine", "street", "lab"]
    assert dataset.metainfo["groups"] == {"near": ("street",), "far": ("lab",)}


@pytest.mark.parametrize("document", SNIPPETS)
def test_scores_of_a_snippet_are_methods(document):
    assert resolve(run(with_("scores=", document))["model"]["scores"])


@pytest.mark.parametrize(
    ("document", "base"),
    [("docs/reproduce.md", None), ("docs/streams.md", None), ("configs/posthoc/README.md", "configs/posthoc/")],
)
def test_a_snippet_that_inherits_can_be_read(document, base, tmp_path):
    text = with_("_base_", document)
    (tmp_path / "mine.py").write_text(text.replace("./", f"{ROOT}/{base}") if base else text)
    assert Config.fromfile(tmp_path / "mine.py").model
