"""tools/predict.py --shard: the rows that it gives without, whatever its worker dies of; what is refused."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pyarrow.parquet as parquet
import pytest
from paths import ROOT
from test_tools.launching import error_line, launch
from tested_demo import ANIMALS, PLANTS, tested  # noqa: F401 - a fixture

from mmneglabel.cli.calibrating import run_calibrate
from mmneglabel.cli.predicting import run_predict
from mmneglabel.cli.sharding import run_sharded
from mmneglabel.datasets.loading import LoadRGBImage
from mmneglabel.models import NegLabelClassifier

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="patched workers are forks, which are Linux's")


@pytest.fixture(scope="module")
def threshold(tested, tmp_path_factory):  # noqa: F811
    path = tmp_path_factory.mktemp("threshold") / "threshold.json"
    assert launch(run_calibrate, tested, "--out", path) == 0
    return path


@pytest.fixture(scope="module")
def rows(tested, threshold, tmp_path_factory):  # noqa: F811
    """What predict says without shards."""
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    assert launch(run_predict, tested, ANIMALS, PLANTS, "--threshold", threshold, "--out", path) == 0
    return parquet.read_table(path).to_pylist()


def in_shards(tested, out, *options):  # noqa: F811
    return launch(run_sharded, tested, ANIMALS, PLANTS, "--out", out, "--shard", 64, *options)


def read(out):
    return parquet.read_table(out / "parts").to_pylist()


def assert_same(found, expected):
    """But for what a part leaves out, and that it keeps scores in float32."""
    assert [row["image"] for row in found] == [row["image"] for row in expected]
    for one, other in zip(found, expected, strict=True):
        for name in ("pred_label", "pred_class", "decision", "p_value", "width", "height", "note", "error"):
            assert one[name] == other[name], name
        for name in ("pred_score", "ood_score", "log_odds"):
            assert one[name] == (other[name] if other[name] is None else pytest.approx(other[name], rel=1e-6)), name
        assert one["against"] == (other["against"] and [pair["word"] for pair in other["against"]])


@pytest.mark.parametrize("workers", [0, 1])
def test_the_rows_are_those_without_shards(workers, tested, threshold, rows, tmp_path, capfd):  # noqa: F811
    out = tmp_path / "out"
    options = ["--threshold", threshold, "--workers", workers, "--fdr", 0.5]
    assert in_shards(tested, out, *options) == 0
    assert_same(read(out), rows)
    said = capfd.readouterr().out.splitlines()
    assert [line.split("  ")[:2] for line in said[:3]] == [
        [f"part-000000{number}.parquet", f"{count} images"] for number, count in enumerate((64, 64, 25))
    ]
    counts = json.loads((out / "summary.json").read_text())["counts"]
    assert said[3] == f"{out}: 3 of 3 shards, 153 images, {counts['in']} in, {counts['out']} out"
    assert said[4].split()[1:3] == ["images", "flagged,"]
    before = {path: path.stat().st_mtime_ns for path in (out / "parts").iterdir()}
    assert in_shards(tested, out, *options) == 0  # nothing is left to do
    assert {path: path.stat().st_mtime_ns for path in (out / "parts").iterdir()} == before


@pytest.mark.parametrize("workers", [0, 1])
def test_pictures_that_kill_are_left_out(workers, tested, threshold, rows, tmp_path, monkeypatch, capfd):  # noqa: F811
    usual = LoadRGBImage.transform

    def deadly(self, results):
        read = "img" not in results
        return os._exit(139) if read and Path(results["img_path"]).stem in ("rose", "fox") else usual(self, results)

    monkeypatch.setattr(LoadRGBImage, "transform", deadly)
    assert in_shards(tested, tmp_path / "out", "--threshold", threshold, "--workers", workers) == 4
    found = read(tmp_path / "out")
    left_out = [row["image"] for row in found if row["error"]]
    assert sorted(Path(name).stem for name in left_out) == ["fox", "rose"]
    assert_same([row for row in found if not row["error"]], [row for row in rows if row["image"] not in left_out])
    assert "processes died of 2 pictures, which were not read: see the column error" in capfd.readouterr().err


def test_a_network_that_always_fails_is_given_up(tested, tmp_path, monkeypatch, capfd):  # noqa: F811
    def fails(*_):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(NegLabelClassifier, "predict", fails)
    monkeypatch.setattr("mmneglabel.cli.sharding._MOST_DEATHS", 3)
    assert in_shards(tested, tmp_path / "out") == 1
    assert "the network or a loading process failed: out of memory" in (said := capfd.readouterr().err)
    assert "error: Workers died 3 times without finishing a shard in between" in said


def test_a_worker_that_cannot_begin(tested, tmp_path, monkeypatch, capsys):  # noqa: F811
    monkeypatch.setattr("mmneglabel.cli.sharding.detector_of", lambda _: os._exit(9))
    assert in_shards(tested, tmp_path / "out") == 1
    assert "The worker died before it had begun" in error_line(capsys)


def test_a_worker_does_not_outlive_who_watches_it(tested, tmp_path, monkeypatch):  # noqa: F811
    """Killed, as by a scheduler: the worker gives back what it is at, and the same command goes on."""
    usual = LoadRGBImage.transform
    monkeypatch.setattr(LoadRGBImage, "transform", lambda self, results: (sleep(0.02), usual(self, results))[1])
    out, work = tmp_path / "out", tmp_path / "out" / "work"
    if not (watching := os.fork()):
        launch(run_sharded, tested, ANIMALS, PLANTS, "--out", out, "--shard", 64, "--batch-size", 8)
        os._exit(0)
    wait_for(lambda: list(work.glob("shard*")))
    os.kill(watching, signal.SIGKILL)
    os.waitpid(watching, 0)
    wait_for(lambda: all(json.loads(path.read_text())["state"] == "free" for path in work.glob("shard*")))
    monkeypatch.undo()
    assert in_shards(tested, out, "--batch-size", 8) == 0
    assert len(read(out)) == 153
    assert not list(work.iterdir())


def wait_for(happened, seconds=30):
    until = monotonic() + seconds
    while not happened():
        assert monotonic() < until
        sleep(0.05)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--show-dir", "shown"], "leave --show-dir out"),
        (["--threshold", "gone.json"], "threshold gone.json cannot be read"),
        (["--fdr", "0.1"], "--fdr flags by p-values, and these predictions have none"),
        (["--batch-size", "8"], "planned with another batch size, 32 and not 8"),
        (["--score", "MCM"], "planned with another scores"),
    ],
)
def test_refuses(given, says, tested, tmp_path, monkeypatch, capsys):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    if "planned" in says:
        assert in_shards(tested, tmp_path / "out") == 0
    assert in_shards(tested, tmp_path / "out", *given) == 1
    assert says in error_line(capsys)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--worker", "0/4", "--shard", 9], "argument --worker: invalid worker value: '0/4'"),
        (["--worker", "1/4"], "--worker goes with --shard"),
        (["--ray"], "--ray goes with --shard"),
        (["--fdr", "1"], "argument --fdr: invalid rate value: '1'"),
        (["--worker", "1/4", "--ray", "--shard", 9], "not allowed with argument"),
    ],
)
def test_command_lines(given, says, capsys):
    assert launch(run_sharded, "model", "list.txt", "--out", "out", *given) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("out", [None, "file"])
def test_out_is_a_folder(out, tested, tmp_path, monkeypatch, capsys):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    named = ["--out", out] if out else []
    assert launch(run_sharded, tested, PLANTS, "--shard", 64, *named) == 1
    assert "--shard writes a folder of Parquet files: name it with --out" in error_line(capsys)


def test_on_ray_with_an_actor_killed(tested, threshold, tmp_path):  # noqa: F811
    """Each row once; Ray makes another actor, and no shard is lost with the first."""
    pytest.importorskip("ray", reason="ray is not installed: pip install 'mmneglabel[ray]'")
    command = [sys.executable, ROOT / "tools/predict.py", tested, ANIMALS, PLANTS, "--threshold", threshold]
    command += ["--out", tmp_path / "out", "--shard", 8, "--ray"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "RAY_DISABLE_IMPORT_WARNING": "1"}
    with subprocess.Popen([*map(str, command)], env=environment, stdout=subprocess.PIPE, text=True) as running:
        killed = False
        for said in running.stdout:
            if said.startswith("part-") and not killed:
                actors = subprocess.run(["pgrep", "-f", "ray::MapWorker"], capture_output=True, text=True, check=True)
                os.kill(int(actors.stdout.split()[0]), signal.SIGKILL)
                killed = True
        assert running.wait(120) == 0
    assert killed
    alone = [tested, ANIMALS, PLANTS, "--threshold", threshold, "--out", tmp_path / "alone", "--shard", 8]
    assert launch(run_sharded, *alone) == 0
    assert read(tmp_path / "out") == read(tmp_path / "alone")
