"""Real Runner runs in this process: mining, scoring, metrics, files."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from paths import ROOT
from small_benchmark import stream_scores

from mmneglabel.engine.report_hook import _made
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.mining import NegMining, load_bank, save_bank
from mmneglabel.results import load
from mmneglabel.scores import NegLabelScore, Similarities, TextFeatures

SETS = {"near", "far", "mean"}
METRICS = {"auroc", "aupr_in", "aupr_out", "fpr95_id_positive", "fpr95_ood_positive"}


def run(path, **changes):
    config = Config.fromfile(path)
    config.merge_from_dict(changes)
    runner = Runner.from_cfg(config)
    return runner, runner.test()


def cached(folder, method=None):
    """The kept banks, or those that a method made."""
    return [path for path in folder.glob("*.safetensors") if method in (None, load_bank(path).recipe["method"])]


def test_leaves_metrics_words_and_scores(small_config, tmp_path):
    runner, flat = run(small_config())
    metrics = json.loads((tmp_path / "work" / "metrics.json").read_text())
    facts = metrics.pop("_run")
    assert (facts["pixels"]["interpolation"], facts["banks"]["NegLabel"]["words"]) == (
        "bilinear", "the user's words: 60 nouns, 40 adjectives",
    )  # fmt: skip
    assert facts["scores"]["NegLabel"] == {
        "type": "NegLabelScore", "bank": "NegLabel", "groups": 7, "seed": 0, "temperature": 0.01,
    }  # fmt: skip
    assert [facts["scores"][name]["bank"] for name in ("MCM", "Energy")] == ["MCM", "MCM"]
    assert list(metrics) == ["NegLabel", "MCM", "MaxLogit", "Energy"]
    for by_set in metrics.values():
        assert set(by_set) == SETS
        assert set(by_set["near"]) == METRICS
        assert set(by_set["mean"]) == METRICS | {"id_accuracy"}
    assert flat["ood/NegLabel/auroc"] == metrics["NegLabel"]["mean"]["auroc"]
    words = (tmp_path / "work" / "negative_labels" / "NegLabel.txt").read_text().splitlines()
    assert len(words) == 30
    assert words[0].startswith("the nice noun ")
    assert words[-1].startswith("This is a adj ")
    images = load(tmp_path / "work")
    assert images.scores.shape == (31, 4)
    assert np.isfinite(images.score("NegLabel")).all()
    bank = next(iter(runner.model._banks.values()))
    assert (images.words["distances"] == bank.distances.numpy()).all()
    assert images.words["adjectives"].sum() == sum(word.startswith("adj") for word in images.negatives) > 0
    assert (len(images.words["label_map"]), len(images.words["negative_map"])) == (3, 30)
    assert images.made["versions"]["torch"] == torch.__version__
    assert runner.model.head is not None
    assert not (tmp_path / "work" / "report.html").exists()  # who wants it says so


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        ([f"{ROOT}/tools/test.py", "a.py", "none"], "python -m mmneglabel test a.py none"),
        (
            [f"{ROOT}/tools/test.py", "a.py", "none", "--launcher", "pytorch", "--work-dir", "my run", "--amp"],
            "python -m mmneglabel test a.py none --work-dir 'my run' --amp",
        ),
        (
            [f"{ROOT}/tools/rescore.py", "--local-rank=1", "a.py", "--launcher=slurm", "--cfg-options", "a.b=[1, 2]"],
            "python -m mmneglabel rescore a.py --cfg-options 'a.b=[1, 2]'",
        ),
        (["mmpretrain/tools/test.py", "a.py", "a.pth"], "python mmpretrain/tools/test.py a.py a.pth"),
    ],
    ids=["one process", "several", "a launcher of old", "somebody else's tool"],
)
def test_the_command_that_is_kept_repeats_the_run_in_one_process(argv, command, monkeypatch):
    monkeypatch.setattr("sys.argv", argv)
    assert _made()["command"] == command


def test_page(small_config, tmp_path):
    path, page = small_config(), tmp_path / "work" / "report.html"
    run(path, **{"custom_hooks.1.report": True})
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert page.read_text(encoding="utf-8").count("data:image/webp") > 10
    run(small_config("again.py"))
    assert not page.exists()  # which would have been taken for this run's
    page.mkdir()
    with pytest.raises(DataError, match=r"report\.html is a folder"):
        run(small_config("again.py"))


def test_a_page_wants_results(small_config):
    with pytest.raises(ConfigError, match="OODReportHook: report=True makes the page from the results"):
        run(small_config(**{"custom_hooks.1.report": True, "custom_hooks.1.results": False}))


def played(folder):
    """The streams of a test, by score and OOD set."""
    streams = load(folder).streams
    return {name: {of: scores.tolist() for of, scores in played.scores.items()} for name, played in streams.items()}


def test_streams_are_played_when_all_images_are_seen(small_config, words, tmp_path):
    runner, flat = run(small_config(**{"model.scores": stream_scores(words)}))
    found = load(tmp_path / "work")
    assert found.score_names == ("NegLabel",)
    assert list(found.streams) == ["AdaNeg (stream)", "TANL (stream)", "OODD (stream)"]
    shapes = {name: [scores.shape for scores in one.scores.values()] for name, one in found.streams.items()}
    assert shapes["AdaNeg (stream)"] == [(2, 17 + 9), (2, 17 + 5)]
    metrics = json.loads((tmp_path / "work" / "metrics.json").read_text())
    assert set(metrics["AdaNeg (stream)"]["near"]) == METRICS | {f"{name}_sd" for name in METRICS}
    assert set(metrics["TANL (stream)"]["near"]) == METRICS
    assert flat["ood/TANL (stream)/auroc"] == metrics["TANL (stream)"]["mean"]["auroc"]
    assert metrics["_run"]["streams"]["AdaNeg (stream)"] == {
        "order": "shuffled",
        "batch_size": 4,
        "seeds": [0, 1],
        "mixture": {"near": [17, 9], "far": [17, 5]},
        "memory": "emptied between OOD sets",
    }
    first = played(tmp_path / "work")
    runner.test()  # which finds no trace of the first
    assert played(tmp_path / "work") == first


@pytest.mark.parametrize(
    "changes",
    [
        {"test_dataloader.batch_size": 1},
        {"test_dataloader.batch_size": 31},
        {"test_cfg": {"_delete_": True}},  # MMEngine's own loop, around which OODReportHook does the same
        {"test_cfg.features": "keep"},
    ],
    ids=str,
)
def test_streams_know_nothing_of_how_the_images_were_loaded(small_config, words, tmp_path, changes):
    streams = {"model.scores": stream_scores(words)}
    run(small_config(**streams))
    first, metrics = played(tmp_path / "work"), (tmp_path / "work" / "metrics.json").read_text()
    run(small_config("other.py", **streams | changes))
    assert played(tmp_path / "work") == first
    assert (tmp_path / "work" / "metrics.json").read_text() == metrics


def test_words_can_be_read_back_instead_of_mining(small_config, tmp_path):
    _, mined = run(small_config())
    listed = {
        "_delete_": True,
        "type": "ReadyList",
        "path": str(tmp_path / "work" / "negative_labels" / "NegLabel.txt"),
    }
    _, read = run(small_config("again.py", **{"model.scores.NegLabel.bank": listed}))
    assert read["ood/NegLabel/auroc"] == mined["ood/NegLabel/auroc"]


def test_eoe_on_a_list_of_names_in_the_same_pass(small_config, tmp_path):
    (tmp_path / "outliers.txt").write_text("fish\nCat\nlorry\n")
    run(small_config(**{"model.scores.EOE": {"bank": {"path": str(tmp_path / "outliers.txt")}}}))
    metrics = json.loads((tmp_path / "work" / "metrics.json").read_text())
    assert list(metrics) == ["NegLabel", "MCM", "MaxLogit", "Energy", "EOE", "_run"]
    written = (tmp_path / "work" / "negative_labels" / "EOE.txt").read_text()
    assert written == "a photo of a fish\na photo of a lorry\n"


def test_second_run_takes_the_cache(small_config, private_cache, caplog):
    first, one = run(small_config())
    assert len(cached(private_cache)) == 2
    second, two = run(small_config())
    assert second.model.backbone.forwards == 0 < first.model.backbone.forwards
    assert {k: v for k, v in one.items() if "time" not in k} == {k: v for k, v in two.items() if "time" not in k}


@pytest.mark.parametrize("harm", ["truncate", "swap"])
def test_harmed_cache_is_mined_again(small_config, private_cache, harm, words):
    _, one = run(small_config())
    (path,) = cached(private_cache, "NegMining")
    data = path.read_bytes()
    if harm == "swap":
        run(small_config(), **{"model.scores.NegLabel.bank.quantile": 0.5})
        (other,) = set(cached(private_cache, "NegMining")) - {path}
        other.replace(path)
    else:
        path.write_bytes(data[:-9])
    runner, two = run(small_config())
    assert runner.model.backbone.forwards > 0
    assert two["ood/NegLabel/auroc"] == one["ood/NegLabel/auroc"]
    assert path.read_bytes() == data


def test_groups_and_temperature_are_the_scores_and_mine_nothing(small_config, private_cache):
    run(small_config())
    runner, _ = run(small_config(), **{"model.scores.NegLabel.groups": 3, "model.scores.NegLabel.temperature": 0.02})
    assert runner.model.backbone.forwards == 0
    assert len(cached(private_cache)) == 2


def test_a_saved_bank_is_used_if_it_fits(small_config, private_cache, tmp_path):
    _, one = run(small_config())
    (path,) = cached(private_cache, "NegMining")
    shared = path.rename(tmp_path / "shared.safetensors")
    saved = {"_delete_": True, "type": "SavedBank", "path": str(shared)}
    runner, two = run(small_config(), **{"model.scores.NegLabel.bank": saved})
    assert (runner.model.backbone.forwards, two["ood/NegLabel/auroc"]) == (0, one["ood/NegLabel/auroc"])
    with pytest.raises(ConfigError, match="mined with another text tower"):
        run(small_config(), **{"model.scores.NegLabel.bank": saved, "model.backbone.seed": 1})
    assert load_bank(shared).recipe["method"] == NegMining.__name__


def test_saved_banks_of_one_recipe_are_what_their_files_hold(small_config, private_cache, tmp_path):
    """Cut by hand, they still have the recipe of the bank in the cache, which must not be taken for them."""
    run(small_config())
    (path,) = cached(private_cache, "NegMining")
    whole = load_bank(path)
    halves = {"odd": slice(0, None, 2), "even": slice(1, None, 2)}
    for name, half in halves.items():
        save_bank(part_of(whole, half), tmp_path / f"{name}.safetensors")
    banks = {name: {"type": "SavedBank", "path": str(tmp_path / f"{name}.safetensors")} for name in halves}
    rows = {name: {"method": "NegLabel", "groups": 1, "bank": bank} for name, bank in banks.items()}
    runner, _ = run(small_config(), **{f"model.scores.{name}": row for name, row in rows.items()})
    seen = torch.randn(5, 16)
    found = runner.model.head(seen).scores
    for name, half in halves.items():
        texts = TextFeatures(whole.label_features, whole.negative_features[half])
        assert torch.equal(found[name], NegLabelScore(groups=1)(Similarities(seen, texts)))
        assert len((tmp_path / "work" / "negative_labels" / f"{name}.txt").read_text().splitlines()) == 15
    assert runner.model.facts()["scores"]["even"]["bank"] == "even"


def test_edits_mine_nothing_and_each_has_a_bank_of_its_own(small_config, private_cache, tmp_path):
    first, _ = run(small_config())
    mined = first.model.facts()["banks"]["NegLabel"]
    word = (tmp_path / "work" / "negative_labels" / "NegLabel.txt").read_text().split("\n")[0].removeprefix("the nice ")
    shared = cached(private_cache, "NegMining")[0]
    edits = {"drop": [word], "unlike": ["lens flare"]}
    bank = Config.fromfile(small_config()).model.scores.NegLabel.bank.to_dict() | edits
    saved = {"type": "SavedBank", "path": str(shared), **edits}
    rows = {"same": bank, "more": bank | {"unlike": ["lens flare", "fog"]}, "saved": saved}
    scores = {f"model.scores.{name}": {"method": "NegRefine", "bank": {"_delete_": True, "type": "NegMining", **row}}
              for name, row in rows.items()}  # fmt: skip
    runner, _ = run(small_config(), **scores, **{"model.scores.NegLabel.bank": edits})
    banks, changed = runner.model.facts()["banks"], mined | edits
    more = changed | {"unlike": ["lens flare", "fog"]}
    assert banks == {"MCM": banks["MCM"], "NegLabel": changed, "more": more, "saved": changed}
    assert runner.model.facts()["scores"]["same"]["bank"] == "NegLabel"
    assert cached(private_cache, "NegMining") == [shared]
    for name in ("NegLabel", "saved"):
        lines = (tmp_path / "work" / "negative_labels" / f"{name}.txt").read_text().splitlines()
        assert (len(lines), lines[-1]) == (30, "the nice lens flare")
        assert f"the nice {word}" not in lines


def test_the_score_knows_the_bank_as_it_was_changed(small_config):
    runner, _ = run(small_config(), **{"model.scores.NegLabel.bank.unlike": ["lens flare"]})
    seen = torch.nn.functional.normalize(torch.randn(5, 16, generator=torch.Generator().manual_seed(0)), dim=1)
    bank = runner.model._banks["NegLabel"]
    assert bank.negatives[-1] == "lens flare"
    want = NegLabelScore(groups=7)(Similarities(seen, bank.texts))
    torch.testing.assert_close(runner.model.head(seen).scores["NegLabel"], want)


def part_of(bank, rows):
    negatives = {name: getattr(bank, name)[rows] for name in ("negatives", "parts_of_speech", "distances")}
    return replace(bank, **negatives, negative_features=bank.negative_features[rows])


def test_nan_features_are_named(small_config):
    with pytest.raises(DataError, match=r"'NegLabel' is nan for image .*0\.png"):
        run(small_config(), **{"model.backbone.broken_images": True})


def test_validation_mines_too(small_config):
    config = Config.fromfile(small_config())
    config.val_dataloader, config.val_evaluator, config.val_cfg = config.test_dataloader, config.test_evaluator, {}
    runner = Runner.from_cfg(config)
    first = runner.val()
    forwards = runner.model.backbone.forwards
    assert forwards > 0
    assert runner.val()["ood/NegLabel/auroc"] == first["ood/NegLabel/auroc"]
    assert runner.model.backbone.forwards == forwards


def test_needs_our_classifier(small_config):
    linear = {"_delete_": True, "type": "ImageClassifier", "backbone": {"type": "LeNet5", "num_classes": 3}}
    with pytest.raises(ConfigError, match="NegLabelMiningHook needs a NegLabelClassifier, but the model is Image"):
        run(small_config(), model=linear)
