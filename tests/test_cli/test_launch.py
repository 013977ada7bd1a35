"""Everything a user can get wrong, through the launcher: one clear line, exit code 1, nothing half-written."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmpretrain.registry import MODELS
from paths import ROOT
from PIL import Image
from test_tools import launching

from mmneglabel.cli.launch import init_cpu_processes, one_line_errors
from mmneglabel.cli.testing import run_test
from mmneglabel.errors import ConfigError
from mmneglabel.results import load

OOD = "test_dataloader.dataset.ood_sets"


def launch(config, checkpoint=None, **options):
    return launching.launch(run_test, config, checkpoint=checkpoint, **options)


@pytest.fixture
def error_of(small_config, tmp_path, capsys):
    """The one line that a config with these changes ends in."""

    def run(checkpoint=None, **changes):
        assert launch(small_config(**changes), checkpoint) == 1
        line = launching.error_line(capsys)
        assert not (tmp_path / "work" / "metrics.json").exists()
        return line

    return run


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    return path


def ood(path):
    return {OOD: [{"name": "near", "type": "Pictures", "data_root": str(path)}]}


def test_no_config(capsys):
    assert launch("nowhere.py") == 1
    assert "error: No config file at 'nowhere.py'" in capsys.readouterr().err


def test_unreadable_image_is_named(error_of, folder, small_config, tmp_path):
    for name in ("good.jpg", "bad.jpg"):
        Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)).save(folder / name)
    data = (folder / "bad.jpg").read_bytes()
    (folder / "bad.jpg").write_bytes(data[: len(data) // 2])
    line = error_of(**ood(folder))
    assert "bad.jpg" in line
    assert "unreadable='skip'" in line
    skipping = {"test_evaluator": {"type": "OODMetric", "unreadable": "skip"}}
    assert launch(small_config(**ood(folder), **skipping)) == 0
    assert (tmp_path / "work" / "metrics.json").exists()
    (folder / "good.jpg").unlink()
    (tmp_path / "work" / "metrics.json").unlink()
    assert "none of its 1 images could be read" in error_of(**ood(folder), **skipping)


def test_checkpoints(error_of, folder):
    assert "No checkpoint file at 'gone.pth'" in error_of("gone.pth")
    other = {"type": "NegLabelClassifier", "backbone": {"type": "StandInBackbone", "embed_dim": 24}}
    model = MODELS.build(other | {"class_names": ["cat"], "scores": ["MCM"]})
    torch.save({"state_dict": model.state_dict()}, folder / "other.pth")
    assert "The checkpoint does not fit the model" in error_of(str(folder / "other.pth"))
    (folder / "broken.pth").write_bytes(b"broken")
    assert "broken.pth" in error_of(str(folder / "broken.pth"))


def test_labels_without_class_names(error_of, folder, pictures):
    (folder / "list.txt").write_text("".join(f"x/{i}.png {i}\n" for i in range(5)))
    listed = {
        "type": "Pictures",
        "name": "ID",
        "table": str(folder / "list.txt"),
        "data_root": str(pictures / "id"),
    }
    assert "has label 3, but the model has 3 class names" in error_of(**{"test_dataloader.dataset.id_set": listed})


def test_interrupted(capsys):
    def interrupted():
        raise KeyboardInterrupt

    assert one_line_errors(interrupted) == 130
    assert capsys.readouterr().err == "error: interrupted\n"


def test_config_that_does_not_run(tmp_path, capsys):
    (tmp_path / "broken.py").write_text("model = dict(type=Misspelt)\n")
    assert launch(tmp_path / "broken.py") == 1
    assert "broken.py: NameError: name 'Misspelt'" in capsys.readouterr().err
    with pytest.raises(NameError, match="Misspelt"):
        launch(tmp_path / "broken.py", traceback=True)


def test_an_earlier_result_is_not_left_behind(small_config, tmp_path):
    assert launch(small_config()) == 0
    assert launch(small_config(**{"model.backbone.broken_images": True})) == 1
    assert not (tmp_path / "work" / "metrics.json").exists()


def test_amp_scores_like_float32(small_config, tmp_path):
    """The stand-in computes in float64 whatever autocast says, so only the score head could lose precision."""
    for name, amp in (("plain", False), ("amp", True)):
        assert launch(small_config(), amp=amp, work_dir=str(tmp_path / name)) == 0
    plain, amp = (load(tmp_path / name).score("NegLabel") for name in ("plain", "amp"))
    assert np.array_equal(plain, amp)


def test_checkpoint_from_the_command_line_or_the_config(small_config, tmp_path):
    model = MODELS.build(Config.fromfile(small_config(**{"model.backbone.seed": 3})).model)
    state = model.state_dict()
    # EMAHook saves the averages as the weights, and tests with them: texts are read with the same as images.
    trained = {f"module.{name}": weights + 1 for name, weights in state.items()} | {"steps": torch.tensor(1)}
    torch.save({"state_dict": state, "ema_state_dict": trained}, tmp_path / "3.pth")
    runs = {
        "seed": (small_config("seed.py", **{"model.backbone.seed": 3}), None),
        "argument": (small_config("argument.py"), str(tmp_path / "3.pth")),
        "config": (small_config("config.py", load_from=str(tmp_path / "3.pth")), None),
        "EMA": (small_config("ema.py", default_hooks={"ema": {"type": "EMAHook"}}), str(tmp_path / "3.pth")),
        "other": (small_config("other.py"), None),
    }
    for name, (config, checkpoint) in runs.items():
        assert launch(config, checkpoint, work_dir=str(tmp_path / name)) == 0
    *same, other = ((tmp_path / name / "metrics.json").read_text() for name in runs)
    assert len({*same}) == 1
    assert other not in same


def test_options_override(small_config, tmp_path):
    options = {"model.scores.NegLabel.bank.ratio": 0.5, "work_dir": str(tmp_path / "elsewhere")}
    assert launch(small_config(), cfg_options=options) == 0
    assert len((tmp_path / "elsewhere" / "negative_labels" / "NegLabel.txt").read_text().splitlines()) == 50


def test_slurm_wants_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("SLURM_PROCID", "0")
    with pytest.raises(ConfigError, match="launcher 'slurm' needs GPUs"):
        init_cpu_processes("slurm")


def test_an_endpoint_without_a_key_is_one_line_before_anything_is_encoded(error_of, words, tmp_path, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr("mmneglabel.models.banks.SharedTextEncoder._encode", _only_labels)
    judge = {"type": "LLMJudge", "log": str(tmp_path / "log.jsonl"), "model": {"type": "ChatEndpoint", "model": "m"}}
    bank = {"type": "NegFilter", "pool": {"type": "CSP", "corpus": str(words), "ratio": 0.3}, "judge": judge}
    line = error_of(**{"model.scores": {"_delete_": True, "NegLabel": {"bank": bank}}})
    assert "OPENAI_API_KEY holds no usable key for m" in line


def _only_labels(self, words, templates):
    assert set(words) == {"cat", "dog", "bird"}
    return torch.full((len(words), 16), 0.25)


def test_a_full_disk_leaves_no_half_file(small_config, tmp_path, capsys, monkeypatch):
    write = Path.write_bytes

    def until_full(path, content):
        if "results.safetensors" in path.name:
            write(path, content[:100])
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", until_full)
    assert launch(small_config()) == 1
    assert "results.safetensors cannot be written ([Errno 28] No space left on device)" in capsys.readouterr().err
    assert not list((tmp_path / "work").glob("*results.safetensors*"))


def test_a_package_that_mmengine_lacks_is_named_with_a_way_out(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pkg_resources", None)
    (tmp_path / "mine.py").write_text('_base_ = __import__("pkg_resources").resource_filename("mmpretrain", "x.py")\n')
    assert launch(tmp_path / "mine.py") == 1
    assert "setuptools<82" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough():
    """As of `| head -1`: nothing is said of it."""
    command = [sys.executable, str(ROOT / "tools/reproduce.py"), "--list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tool:
        tool.stdout.close()
        assert tool.stderr.read() == ""
        assert tool.wait(timeout=300) == 128 + signal.SIGPIPE
