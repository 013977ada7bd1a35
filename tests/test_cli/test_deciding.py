"""tools/calibrate.py and tools/predict.py: one threshold by every way in, a line a picture, tables and captions."""

import csv
import json
import re
import shutil

import pytest
from PIL import Image
from test_tools.launching import error_line, launch
from tested_demo import ANIMALS, PLANTS, tested  # noqa: F401 - a fixture

from mmneglabel import results
from mmneglabel.calibration import load_threshold
from mmneglabel.cli.calibrating import run_calibrate
from mmneglabel.cli.exporting import run_export
from mmneglabel.cli.predicting import run_predict
from mmneglabel.cli.testing import run_test
from mmneglabel.engine.work_dir import config_of
from mmneglabel.models import NegLabelClassifier


@pytest.fixture
def threshold(tested, tmp_path):  # noqa: F811
    assert launch(run_calibrate, tested, "--out", tmp_path / "threshold.json") == 0
    return tmp_path / "threshold.json"


def test_results_and_pictures_give_one_threshold(capsys, tested, threshold, tmp_path):  # noqa: F811
    said = capsys.readouterr().out
    (tmp_path / "list.txt").write_text("\n".join(sorted(map(str, ANIMALS.rglob("*.png")))))
    for good in (ANIMALS, tmp_path / "list.txt", tested / results.FILE):
        out = tmp_path / "other.json"
        assert launch(run_calibrate, tested, "--id", good, "--out", out, "--batch-size", 64) == 0
        one, other = load_threshold(threshold), load_threshold(out)
        assert one.calibration.accept == other.calibration.accept
        assert one.calibration.kept.tolist() == other.calibration.kept.tolist()
        assert one.detector == other.detector
    assert "On average 0.95 of good images pass: from 0.90" in said
    assert "from 124 images" in said
    assert "AURC of the ID images: " in said
    assert "plants" in said
    capsys.readouterr()
    assert launch(run_calibrate, "--show", threshold) == 0
    assert said.startswith(capsys.readouterr().out)


def test_review_and_other_scores(tested, tmp_path):  # noqa: F811
    out = tmp_path / "t.json"
    given = ["--accept", 0.8, "--review", 0.9, "--guarantee", "confident", "--score", "MCM"]
    assert launch(run_calibrate, tested, *given, "--out", out) == 0
    found = load_threshold(out)
    assert (found.score, found.unit, found.calibration.guarantee) == ("MCM", "score", "confident")
    assert found.calibration.refuse.value < found.calibration.accept.value
    assert "for review in between" in found.said()


def test_a_line_a_picture(tested, threshold, tmp_path, capsys):  # noqa: F811
    capsys.readouterr()
    command = [tested, ANIMALS, PLANTS, "--threshold", threshold, "--show-dir", tmp_path / "shown"]
    outs = {kind: tmp_path / f"table.{kind}" for kind in ("csv", "jsonl", "parquet")}
    assert launch(run_predict, *command, "--out", outs["csv"]) == 0
    *lines, counts = capsys.readouterr().out.splitlines()
    assert len(lines) == 124 + 29
    decisions = [line.split("  ")[2].split()[0] for line in lines]
    assert counts == f"{decisions.count(decisions[0])} {decisions[0]}, " + ", ".join(
        f"{decisions.count(other)} {other}" for other in {*decisions} - {decisions[0]}
    )
    rows = list(csv.DictReader(outs["csv"].read_text().splitlines()))
    assert [row["decision"] for row in rows] == decisions
    assert rows[0]["against"].count(";") == 4
    shown = sorted((tmp_path / "shown").rglob("*.png"))
    assert len(shown) == len(lines)
    assert {path.parent.name for path in shown} == {*decisions}
    with Image.open(shown[0]) as picture:
        assert picture.width == 320
    assert launch(run_predict, *command[:3], "--out", outs["jsonl"]) == 0
    dicts = list(map(json.loads, outs["jsonl"].read_text().splitlines()))
    assert [one["pred_class"] for one in dicts] == [row["pred_class"] for row in rows]
    assert {one["decision"] for one in dicts} == {None}


def test_parquet(tested, tmp_path):  # noqa: F811
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    assert launch(run_predict, tested, PLANTS, "--out", tmp_path / "t.parquet") == 0
    rows = parquet.read_table(tmp_path / "t.parquet").to_pylist()
    assert len(rows) == 29
    assert rows[0]["against"][0].keys() == {"word", "share"}


def test_bad_pictures_are_told_and_the_others_scored(tested, tmp_path, capsys):  # noqa: F811
    (tmp_path / "broken.png").write_text("no picture")
    good = next(PLANTS.iterdir())
    assert launch(run_predict, tested, tmp_path / "broken.png", good, "--out", tmp_path / "t.jsonl") == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0] == f"{tmp_path / 'broken.png'}: not a picture that Pillow can read"
    assert captured.err.endswith("error: 1 of 2 pictures cannot be read\n")
    assert len((tmp_path / "t.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ([], "name a config or a work dir to calibrate"),
        (["gone.py"], "gone.py holds no results.safetensors: name good pictures with --id"),
        (
            ["{tested}", "--accept", "0.99", "--guarantee", "confident"],
            "124 calibration images cannot promise .* take 299",
        ),
        (["{tested}", "--score", "Energy"], "no score 'Energy'"),
        (["{tested}", "--accept", "95"], "accept=95.0, review=None: shares of good images"),
        (["{tested}", "--id", "gone"], "0 calibration images cannot promise"),
        (["--show", "gone.json"], "threshold gone.json cannot be read"),
    ],
)
def test_calibrating_refuses(command, says, tested, tmp_path, monkeypatch, capsys):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    assert launch(run_calibrate, *[str(word).format(tested=tested) for word in command]) == 1
    assert re.search(says, error_line(capsys))
    assert not (tmp_path / "threshold.json").exists()


def test_results_of_another_detector(tested, tmp_path, capsys):  # noqa: F811
    """Half precision, and another score's parameters."""
    config, out = config_of(tested).filename, tmp_path / "t.json"
    assert launch(run_test, config, "--amp", "--work-dir", tmp_path / "amp") == 0
    assert launch(run_calibrate, tmp_path / "amp", "--out", out) == 1
    assert "tested in half precision or TF32, which no threshold is for" in error_line(capsys)
    other = ["--cfg-options", "model.scores.NegLabel.groups=50"]
    assert launch(run_test, config, *other, "--work-dir", tmp_path / "other") == 0
    assert launch(run_calibrate, tested, "--id", tmp_path / "other", "--out", out) == 1
    assert "was calibrated with other parameters of the score" in error_line(capsys)
    assert launch(run_calibrate, tested, "--checkpoint", "new.pth", "--out", out) == 1
    assert "are read, and no image: leave --checkpoint out" in error_line(capsys)
    assert not out.exists()


def test_copies_are_no_further_pictures(tested, tmp_path, capsys):  # noqa: F811
    shutil.copytree(ANIMALS, tmp_path / "good")
    for number in range(3):
        shutil.copy(next(PLANTS.iterdir()), tmp_path / "good" / f"copy{number}.png")
    assert launch(run_calibrate, tested, "--id", tmp_path / "good", "--out", tmp_path / "t.json") == 1
    assert "2 of 127 calibration pictures are copies of others" in error_line(capsys)


def test_good_pictures_are_not_among_the_others(tested, tmp_path, capsys):  # noqa: F811
    shutil.copytree(ANIMALS, tmp_path / "good")
    shutil.copy(next(PLANTS.iterdir()), tmp_path / "good" / "leaf.png")
    assert launch(run_calibrate, tested, "--id", tmp_path / "good", "--out", tmp_path / "t.json") == 1
    assert re.search(r"1 calibration pictures are in the test's OOD sets too, such as .*leaf\.png", error_line(capsys))


def test_a_network_that_fails_is_no_table_that_does(tested, tmp_path, monkeypatch, capsys):  # noqa: F811
    def fails(*_):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(NegLabelClassifier, "predict", fails)
    assert launch(run_predict, tested, PLANTS, "--out", tmp_path / "t.csv") == 1
    assert "The network failed (out of memory): try a smaller --batch-size" in error_line(capsys)
    assert not (tmp_path / "t.csv").exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--out", "x.xlsx"], "its ending is none of .csv, .jsonl, .parquet"),
        (["--out", "table"], "--out 'table': its ending is none of .csv"),
        (["--threshold", "gone.json"], "threshold gone.json cannot be read"),
        (["--classifier", "a", "b", "c"], "classifier ('a', 'b', 'c'): give a model and, behind it, at most"),
        (["--show-dir", "{file}", "--out", "t.csv"], "--show-dir: {file} cannot be a folder (File exists)"),
        (["{empty}"], "empty.txt holds no pictures"),
    ],
)
def test_predicting_refuses(given, says, tested, tmp_path, monkeypatch, capsys):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    names = {"file": tmp_path / "file", "empty": tmp_path / "empty.txt"}
    for path in names.values():
        path.touch()
    assert launch(run_predict, tested, PLANTS, *[word.format(**names) for word in given]) == 1
    assert says.format(**names) in error_line(capsys)
    assert {*tmp_path.iterdir()} == {*names.values()}


@pytest.mark.parametrize("run", [run_predict, run_calibrate])
def test_no_picture_at_a_time(run, tested, capsys):  # noqa: F811
    assert launch(run, tested, "--batch-size", 0) == 2
    assert "argument --batch-size: invalid count_from_1 value: '0'" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "why"), [("gone", "No such file"), ("broken.png", "not a picture")])
def test_exporting_refuses_pictures_that_cannot_be_read(name, why, tested, tmp_path, capsys):  # noqa: F811
    (tmp_path / "broken.png").write_text("no picture")
    assert launch(run_export, tested, tmp_path / "out", "--images", tmp_path / name) == 1
    assert f"--images: 1 of 1 pictures cannot be read, such as {tmp_path / name}: {why}" in error_line(capsys)
    assert not (tmp_path / "out").exists()
