"""The model index: readable by OpenMMLab's own library, and one entry a config."""

import pytest
from modelindex.load_model_index import load
from paths import ROOT

from mmneglabel.catalogue import ROWS

FOLDERS = sorted(path.parent for path in (ROOT / "configs").glob("*/metafile.yml"))


@pytest.fixture(scope="module")
def models():
    index = load(str(ROOT / "model-index.yml"))
    index.build_models_with_collections()
    return list(index.models)


def test_index_imports_every_metafile():
    listed = [line.removeprefix("  - ") for line in (ROOT / "model-index.yml").read_text().splitlines()[1:]]
    assert listed == [(folder / "metafile.yml").relative_to(ROOT).as_posix() for folder in FOLDERS]


def test_every_folder_of_configs_has_a_metafile_and_a_readme():
    folders = {path.parent for path in (ROOT / "configs").glob("[!_]*/*.py")}
    assert sorted(folders) == FOLDERS
    assert all((folder / "README.md").is_file() for folder in folders)


def test_every_config_has_one_entry_and_every_entry_a_config(models):
    configs = [path.relative_to(ROOT).as_posix() for path in (ROOT / "configs").glob("[!_]*/*.py")]
    assert sorted(model.config for model in models) == sorted(configs)


def test_entries_are_named_as_their_configs_and_point_to_their_readme(models):
    for model in models:
        assert model.config.endswith(f"/{model.name}.py")
        assert (ROOT / model.full_model.readme).is_file()


def test_published_results_say_whose_they_are(models):
    for model in models:
        if model.results:
            assert model.metadata.data["Results From"] in ("the paper", "the authors' page")


def test_published_results_are_those_of_the_rows(models):
    """One fact: the metafile, the README's table and the row of tools/reproduce.py."""
    told = {}
    for model in models:
        rows = [row for row in ROWS.values() if row.protocol == model.config.split("/")[1]]
        published = {name: pair for row in rows if row.backbone == "vit-b16" for by_set in row.published.values()
                     for name, pair in by_set.items()}  # fmt: skip
        for result in model.results or ():
            name = result.dataset.removeprefix("ImageNet-1k against ")
            pair = (result.metrics["AUROC"], result.metrics["FPR95"])
            assert pair == published[name]
            assert f"{pair[0]:.2f} / {pair[1]:.2f}" in (ROOT / model.full_model.readme).read_text()
            told[model.name, name] = pair
    assert len(told) == 8
