"""tools/test.py --save-features, then tools/rescore.py: the same results, and no image opened."""

import json
import shutil
from functools import partial

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from mmpretrain.registry import MODELS
from paths import ROOT
from small_benchmark import stream_scores
from test_configs import shrink

from mmneglabel.cli.testing import run_rescore, run_test
from mmneglabel.datasets import LoadRGBImage
from mmneglabel.results import load
from test_tools import launching

ABLATION = ROOT / "configs" / "neglabel" / "neglabel_ablation_demo.py"


launch = partial(launching.launch, save_features=True)


@pytest.fixture
def config(small_config, own_pictures):
    """Write a config over the test's own pictures, with changes."""
    dataset = "test_dataloader.dataset"

    def write(name="small.py", **changes):
        sets = {f"{dataset}.id_set.data_root": str(own_pictures / "id")}
        sets |= {
            f"{dataset}.ood_sets": [
                {"name": n, "type": "Pictures", "data_root": str(own_pictures / n)} for n in ("near", "far")
            ]
        }
        return small_config(name, **sets | changes)

    return write


@pytest.fixture
def no_image(monkeypatch):
    """From now on nothing may read a picture."""

    def refuse(*_):
        raise AssertionError("an image was opened")

    return lambda: monkeypatch.setattr(LoadRGBImage, "transform", refuse)


@pytest.fixture
def error_of(capsys):
    """The one line in which rescoring ends."""

    def run(*arguments):
        assert launch(run_rescore, *arguments) == 1
        return launching.error_line(capsys)

    return run


def results(folder):
    return (folder / "metrics.json").read_text(), load(folder)


def assert_same(one, other):
    assert one[0] == other[0]
    (_, one), (_, other) = one, other
    launching.assert_same_results(one, other, atol=1e-6)
    assert one.run == other.run
    assert one.paths == other.paths
    for name in ("set_index", "pred_label", "gt_label"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


def test_rescored_is_tested(config, tmp_path, no_image):
    assert launch(run_test, config(), "--work-dir", tmp_path / "tested") == 0
    no_image()
    assert launch(run_rescore, config(), "--work-dir", tmp_path / "rescored") == 0
    assert_same(results(tmp_path / "tested"), results(tmp_path / "rescored"))


def test_other_scores_banks_and_groups_on_the_same_features(config, tmp_path, no_image):
    wide = Config.fromfile(config()).model.scores.NegLabel.bank.to_dict() | {"ratio": 0.5, "quantile": 0.5}
    changes = {
        "model.scores": {"_delete_": True, "G=3": {"method": "NegLabel", "bank": wide, "groups": 3}},
        "test_dataloader.dataset.groups": {"both": ["far", "near"]},
    }
    assert launch(run_test, config(), "--work-dir", tmp_path / "first") == 0
    assert launch(run_test, config("other.py", **changes), "--work-dir", tmp_path / "tested") == 0
    no_image()
    assert launch(run_rescore, config("other.py", **changes), "--work-dir", tmp_path / "rescored") == 0
    assert_same(results(tmp_path / "tested"), results(tmp_path / "rescored"))
    metrics = json.loads((tmp_path / "rescored" / "metrics.json").read_text())
    assert metrics.keys() == {"G=3", "_run"}
    assert metrics["G=3"].keys() == {"near", "far", "both", "mean"}


def test_streams_are_played_again_and_otherwise(config, words, tmp_path, no_image):
    scores = {"model.scores": stream_scores(words)}
    assert launch(run_test, config(**scores), "--work-dir", tmp_path / "tested") == 0
    no_image()
    assert launch(run_rescore, config(**scores), "--work-dir", tmp_path / "rescored") == 0
    assert_same(results(tmp_path / "tested"), results(tmp_path / "rescored"))

    for score in ("AdaNeg", "TANL", "OODD"):
        scores["model.scores"][score] |= {"order": "ood_first", "batch_size": 2, "streams": 3, "seed": 5}
    assert launch(run_rescore, config("other.py", **scores), "--work-dir", tmp_path / "by config") == 0
    options = ("--streams", 3, "--stream-order", "ood_first", "--stream-batch", 2, "--stream-seed", 5)
    assert launch(run_rescore, config(), "--work-dir", tmp_path / "by options", *options) == 1
    scores["model.scores"] = stream_scores(words)
    assert launch(run_rescore, config(**scores), "--work-dir", tmp_path / "by options", *options) == 0
    assert_same(results(tmp_path / "by config"), results(tmp_path / "by options"))
    first, other = (load(tmp_path / way).streams for way in ("tested", "by options"))
    assert {(one.order, one.batch_size, one.seeds) for one in other.values()} == {("ood_first", 2, (5, 6, 7))}
    assert not np.array_equal(first["TANL (stream)"].scores["near"], other["TANL (stream)"].scores["near"])


def test_words_dropped_and_added_open_no_image(config, tmp_path, no_image, private_cache):
    assert launch(run_test, config(), "--work-dir", tmp_path / "first") == 0
    word = load(tmp_path / "first").negatives[4]
    edited = config("edited.py", **{"model.scores.NegLabel.bank": {"drop": [word], "unlike": ["lens flare"]}})
    assert launch(run_test, edited, "--work-dir", tmp_path / "tested") == 0
    no_image()
    assert launch(run_rescore, edited, "--work-dir", tmp_path / "rescored") == 0
    assert_same(results(tmp_path / "tested"), results(tmp_path / "rescored"))
    first, rescored = (load(tmp_path / way) for way in ("first", "rescored"))
    assert list(rescored.negatives) == [each for each in first.negatives if each != word] + ["lens flare"]
    assert not np.array_equal(first.score("NegLabel", of="near"), rescored.score("NegLabel", of="near"))
    assert len(list(private_cache.glob("*.safetensors"))) == 2


def test_by_two_processes_and_in_a_process_of_its_own(tool, ranks, config, words, tmp_path, private_cache):
    """The file of two processes is the file of one, byte for byte."""
    path = config(**{"model.scores": stream_scores(words)})
    assert launch(run_test, path, "--work-dir", tmp_path / "one") == 0
    (kept,) = (private_cache / "features").iterdir()
    first = kept.read_bytes()
    kept.unlink()
    both = ranks("test.py", 2, path, "none", "--save-features", "--work-dir", tmp_path / "two")
    assert [process.returncode for process in both] == [0, 0], [process.stderr for process in both]
    assert kept.read_bytes() == first
    done = tool("rescore.py", path, "--work-dir", tmp_path / "rescored")
    assert done.returncode == 0, done.stderr
    assert f"31 images, features from {kept}" in done.stdout
    assert_same(results(tmp_path / "two"), results(tmp_path / "rescored"))


def test_no_features_names_the_command(config, error_of, tmp_path, private_cache):
    line = error_of(config())
    assert f"No features of these images by this model are kept in {private_cache / 'features'}" in line
    assert f"run `python tools/test.py {config()} --save-features`" in line
    assert not (tmp_path / "work" / "metrics.json").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"test_cfg": {"fp16": True}},
        {"model.preprocessing_override": "pipeline"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_features_of_other_settings_are_not_taken(config, error_of, change):
    assert launch(run_test, config()) == 0
    assert "No features of these images" in error_of(config("other.py", **change))


def test_a_checkpoint_counts(config, error_of, tmp_path):
    model = MODELS.build(Config.fromfile(config(**{"model.backbone.seed": 3})).model)
    torch.save({"state_dict": model.state_dict()}, tmp_path / "3.pth")
    assert launch(run_test, config(), tmp_path / "3.pth") == 0
    assert "No features of these images" in error_of(config())
    assert launch(run_rescore, config(), tmp_path / "3.pth") == 0


def test_changed_images_are_refused(config, error_of, own_pictures):
    assert launch(run_test, config()) == 0
    image = own_pictures / "near" / "3.png"
    data = image.read_bytes()
    image.write_bytes(data + b"x")
    assert f"{image} changed since its features were kept: run `python tools/test.py" in error_of(config())
    image.write_bytes(data)
    assert launch(run_rescore, config()) == 0


@pytest.mark.parametrize("gone", ["folder", "listed files"])
def test_images_that_are_gone_are_not_missed(config, own_pictures, tmp_path, gone, capsys):
    changes = {}
    if gone == "listed files":
        (tmp_path / "far.txt").write_text("0.png\n1.png\n")
        listed = {"name": "far", "type": "Pictures", "table": str(tmp_path / "far.txt")}
        near = {"name": "near", "type": "Pictures", "data_root": str(own_pictures / "near")}
        ood_sets = [near, {**listed, "data_root": str(own_pictures / "far")}]
        changes = {"test_dataloader.dataset.ood_sets": ood_sets}
    assert launch(run_test, config(**changes), "--work-dir", tmp_path / "tested") == 0
    shutil.rmtree(own_pictures / "far")
    assert launch(run_rescore, config(**changes), "--work-dir", tmp_path / "rescored") == 0
    assert_same(results(tmp_path / "tested"), results(tmp_path / "rescored"))
    assert "without a look at the images" in capsys.readouterr().out


def test_unreadable_images_are_skipped_again(config, own_pictures, tmp_path):
    (own_pictures / "near" / "3.png").write_bytes(b"text")
    skipping = {"test_evaluator": {"type": "OODMetric", "unreadable": "skip"}}
    assert launch(run_test, config(**skipping), "--work-dir", tmp_path / "tested") == 0
    assert launch(run_rescore, config(**skipping), "--work-dir", tmp_path / "rescored") == 0
    tested, rescored = results(tmp_path / "tested"), results(tmp_path / "rescored")
    assert len(tested[1].unreadable) == 1
    assert_same(tested, rescored)


def test_a_damaged_file_is_said_and_made_again(config, private_cache, capsys):
    assert launch(run_test, config()) == 0
    (kept,) = (private_cache / "features").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-9])
    assert launch(run_rescore, config()) == 1
    captured = capsys.readouterr()
    assert "error: No features of these images" in captured.err
    assert "It is not used." in captured.out
    assert launch(run_test, config()) == 0
    assert kept.read_bytes() == whole


@pytest.mark.parametrize("own", [None, "own"])
def test_the_mining_hooks_cache_folder_serves_both_unless_the_loop_has_its_own(config, tmp_path, own):
    changes = {"custom_hooks.0.cache_dir": str(tmp_path / "mine"), "test_cfg.cache_dir": own and str(tmp_path / own)}
    assert launch(run_test, config(**changes)) == 0
    assert len(list((tmp_path / (own or "mine") / "features").iterdir())) == 1
    assert launch(run_rescore, config(**changes)) == 0


def test_local_features_are_not_kept(config, error_of, monkeypatch):
    monkeypatch.setattr("mmneglabel.scores.MCMScore.needs", frozenset({"texts", "local"}))
    monkeypatch.setattr("stand_in.StandInBackbone.local", True)
    only = {"_delete_": True, "MCM": {}}
    line = error_of(config(**{"model.scores": only}))
    assert "The scores MCM read local image features, which are not kept: run tools/test.py" in line


def test_scores_that_want_local_features_are_left_out(config, tmp_path, monkeypatch, capsys):
    predicting = config(**{"model.predict_with": "MCM"})
    assert launch(run_test, predicting, "--work-dir", tmp_path / "tested") == 0
    monkeypatch.setattr("mmneglabel.scores.MCMScore.needs", frozenset({"texts", "local"}))
    monkeypatch.setattr("stand_in.StandInBackbone.local", True)
    assert launch(run_rescore, predicting, "--work-dir", tmp_path / "rescored") == 0
    assert "Score 'MCM' is left out: it reads local image features" in "".join(capsys.readouterr())
    tested, metrics = (json.loads((tmp_path / way / "metrics.json").read_text()) for way in ("tested", "rescored"))
    assert list(metrics) == ["NegLabel", "MaxLogit", "Energy", "_run"]
    assert metrics["NegLabel"]["mean"] == tested["NegLabel"]["mean"]  # MCM still says the classes


def test_the_ablation_gives_the_same_rows_either_way(pictures, tmp_path, no_image):
    (tmp_path / "images").mkdir()
    for name, source in (("id/a", "id/x"), ("id/b", "id/y"), ("ood", "near")):
        shutil.copytree(pictures / source, tmp_path / "images" / name)
    rows = {}
    for way in ("tested", "rescored"):
        config = shrink(Config.fromfile(ABLATION), tmp_path / "images", tmp_path)
        config.work_dir, config.experiment_name = str(tmp_path / way), way
        if way == "tested":
            config.test_cfg = {"type": "OODTestLoop", "features": "keep"}
        else:
            config.test_cfg = {"type": "OODTestLoop", "features": "kept"}
            no_image()
        config.model.backbone.pretrained = str(ROOT / "demo" / "mmneglabel-demo.safetensors")
        Runner.from_cfg(config).test()
        rows[way] = json.loads((tmp_path / way / "metrics.json").read_text())
    assert rows["tested"] == rows["rescored"]
    assert list(rows["tested"]) == [*config.model.scores, "_run"]
