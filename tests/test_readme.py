"""The README's Python runs as printed, and what its commands name exists."""

import re

import pytest
from mmengine.config import Config
from mmpretrain.registry import DATASETS
from paths import ROOT
from PIL import Image

README = (ROOT / "README.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_library_example_runs(monkeypatch, tmp_path, capsys):
    (example,) = [block for block in PYTHON if "import" in block]
    for name in ("demo",):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})
    cat, hamburger = re.search(r"tensor\(\[(\S+), (\S+)\]", capsys.readouterr().out).groups()
    assert float(cat) > float(hamburger)


def test_config_example_inherits(tmp_path, monkeypatch):
    (example,) = [block for block in PYTHON if "_base_" in block]
    path = tmp_path / "mine.py"
    path.write_text(example.replace("./", f"{ROOT}/configs/neglabel/"))
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


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"(?:tools|configs|docs|demo|benchmarks|tests|txtfiles)/[\w./-]+", README)))
)
def test_named_files_exist(path):
    assert (ROOT / path.rstrip(".")).exists()


@pytest.mark.parametrize("target", re.findall(r"^make (\w+)", README, re.MULTILINE))
def test_make_targets_exist(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_command_for_ones_own_images_is_its_pages():
    (command,) = re.findall(r"^(python -m mmneglabel evaluate .*?) +#", README, re.MULTILINE)
    assert f"{command}\n" in (ROOT / "docs/your_data.md").read_text()
