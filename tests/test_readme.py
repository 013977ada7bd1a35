"""The README's Python runs as printed, and what its commands name exists."""

import re

import pytest
from mmengine.config import Config
from paths import ROOT

README = (ROOT / "README.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_library_example_runs(monkeypatch, tmp_path, capsys):
    (example,) = [block for block in PYTHON if "import" in block]
    for name in ("demo",):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})
    kitten, carburetor = re.search(r"tensor\(\[(\S+), (\S+)\]", capsys.readouterr().out).groups()
    assert float(kitten) > float(carburetor)


def test_config_example_inherits(tmp_path):
    (example,) = [block for block in PYTHON if "_base_" in block]
    path = tmp_path / "mine.py"
    path.write_text(example.replace("./", f"{ROOT}/configs/neglabel/"))
    config = Config.fromfile(path)
    assert config.model.backbone.model_name == "ViT-L-14"
    assert [s.name for s in config.test_dataloader.dataset.ood_sets] == ["street", "lab"]
    assert config.test_dataloader.dataset.type == "OODBenchmark"


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"(?:tools|configs|docs|demo|benchmarks|tests|txtfiles)/[\w./-]+", README)))
)
def test_named_files_exist(path):
    assert (ROOT / path.rstrip(".")).exists()


@pytest.mark.parametrize("target", re.findall(r"^make (\w+)", README, re.MULTILINE))
def test_make_targets_exist(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
