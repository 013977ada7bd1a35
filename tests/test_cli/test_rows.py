"""Every row of the papers' tables: composed, built on its sets' true layouts, one of each layout run, and judged."""

import json

import pytest
import true_layouts
from mmengine.config import Config
from mmpretrain.registry import DATASETS
from paths import ROOT
from test_tools.launching import launch

from mmneglabel.catalogue import BACKBONES, PROTOCOLS, ROWS, SETS, find_protocol, find_rows
from mmneglabel.cli.judging import Judged, changes
from mmneglabel.cli.rows import compose, row_config, seeded
from mmneglabel.cli.testing import run_test
from mmneglabel.corpus import read_class_names
from mmneglabel.engine.checks import check_classes
from mmneglabel.errors import ConfigError
from mmneglabel.methods import METHODS
from mmneglabel.scores.stream import MARK


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Every set, in its makers' layout."""
    root = tmp_path_factory.mktemp("data")
    for name, facts in SETS.items():
        for take in facts.takes:
            true_layouts.lay_out(name, take, root)
    return str(root)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_every_row_is_built_on_true_layouts(row, data):
    config = compose(row, data)
    benchmark = DATASETS.build(config.test_dataloader.dataset.to_dict() | {"pipeline": None})
    assert benchmark.set_names == (row.id_set, *row.ood_sets)
    assert all(map(len, benchmark.datasets))
    names = read_class_names(config.model.class_names)
    check_classes("model.class_names", names, benchmark.metainfo)
    labels = {benchmark.get_data_info(i)["gt_label"] for i in range(len(benchmark.datasets[0]))}
    assert labels == set(range(len(names)))
    assert changes(config, row) == []
    groups = config.test_dataloader.dataset.get("groups", {})
    for numbers in row.published.values():
        assert numbers.keys() <= {*row.ood_sets, *groups, "mean"}
    # Numbers of streams stand beside streams alone.
    streams = {f"{name}{MARK}" for name, score in config.model.scores.items() if "streams" in score}
    assert row.published.keys() <= METHODS.keys() | streams
    assert {name for name in row.published if name.endswith(MARK)} <= streams
    assert bool(row.published) == bool(row.evidence)


def test_counts():
    assert (len(ROWS), len(PROTOCOLS), len(BACKBONES)) == (82, 16, 15)
    assert {row.protocol for row in ROWS.values()} == PROTOCOLS.keys()
    assert {row.backbone for row in ROWS.values()} == BACKBONES.keys()


def test_what_the_papers_differ_in():
    """The names, pictures and templates of each, where others would take the sets' own."""
    (a,), (sketch,) = find_rows(["csp/vit-b16/imagenet-a"]), find_rows(["negrefine/vit-b16/imagenet-sketch"])
    assert read_class_names(compose(a).model.class_names)[:2] == ("stingray", "goldfinch")
    assert sorted(read_class_names(compose(a).model.class_names)).count("American") == 4
    scores = compose(sketch).model.scores
    assert [len(scores[name].bank.get("pool", scores[name].bank).prompts.noun) for name in ("NegRefine", "CSP")] == [
        10
    ] * 2
    (plain,) = find_rows(["csp/vit-b16/imagenet-r"])
    assert "prompts" not in compose(plain).model.scores.CSP.bank
    split = {name: compose(ROWS[f"{name}/vit-b16/cub-200"]).test_dataloader.dataset.id_set for name in ("csp", "mcm")}
    assert (split["csp"].type, split["mcm"].rows) == ("ClassFolders", {3: 0})
    hard = compose(ROWS["mcm/vit-b16/imagenet-20-vs-imagenet-10"]).test_dataloader.dataset
    assert (hard.id_set.data_root, hard.ood_sets[0].data_root) == ("data/imagenet/val", "data/imagenet/train")
    full = compose(ROWS["openood-v1.5-full-spectrum/vit-b16/imagenet-1k"], "/d").test_dataloader.dataset.id_set
    assert [part.data_root for part in full.datasets] == ["/d/openood"] * 4
    cifar = compose(ROWS["openood-v1.5-cifar100/vit-b16/cifar-100"]).test_dataloader.dataset
    lists = [part.table.rpartition("/test_") for part in (cifar.id_set, *cifar.ood_sets)]
    assert {folder for folder, *_ in lists} == {"benchmark_imglist/cifar100"}
    assert [name for *_, name in lists] == [
        f"{name}.txt" for name in ("cifar100", "cifar10", "tin", "mnist", "svhn", "texture", "places365")
    ]
    assert [len(part.get("pipeline", ())) for part in full.datasets] == [0, 0, 2, 0]  # ImageNet-C is 224x224
    assert [step.scale for step in cifar.pipeline if step.type == "ResizeEdge"] == [224]
    near = compose(ROWS["eoe/vit-b16/imagenet-20-vs-imagenet-10"], "/d").model.scores.EOE.bank
    assert (near.task, near.max_cosine, near.path[:20]) == ("near", 0.85, "/d/eoe/near_3_ImageN")


@pytest.mark.parametrize("protocol", [name for name in PROTOCOLS if not name.startswith("openood-v1.5-")])
def test_the_main_row_is_the_shipped_config(protocol):
    """One fact, two ways in: a row by its name and the config of its method."""
    main = next(row for row in ROWS.values() if row.protocol == protocol and row.backbone == "vit-b16")
    shipped = Config.fromfile(ROOT / "configs" / find_protocol(protocol).config)
    composed = compose(main)
    assert {name: composed[name] for name in composed if name not in ("model", "test_dataloader")} == {
        name: shipped[name] for name in composed if name not in ("model", "test_dataloader")
    }
    assert changes(shipped, main) == []


@pytest.mark.parametrize("backbone", ["align", "altclip", "groupvit"])
def test_other_backbones_are_their_shipped_configs(backbone):
    shipped = Config.fromfile(ROOT / "configs" / "csp" / f"csp_{backbone}_in1k.py")
    assert changes(shipped, ROWS[f"csp/{backbone}/imagenet-1k"]) == []


ONE_OF_EACH_LAYOUT = [
    "csp/vit-b16/cub-200", "csp/vit-b16/imagenet-10-vs-imagenet-20", "csp/vit-b16/imagenet-v2",
    "csp/vit-b16/oxford-pets", "csp/vit-b16/stanford-cars", "csp/vit-b16/waterbirds-vs-places-background",
    "mcm/vit-b16/cub-200", "mcm/vit-b16/food-101", "negrefine/vit-b16/imagenet-1k", "openood-v1.5/vit-b16/imagenet-1k",
    "openood-v1.5-cifar100/vit-b16/cifar-100", "openood-v1.5-full-spectrum/vit-b16/imagenet-1k",
]  # fmt: skip


@pytest.fixture
def small(words, tmp_path):
    """A row as a config file with the stand-in tower and few words, its sets, names and scores as they are."""

    def write(row, data_root):
        config = compose(row, data_root)
        config.custom_imports.imports.append("stand_in")
        config.model.backbone = {"type": "StandInBackbone"}
        config.model.scores.pop("GL-MCM", None)  # the stand-in has no places
        config.model.pop("predict_with", None)
        for score in config.model.scores.values():
            pool = score.bank.get("pool", score.bank)
            pool.update({} if pool.type == "LabelsOnly" else {"corpus": str(words), "exclude": (), "ratio": 0.3})
            pool.pop("count", None)
            score.pop("groups", None)
            score.update({"batch_size": 3} if "streams" in score else {})
        dataset = config.test_dataloader.dataset
        for step in dataset.get("pipeline", ()):
            step.update({"ResizeEdge": {"scale": 9}, "CenterCrop": {"crop_size": 8}}.get(step.type, {}))
        config.test_dataloader.update(num_workers=0, batch_size=64)
        config.env_cfg.pop("mp_cfg", None)
        path = tmp_path / "row.py"
        config.dump(path)
        return path

    return write


@pytest.mark.parametrize("name", ONE_OF_EACH_LAYOUT)
def test_a_row_of_each_layout_runs(name, small, data, tmp_path, capsys):
    row = ROWS[name]
    assert launch(run_test, small(row, data), "--work-dir", tmp_path / "work") == 0, capsys.readouterr().err
    metrics = json.loads((tmp_path / "work" / "metrics.json").read_text())
    assert {*row.ood_sets, "mean"} <= metrics[next(iter(metrics))].keys()


@pytest.mark.parametrize("name", ["adaneg-near/vit-b16/imagenet-1k", "tanl/vit-b16/imagenet-1k"])
def test_a_row_of_streams_is_run_and_judged(name, small, data, tmp_path, capsys):
    """With mean and deviation over its streams; as it is not the row's run, nothing published stands beside it."""
    row = ROWS[name]
    assert launch(run_test, small(row, data), "--work-dir", tmp_path / "work") == 0, capsys.readouterr().err
    judged = Judged(row, tmp_path / "work")
    metrics = json.loads((tmp_path / "work" / "metrics.json").read_text())
    (mean,) = [line for line in judged.numbers() if (line["score"], line["set"]) == (next(iter(row.published)), "mean")]
    block = metrics[mean["score"]]["mean"]
    assert mean["fpr95"] == round(100 * block["fpr95_ood_positive"], 2)
    assert mean["fpr95_sd"] == round(100 * block["fpr95_ood_positive_sd"], 2)
    assert mean["auroc_published"] is None
    assert any(".batch_size: 3 (the row's: None)" in reason for reason in judged.reasons())
    static = [line for line in judged.numbers() if line["score"] == "NegLabel"]
    assert not any("auroc_sd" in line for line in static)


@pytest.mark.parametrize("name", ["adaneg/vit-b16/imagenet-1k", "tanl/vit-b16/imagenet-1k", "oodd/vit-b16/imagenet-1k"])
@pytest.mark.parametrize(("setting", "value"), [("batch_size", 32), ("order", "given"), ("streams", 1), ("seed", 5)])
def test_what_decides_a_stream_decides_whose_row_it_is(name, setting, value):
    config, row = compose(ROWS[name]), ROWS[name]
    score = next(iter(config.model.scores))
    config.model.scores[score][setting] = value
    (said,) = changes(config, row)
    assert said.startswith(f"model.scores.{score}.{setting}: {value!r} (the row's: ")


def test_seeds_of_streams_bring_other_streams():
    """None twice, where a score has several; the score that they build on keeps its groups, the one beside it not."""
    seeds = {}
    for seed in (0, 1, 2):
        scores = seeded(compose(ROWS["adaneg/vit-b16/imagenet-1k"]), seed).model.scores
        seeds[seed] = [*range(scores.AdaNeg.seed, scores.AdaNeg.seed + scores.AdaNeg.streams)]
        assert "seed" not in scores.AdaNeg.static
        assert scores.NegLabel.seed == seed
    assert seeds == {0: [0, 1, 2], 1: [3, 4, 5], 2: [6, 7, 8]}


def test_streams_have_the_words_of_their_authors(tmp_path):
    """Wherever these lie; mined where the method mines, all where it does not."""
    (tmp_path / "neglabel" / "txtfiles").mkdir(parents=True)
    scores = compose(ROWS["tanl-openood-v1.5/openclip-vit-b16/imagenet-1k"], str(tmp_path)).model.scores
    for name, kept in (("TANL", {"ratio": 1.0}), ("NegLabel", {"count": 10_000})):
        bank = scores[name].bank
        assert {key: bank[key] for key in ("ratio", "count") if key in bank} == kept
        assert (bank.corpus, bank.drop_labels) == (f"{tmp_path}/neglabel/txtfiles", True)
        assert bank.prompts == {"label": "The nice {}.", "noun": "The nice {}.", "adjective": "This is a {} photo."}


def test_words_lie_where_all_data_do(tmp_path, monkeypatch):
    row = ROWS["eoe/vit-b16/imagenet-1k"]
    assert compose(row, "/d").model.scores.EOE.bank.path.startswith("/d/eoe/far_300")
    assert changes(compose(row, "/d"), row) == []
    main = ROWS["csp/vit-b16/imagenet-1k"]
    assert compose(main, str(tmp_path)).model.scores.CSP.bank.corpus == "neglabel"
    (tmp_path / "neglabel" / "txtfiles").mkdir(parents=True)
    assert compose(main, str(tmp_path)).model.scores.CSP.bank.corpus == f"{tmp_path}/neglabel/txtfiles"
    assert changes(compose(main, str(tmp_path)), main) == []
    monkeypatch.setenv("HOME", str(tmp_path.parent))
    assert compose(main, f"~/{tmp_path.name}").to_dict() == compose(main, str(tmp_path)).to_dict()


def test_a_config_of_ones_own_begins_with_a_row(tmp_path, monkeypatch):
    """The path stays the same as long as the row does; a change makes it no row of a paper."""
    monkeypatch.setenv("MMNEGLABEL_CACHE", str(tmp_path / "cache"))
    mine = tmp_path / "mine.py"
    mine.write_text(
        '_base_ = __import__("mmneglabel").row("csp/vit-b16/cub-200", data_root="/mnt")\n'
        "model = dict(scores=dict(CSP=dict(groups=7)))\n"
    )
    config = Config.fromfile(mine)
    assert config.test_dataloader.dataset.id_set.data_root == "/mnt/CUB_200_2011/images"
    assert changes(config, ROWS["csp/vit-b16/cub-200"]) == ["model.scores.CSP.groups: 7 (the row's: None)"]
    assert row_config("csp/vit-b16/cub-200", "/mnt") == row_config("csp/vit-b16/cub-200", "/mnt")
    assert len(list((tmp_path / "cache" / "rows").iterdir())) == 1
    with pytest.raises(ConfigError, match="No row 'csp/vit-b16/cub': did you mean 'csp/vit-b16/cub-200'"):
        row_config("csp/vit-b16/cub")
