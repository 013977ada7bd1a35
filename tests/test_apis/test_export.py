"""A baked detector gives the same from file to decision, runs without PyTorch, and refuses to be tampered with."""

import copy
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import onnxruntime
import pyarrow.parquet as parquet
import pytest
import torch
from PIL import Image
from test_tools.launching import error_line, launch
from tested_demo import ANIMALS, PLANTS, tested  # noqa: F401 - a fixture

from mmneglabel import results, runtime
from mmneglabel.apis import NegLabelInferencer, export
from mmneglabel.apis.graph import OUTPUTS
from mmneglabel.calibration import calibrate
from mmneglabel.cli.calibrating import run_calibrate
from mmneglabel.cli.exporting import run_export
from mmneglabel.cli.predicting import run_predict
from mmneglabel.cli.sharding import run_sharded
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.models import NegLabelClassifier
from mmneglabel.runtime import Detector, DetectorError


@pytest.fixture(scope="module")
def threshold(tested, tmp_path_factory):  # noqa: F811
    path = tmp_path_factory.mktemp("threshold") / "threshold.json"
    assert launch(run_calibrate, tested, "--out", path, "--review", 0.99) == 0
    return path


@pytest.fixture(scope="module")
def exported_once():
    """PyTorch's exporter of networks, which takes seconds, for the one detector here: what it made it gives again."""
    make, known = export._onnx, {}

    def exported(module, example, name, outputs, dynamic=True):
        key = type(module), tuple(outputs), dynamic
        if key not in known:
            known[key] = make(module, example, name, outputs, dynamic)
        return copy.deepcopy(known[key])

    return exported


@pytest.fixture
def known_networks(exported_once, monkeypatch):
    monkeypatch.setattr(export, "_onnx", exported_once)


@pytest.fixture(scope="module")
def baked(tested, threshold, exported_once, tmp_path_factory):  # noqa: F811
    out = tmp_path_factory.mktemp("baked") / "animals"
    given = ["--threshold", threshold, "--static", "--format", "torch-export"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "_onnx", exported_once)
        assert launch(run_export, tested, out, *given) == 0
    return out


@pytest.mark.parametrize("workers", [0, 1])
def test_in_shards_it_is_the_same(workers, baked, tmp_path):
    """Decoded before it is scored, so that whoever dies is told apart; the words without their shares."""
    assert launch(run_sharded, baked, PLANTS, "--out", tmp_path / "out", "--shard", 20, "--workers", workers) == 0
    found = parquet.read_table(tmp_path / "out" / "parts").to_pylist()
    for row, one in zip(found, NegLabelInferencer(baked)(PLANTS), strict=True):
        for name in ("image", "pred_class", "decision", "p_value", "width", "height", "error"):
            assert row[name] == one[name], name
        assert row["log_odds"] == pytest.approx(one["log_odds"], rel=1e-6)
        assert row["against"] == [word for word, _ in one["against"]]


def test_from_file_to_decision_it_is_the_same(tested, baked, threshold):  # noqa: F811
    """In any batch; and as an inferencer, without a model of its own."""
    paths = list(results.load(tested).paths)
    ours = NegLabelInferencer(tested, threshold=threshold)(paths)
    for theirs in (Detector(baked)(paths), Detector(baked)(paths, batch_size=7), NegLabelInferencer(baked)(paths)):
        for one, other in zip(ours, theirs, strict=True):
            assert one.keys() == other.keys()
            assert (one["image"], one["decision"], one["pred_class"]) == (
                other["image"], other["decision"], other["pred_class"],
            )  # fmt: skip
            assert other["log_odds"] == pytest.approx(one["log_odds"], abs=5e-4)
            assert other["ood_score"] == pytest.approx(one["ood_score"], abs=1e-5)
            assert other["p_value"] == pytest.approx(one["p_value"], abs=0.01)
            assert [share for _, share in other["against"]] == pytest.approx(
                [share for _, share in one["against"]], abs=1e-5
            )


def test_the_other_files_are_the_same_network(baked):
    pixels = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), dtype=np.uint8)
    found = Detector(baked).run(pixels)
    floats = (pixels.transpose(0, 3, 1, 2).astype(np.float32) / 255 - 0.5) / 0.5
    static = onnxruntime.InferenceSession(baked / "static.onnx").run(None, {"pixels": floats})
    head = onnxruntime.InferenceSession(baked / "head.onnx").run(None, {"features": found["features"]})
    torch_export = torch.export.load(baked / "detector.pt2").module()(torch.from_numpy(np.repeat(pixels, 2, axis=0)))
    for place, name in enumerate(OUTPUTS):
        for other in (static[place], torch_export[place][:1].numpy()):
            np.testing.assert_allclose(other, found[name], atol=1e-4)
    np.testing.assert_allclose(head[0], found["log_odds"], atol=1e-5)


ALONE = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "mmneglabel", "mmengine", "open_clip", "safetensors"):
            raise ImportError(f"the runtime imported {name}")

sys.meta_path.insert(0, Block())
sys.path.insert(0, sys.argv[1])
from detector import Detector
print([one["decision"] for one in Detector(sys.argv[1])(sys.argv[2])])
"""


def test_it_runs_without_pytorch(tested, baked, threshold):  # noqa: F811
    command = [sys.executable, "-c", ALONE, str(baked), str(PLANTS)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    ours = NegLabelInferencer(tested, threshold=threshold)(PLANTS)
    assert run.stdout.strip() == str([one["decision"] for one in ours])
    Detector(baked)  # which that left as it was


def test_bad_pictures(baked, tmp_path):
    (tmp_path / "text.jpg").write_text("a text")
    (tmp_path / "empty.png").touch()
    Image.new("F", (9, 9)).save(tmp_path / "float.tiff")
    good = next(PLANTS.iterdir())
    rows = Detector(baked)([tmp_path / "text.jpg", tmp_path / "empty.png", good, tmp_path / "float.tiff", np.zeros(3)])
    assert [row["error"] is None for row in rows] == [False, False, True, False, False]
    assert rows[0]["error"].endswith("text.jpg: not a picture that Pillow can read")
    assert rows[1]["error"].endswith("empty.png: the file is empty")
    assert rows[4]["error"].startswith("#4: an array of float64 (3,)")


def test_strips_and_empty_pictures(baked):
    """From memory as from files."""
    strip, empty = np.zeros((1, 201, 3), dtype=np.uint8), np.zeros((0, 5, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(strip).save(file, "png")
    given = [strip, Image.fromarray(strip), file.getvalue(), empty, empty[..., 0], Image.new("L", (0, 0)), strip[:, 1:]]
    errors = [row["error"] for row in Detector(baked)(given)]
    assert [error and error[4:] for error in errors] == [
        *["201 x 1 pixels, more than 200 times as long as broad"] * 3,
        "an array of uint8 (0, 5, 3): give RGB (H, W, 3) or grey (H, W) of uint8, from 0 to 255",
        "an array of uint8 (0, 5): give RGB (H, W, 3) or grey (H, W) of uint8, from 0 to 255",
        "0 x 0 pixels, which is no picture",
        None,
    ]


def test_a_bytearray_is_bytes(baked):
    data = next(PLANTS.iterdir()).read_bytes()
    detector = Detector(baked)
    assert detector(bytearray(data)) == detector([bytearray(data)]) == detector(data)


def test_of_nan():
    """It is out, and no p-value says that it is good."""
    good = calibrate(np.arange(39.0))
    for found in (good.p_values([np.nan, 99]), runtime.p_values([np.nan, 99], good.kept, good.n)):
        np.testing.assert_array_equal(found, [np.nan, 1])
    assert good.decide([np.nan, 99]) == runtime.decide([np.nan, 99], 0.0, -1.0) == ["out", "in"]


def rewrite(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def seal(folder):
    """Sums that fit again, as somebody who means harm would write them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    sums = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n" for path in files
    )
    (folder / "SHA256SUMS").write_text("".join(sums))


def other_expectation(folder, which="log_odds", by=1):
    with np.load(folder / "probe.npz") as probe:
        moved = {name: probe[name] + (by if name == which else 0) for name in probe.files}
    np.savez(folder / "probe.npz", **moved)


def other_pixels(folder):
    rewrite(folder / "detector.json", lambda facts: facts["pixels"].update(interpolation="nearest"))


def write(name, data):
    """What puts ``data`` into a file of a folder, perhaps a new one."""

    def spoil(folder):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)

    return spoil


def listed_twice(folder):
    sums = (folder / "SHA256SUMS").read_text()
    (folder / "SHA256SUMS").write_text(sums + sums.splitlines()[0].replace(sums[:8], "0" * 8) + "\n")


def another_spelling(folder):
    sums = (folder / "SHA256SUMS").read_text()
    (folder / "SHA256SUMS").write_text(sums.replace("  NOTICE", "  probe/../NOTICE"))


def expect(**arrays):
    """What writes other arrays in place of those that the pictures are compared with."""

    def spoil(folder):
        with np.load(folder / "probe.npz") as probe:
            np.savez(folder / "probe.npz", **{**probe, **arrays})

    return spoil


TAMPERINGS = {
    "no sums": (lambda f: (f / "SHA256SUMS").unlink(), False, "holds no SHA256SUMS: it is no detector"),
    "network gone": (lambda f: (f / "detector.onnx").unlink(), False, "detector.onnx is missing"),
    "network cut": (lambda f: (f / "detector.onnx").write_bytes(b"x" * 99), False, "detector.onnx was altered"),
    "network cut and sealed": (lambda f: (f / "detector.onnx").write_bytes(b"x"), True, "detector.onnx cannot be read"),
    "facts edited": (lambda f: rewrite(f / "detector.json", lambda c: c["classes"].reverse()), False, "was altered"),
    "a pickle": (lambda f: (f / "bank.pkl").write_bytes(b"\x80"), False, "bank.pkl is not listed"),
    "a link": (lambda f: (f / "more").symlink_to("/etc"), False, "more is not listed"),
    "a path out": (
        lambda f: (f / "SHA256SUMS").write_text(f"{'0' * 64}  ../x\n" + (f / "SHA256SUMS").read_text()), False,
        "'../x', which is no file of the folder's own",
    ),
    "another version": (lambda f: rewrite(f / "detector.json", lambda c: c.update(version=2)), True, "of version 2"),
    "another bank's facts": (
        lambda f: rewrite(f / "detector.json", lambda c: c["detector"].update(bank="ab")), True,
        "detector.onnx is of another detector",
    ),
    "another threshold": (
        lambda f: rewrite(f / "threshold.json", lambda c: c["detector"].update(bank="ab")), True,
        "threshold.json is of another detector",
    ),
    "another resize": (other_pixels, True, "detector.onnx is of another detector"),
    "classes turned": (
        lambda f: rewrite(f / "detector.json", lambda c: c["classes"].reverse()), True,
        "detector.onnx is of another detector",
    ),
    "other pixels": (lambda f: other_expectation(f, "pixels", 9), True, "Pictures come out otherwise here"),
    "other numbers": (other_expectation, True, "score otherwise here .* by 1 log-odds"),
    "named like a cache": (write("my__pycache__.pkl", b"x"), False, "my__pycache__.pkl is not listed"),
    "no bytecode": (write("__pycache__/x.so", b"x"), False, "__pycache__/x.so is not listed"),
    "a cache elsewhere": (write("probe/__pycache__/x.pyc", b"x"), False, "probe/__pycache__/x.pyc is not listed"),
    "listed twice": (listed_twice, False, "lists '.*' twice"),
    "another spelling": (another_spelling, False, "'probe/../NOTICE', which is no file of the folder's own"),
    "sums of another encoding": (write("SHA256SUMS", b"\xff\xfe"), False, "SHA256SUMS was altered on the way"),
    "a NUL in a name": (write("SHA256SUMS", b"0  a\0b\n"), False, r"'a\\x00b', which is no file"),
    "no probes": (lambda f: shutil.rmtree(f / "probe"), True, "lists no pictures in probe/"),
    "no probes within": (lambda f: [path.unlink() for path in (f / "probe").iterdir()], True, "probe is not listed"),
    "a folder in probe": (lambda f: (f / "probe" / "more").mkdir(), False, "probe/more is not listed"),
    "a picture more": (
        lambda f: shutil.copytree(f / "probe", f / "probe" / "more"), True,
        r"pixels \(3, .* and log-odds \(3,\), and the pictures in probe/ are \(6,",
    ),
    "a probe of text": (write("probe/0.png", b"text"), True, "probe/0.png cannot be read .not a picture"),
    "junk expected": (write("probe.npz", b"junk"), True, "probe.npz cannot be read"),
    "half expected": (lambda f: np.savez(f / "probe.npz", pixels=np.zeros(3)), True, "probe.npz cannot .*log_odds"),
    "one log-odds": (expect(log_odds=np.zeros(())), True, r"log-odds \(\), and the pictures"),
    "expected words": (expect(log_odds=np.array(["a"] * 3)), True, "log-odds of <U1, not integers and floats"),
    "facts of a list": (write("detector.json", b"[]"), True, "detector.json holds a list"),
    "facts of a version alone": (write("detector.json", b'{"version": 1}'), True, "cannot be opened .KeyError"),
    "pixels of another kind": (
        lambda f: rewrite(f / "detector.json", lambda c: c.update(pixels=[])), True,
        "detector.onnx is of another detector",
    ),
    "threshold of a list": (write("threshold.json", b"[]"), True, "threshold.json holds a list"),
    "threshold edited": (
        lambda f: rewrite(f / "threshold.json", lambda c: c["accept"].update(value=-99.0)), True,
        "threshold.json was edited since it was written",
    ),
}  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_tampering_is_named(tampering, baked, tmp_path):
    spoil, sealed, says = TAMPERINGS[tampering]
    folder = tmp_path / "copy"
    shutil.copytree(baked, folder)
    Detector(folder)
    spoil(folder)
    if sealed:
        seal(folder)
    with pytest.raises(DetectorError, match=says) as raised:
        Detector(folder)
    assert "\n" not in str(raised.value)
    if (folder / "SHA256SUMS").exists():
        with pytest.raises(DataError, match=says):
            NegLabelInferencer(folder)


def test_what_is_sealed_again_has_another_name(baked, tmp_path):
    name = Detector(baked).id
    assert Detector(baked, expect=name).id == name
    folder = tmp_path / "copy"
    shutil.copytree(baked, folder)
    (folder / "NOTICE").write_text("no licence at all")
    seal(folder)
    other = Detector(folder).id
    with pytest.raises(DetectorError, match=f"copy holds {other}, and {name} is expected"):
        Detector(folder, expect=name)


def test_opening_wants_onnxruntime(baked, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(DetectorError, match="wants onnxruntime: pip install onnxruntime"):
        Detector(baked)


def test_half_precision(tested, threshold, known_networks, tmp_path, capsys):  # noqa: F811
    given = ["--threshold", threshold, "--precision", "fp16", "--images", ANIMALS]
    assert launch(run_export, tested, tmp_path / "half", *given) == 0
    assert "Compared on 124 pictures, from file to decision" in capsys.readouterr().out
    assert (tmp_path / "half" / "detector.onnx").stat().st_size < 0.75 * 9e6
    outputs = onnxruntime.InferenceSession(tmp_path / "half" / "detector.onnx").get_outputs()
    assert [output.name for output in outputs] == list(OUTPUTS)
    assert launch(run_predict, tmp_path / "half", PLANTS) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith((" in", " out", " review"))


def test_nothing_is_left_of_one_that_differs(tested, known_networks, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setitem(export._MOST, "fp32", {"log_odds": -1.0})
    with pytest.raises(DataError, match=r"differs from this one: log_odds by .*Nothing is written"):
        export.export(NegLabelInferencer(tested), tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_the_other_files_are_compared_too(tested, known_networks, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr(export._Export, "_compare", lambda *_: export.Checked(1, 0.0, 0.0, 0))
    monkeypatch.setitem(export._MOST, "fp32", {"log_odds": -1.0})
    with pytest.raises(DataError, match=r"head\.onnx gives other log-odds than detector\.onnx"):
        export.export(NegLabelInferencer(tested), tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_fixed_number_of_pictures_is_noticed(monkeypatch):
    module = torch.nn.Linear(3, 2)
    monkeypatch.setattr(export, "_BATCH", {0: 2})
    with pytest.raises((DataError, ConfigError), match=r"for one number of pictures alone|cannot export"):
        export._onnx(module, torch.zeros(2, 3), "x", ["y"])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--score", "MCM"], "'MCM' is no NegLabelScore, and no other can be baked"),
        (["--threshold", "gone.json"], "threshold gone.json cannot be read"),
    ],
)
def test_what_is_refused(given, says, tested, tmp_path, capsys):  # noqa: F811
    assert launch(run_export, tested, tmp_path / "out", *given) == 1
    assert says in error_line(capsys)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("package", ["onnx", "onnxruntime", "onnxscript"])
def test_a_package_that_is_missing(package, tested, tmp_path, monkeypatch, capsys):  # noqa: F811
    monkeypatch.setitem(sys.modules, package, None)
    assert launch(run_export, tested, tmp_path / "out") == 1
    assert f"Exporting wants {package}: pip install 'mmneglabel[export]'" in error_line(capsys)


def test_a_folder_that_exists(tested, tmp_path, capsys):  # noqa: F811
    assert launch(run_export, tested, tmp_path) == 1
    assert f"{tmp_path} exists: choose another folder" in error_line(capsys)


def test_a_baked_detector_has_all_of_its_own(baked, threshold):
    with pytest.raises(ConfigError, match="is a baked detector, which has its own: leave out threshold"):
        NegLabelInferencer(baked, threshold=threshold)


def test_the_runtime_reads_pictures_as_the_package_does(tested, baked):  # noqa: F811
    """To the last bit, so that nothing but the network can differ."""
    detector = Detector(baked)
    inferencer = NegLabelInferencer(tested)
    path = str(next(PLANTS.iterdir()))
    packed = inferencer.pipeline({"img_path": path})["inputs"]
    with open(path, "rb") as file:  # noqa: PTH123
        shown = detector.pixels(runtime.decoded(file.read()))
    np.testing.assert_array_equal(packed.permute(1, 2, 0).numpy(), shown)


@pytest.mark.parametrize("name", ["ViT-B-32", "RN50"])
@pytest.mark.skipif(not os.environ.get("MMNEGLABEL_ALL_TOWERS"), reason="minutes: MMNEGLABEL_ALL_TOWERS=1 runs it")
def test_towers_of_clip_with_random_weights(name, tmp_path):
    torch.manual_seed(0)
    model = NegLabelClassifier(
        backbone={"type": "OpenCLIPBackbone", "model_name": name, "pretrained": None},
        class_names=["cat", "dog", "bird"],
        scores={"NegLabel": {"bank": {"type": "ReadyList", "path": words(tmp_path)}}},
    )
    model.prepare(tmp_path / "cache")
    checked = export.export(NegLabelInferencer(model, device="cpu"), tmp_path / "out")
    assert checked.images == 64
    assert checked.log_odds <= 5e-4


def words(folder):
    (folder / "words.txt").write_text("".join(f"the nice word {number}\n" for number in range(500)))
    return str(folder / "words.txt")
