"""The model index: what tools/make_index.py makes of configs and rows, readable by OpenMMLab's own library."""

import re
import shutil

import pytest
from modelindex.load_model_index import load
from paths import ROOT
from test_tools.loading import load_tool

from mmneglabel.errors import NegLabelError


def test_all_is_as_the_tool_writes_it():
    load_tool("_make_index").run(check=True)


def test_openmmlabs_library_reads_an_entry_a_config_with_what_is_published_of_it():
    index = load(str(ROOT / "model-index.yml"))
    index.build_models_with_collections()
    configs = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("configs/[!_]*/*.py"))
    assert sorted(model.config for model in index.models) == configs
    assert all((ROOT / model.full_model.readme).is_file() for model in index.models)
    told = {
        model.name: [(one.dataset, *one.metrics.values()) for one in model.results]
        for model in index.models
        if model.results
    }
    assert {name: len(results) for name, results in told.items()} == {
        "adaneg_clip-vit-b16_in1k": 4, "mcm_clip-vit-b16_in1k": 2, "neglabel_clip-vit-b16_in1k": 4,
        "negrefine-llm_clip-vit-b16_in1k": 4, "oodd_clip-vit-b16_in1k": 4,
    }  # fmt: skip
    assert told["neglabel_clip-vit-b16_in1k"][0] == ("ImageNet-1k against iNaturalist", 99.49, 1.91)


@pytest.mark.parametrize(("folder", "positive", "metric"), [("adaneg", "OOD", "FPR95-OOD"), ("oodd", "ID", "FPR95")])
def test_which_class_is_positive_is_told(folder, positive, metric):
    text = (ROOT / f"configs/{folder}/metafile.yml").read_text()
    assert f"FPR95 with {positive} positive" in text
    assert set(re.findall(r"FPR95[\w-]*(?=:)", text)) == {metric}


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The files that the tool reads and writes, elsewhere, and what runs it there."""
    tool = load_tool("_make_index")
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    for name in ("configs", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "model-index.yml", tmp_path)
    return tmp_path, tool.run


def test_a_new_config_makes_its_metafile_stale_until_it_is_written_anew(copied, capsys):
    root, run = copied
    (root / "configs/posthoc/posthoc_new_in1k.py").touch()
    with pytest.raises(NegLabelError, match=r"have it: configs/posthoc/metafile.yml; run python tools/make_index\.py$"):
        run(check=True)
    run()
    assert capsys.readouterr().out == "wrote configs/posthoc/metafile.yml\n"
    assert "- Name: posthoc_new_in1k\n" in (root / "configs/posthoc/metafile.yml").read_text()
    run(check=True)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("new/new_in1k.py", "", "configs/new has no collection: name one in COLLECTIONS"),
        ("eoe/README.md", "# EOE\n", "configs/eoe/README.md names no paper: begin a line"),
        ("mcm/README.md", "> [A](b)\n<!-- made by tools/make_index.py -->\n", "configs/mcm/README.md has no place for"),
    ],
)
def test_what_is_missing_is_named_and_nothing_written(copied, name, text, says):
    root, run = copied
    (root / "configs" / name).parent.mkdir(exist_ok=True)
    (root / "configs" / name).write_text(text)
    (root / "model-index.yml").unlink()
    with pytest.raises(NegLabelError, match=says):
        run()
    assert not (root / "model-index.yml").exists()
