"""What is in the wheel, that an sdist makes the same one, and that it works in any folder without the checkout."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from fnmatch import fnmatch

import pytest
from documents import commands
from forking import Forking
from paths import ROOT, TINY_CLIP

from mmneglabel import __version__
from mmneglabel.__main__ import main
from mmneglabel.cli.config import find_config
from mmneglabel.errors import ConfigError

FOLDERS = ("mmneglabel", "configs", "tools", "txtfiles", "demo", "tests")
FILES = ("setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", "model-index.yml")
FILES += ("CHANGELOG.md", "CONTRIBUTING.md", "Dockerfile", "Makefile", "README_zh-CN.md")
CONFIG = "configs/neglabel/neglabel_clip-vit-b16_in1k.py"


def run(*arguments, cwd, **environment):
    """Run this Python in a folder."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def build_wheel(source, out):
    """Path of the wheel that pip makes of a folder."""
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    done = run("-m", "pip", "wheel", *options, "--wheel-dir", out, source, cwd=out.parent)
    assert done.returncode == 0, done.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what is under version control, lest a build leave its files in the real one."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".mim"))
    for name in FILES:
        shutil.copy2(ROOT / name, folder)
    (folder / "tools" / "__pycache__").mkdir()
    (folder / "tools" / "__pycache__" / "test.cpython-310.pyc").touch()
    return folder


@pytest.fixture(scope="module")
def wheel(checkout, tmp_path_factory):
    return build_wheel(checkout, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def installed(unpacked):
    """Runs Python where the wheel's package is the one that is found."""
    made = Forking(unpacked)
    yield made
    made.close()


def wheel_names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def relative_files(folder):
    """Paths of a folder's files, without caches and hidden files."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts)}


def test_wheel_holds_every_module_and_every_resource(wheel):
    expected = {f"mmneglabel/{path}" for path in relative_files(ROOT / "mmneglabel")}
    for folder in ("configs", "tools", "txtfiles", "demo"):
        expected |= {f"mmneglabel/.mim/{folder}/{path}" for path in relative_files(ROOT / folder)}
    expected = {path for path in expected if "/demo/make/" not in path}  # how the demo was trained
    info = f"mmneglabel-{__version__}.dist-info"
    found = wheel_names(wheel)
    assert {name for name in found if not name.startswith(info)} == expected | {"mmneglabel/.mim/model-index.yml"}
    assert {f"{info}/licenses/LICENSE", f"{info}/licenses/txtfiles/LICENSE"} <= found


def test_metadata_leaves_the_choice_of_the_stack(unpacked):
    metadata = (unpacked / f"mmneglabel-{__version__}.dist-info" / "METADATA").read_text()
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist")]
    for extra, prefix in (("openmmlab", "mm"), ("onedl", "onedl-mm")):
        stack = [line for line in required if f'extra == "{extra}"' in line]
        assert sorted(re.match(rf"Requires-Dist: {prefix}(\w+)", line)[1] for line in stack) == [
            "cv",
            "engine",
            "pretrain",
        ]
    assert [line for line in required if re.search(r": (onedl-)?mm", line) and "extra == " not in line] == []
    assert "License-Expression: Apache-2.0" in metadata
    assert "Requires-Python: >=3.10" in metadata


def test_sdist_makes_the_same_wheel(checkout, wheel, tmp_path):
    make = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    done = run("-c", make, tmp_path, cwd=checkout)
    assert done.returncode == 0, done.stderr
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    (tmp_path / "out").mkdir()
    again = build_wheel(tmp_path / f"mmneglabel-{__version__}", tmp_path / "out")
    assert wheel_names(again) == wheel_names(wheel)


def test_wheel_finds_its_own_resources_and_tools(installed, unpacked, tmp_path):
    script = (
        "from mmneglabel.__main__ import main\n"
        "from mmneglabel.storage.resources import resource\n"
        "print(*map(resource, ['configs', 'demo', 'tools', 'txtfiles', 'model-index.yml']), main([]), sep='\\n')"
    )
    done = installed.run("-c", script, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("configs", "demo", "tools", "txtfiles", "model-index.yml"):
        assert str(unpacked / "mmneglabel" / ".mim" / name) in done.stdout.splitlines()
    assert "Test a config on its ID and OOD sets" in done.stdout


@pytest.mark.smoke
def test_wheel_is_found_by_the_name_of_its_scope(installed, unpacked, tmp_path):
    (tmp_path / "mine.py").write_text('_base_ = "mmneglabel::neglabel/neglabel_demo.py"\nwork_dir = "mine"\n')
    script = (
        "import mmneglabel, mmengine.hub\n"
        "from mmengine.config import Config\n"
        "from mmengine.runner import Runner\n"
        "config = mmengine.hub.get_config('mmneglabel::neglabel/neglabel_demo.py')\n"
        "runner = Runner.from_cfg(Config.fromfile('mine.py'))\n"
        "print(config.filename, type(runner.model).__name__, len(runner.test_loop.dataloader.dataset), sep='\\n')"
    )
    done = installed.run("-c", script, cwd=tmp_path)
    if "No module named 'pkg_resources'" in done.stderr:
        pytest.skip("this MMEngine finds the configs of packages by pkg_resources, which setuptools dropped")
    assert done.returncode == 0, done.stderr
    shipped = unpacked / "mmneglabel" / ".mim" / "configs" / "neglabel" / "neglabel_demo.py"
    assert done.stdout.splitlines()[-3:] == [str(shipped), "NegLabelClassifier", "1075"]


def test_wheel_runs_a_shipped_config_in_an_empty_folder(installed, tmp_path):
    options = (f"model.backbone.model_name={TINY_CLIP}", "model.backbone.pretrained=None")
    done = installed.run("-m", "mmneglabel", "test", CONFIG, "--cfg-options", *options, cwd=tmp_path)
    assert done.returncode == 1, done.stdout
    *_, last = done.stderr.splitlines()
    assert last.startswith("error: ")
    assert "data/imagenet" in last
    assert "Traceback" not in done.stderr


def test_wheels_tools_find_what_lies_beside_them(installed, unpacked, tmp_path):
    """The second starts by itself, as a user's does: nothing else is said on the way."""
    done = installed.run("-m", "mmneglabel", "make_word_lists", "--check", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "30 files match their checksums\n")
    done = run("-m", "mmneglabel", "judge_agreement", "none.txt", cwd=tmp_path, PYTHONPATH=str(unpacked))
    assert done.returncode == 1
    assert done.stderr.startswith("error: decision log none.txt cannot be read")
    assert done.stderr.count("\n") == 1


def test_the_container_runs_the_readmes_commands_on_what_is_there(tmp_path):
    """It cannot be built here: nothing but its words is looked at."""
    lines = re.findall(r"^([A-Z]+) (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    said = [" ".join(words) for words in commands("README.md", tmp_path)]
    runs = [text for name, text in lines if name == "RUN" and not text.startswith("apt-get update && apt-get install")]
    assert runs == ["make demo"]
    assert set(runs) <= set(said)
    assert [json.loads(text) for name, text in lines if name == "CMD"] == [["make", "demo"]]
    assert [text for name, text in lines if name in ("COPY", "ADD")] == [". ."]  # all but:
    left_out = (ROOT / ".dockerignore").read_text().split()
    needed = ["Makefile", "setup.py", "pyproject.toml", "README.md", "LICENSE", "configs", "tools", "demo", "txtfiles"]
    assert all((ROOT / name).exists() for name in needed)
    assert [name for name in needed for pattern in left_out if fnmatch(name, pattern)] == []
    assert {".git", "data", "work_dirs"} <= set(left_out)


def test_unknown_tool_is_one_line(capsys):
    assert main(["tset"]) == 2
    assert capsys.readouterr().err == "error: no tool 'tset': did you mean 'test'?\n"


def test_every_tool_says_what_it_is(capsys):
    assert main([]) == 0
    _, *tools = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in tools} == {p.stem for p in (ROOT / "tools").glob("[!_]*") if p.is_file()}
    assert all(len(line.split()) > 3 for line in tools)


def test_config_lookup_prefers_the_users_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_config(CONFIG) == ROOT.resolve() / CONFIG
    assert find_config(CONFIG.removeprefix("configs/")) == ROOT.resolve() / CONFIG
    (tmp_path / CONFIG).parent.mkdir(parents=True)
    (tmp_path / CONFIG).touch()
    assert find_config(CONFIG).resolve() == (tmp_path / CONFIG).resolve()


def test_unknown_config_names_the_nearest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=re.escape(f"did you mean '{CONFIG}'")):
        find_config("configs/neglabel/neglabel_clip-vit-b16_in1.py")
