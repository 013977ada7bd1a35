"""Every command in the documents is one that its tool can read.

Each is given to the tool's own parser, with the configs, options, rows, extras and targets that it names; a command
that nothing here knows is a failure. What of them runs without data and network is also run: those of README.md,
docs/your_data.md and docs/threshold.md in `tests/test_demo.py`; those of benchmarks/README.md, small, in
`tests/test_benchmarks.py`; the tools with other configs in `tests/test_tools` and `tests/test_cli`; from an installed
wheel in `tests/test_packaging.py`. The documents' Python: `tests/test_programs.py`.
"""

import argparse
import re
import runpy
import sys

import pytest
from documents import COMMAND, DOCUMENTS, arguments, commands, others, read
from mmengine.config import Config
from paths import ROOT

from mmneglabel import __version__
from mmneglabel.__main__ import shipped_tools
from mmneglabel.catalogue import SETS, find_rows
from mmneglabel.cli.config import find_config
from mmneglabel.cli.options import merge_options, read_options

MAKEFILE = (ROOT / "Makefile").read_text()
SETUP = (ROOT / "setup.py").read_text()
OURS = "(docs|configs|demo|benchmarks|tests|txtfiles)/"
CONFIGS = {path.stem for path in ROOT.glob("configs/[!_]*/*.py")}


class Parsed(BaseException):
    """What a script made of its command line, in place of what it would do with it."""


@pytest.fixture
def parse(monkeypatch):
    """A script's command line as its parser reads it: one that it refuses fails the test."""
    read_it = argparse.ArgumentParser.parse_args

    def stop(parser, argv=None, namespace=None):
        raise Parsed(read_it(parser, argv, namespace))

    def parse(script, words):
        monkeypatch.setattr(argparse.ArgumentParser, "parse_args", stop)
        monkeypatch.setattr(sys, "argv", [str(script), *words])
        monkeypatch.syspath_prepend(script.parent)
        before = set(sys.modules)
        try:
            runpy.run_path(str(script), run_name="__main__")
        except Parsed as found:
            return found.args[0]
        finally:
            monkeypatch.undo()
            for name in set(sys.modules) - before:  # such as benchmarks/paired.py, which others may call theirs
                if str(getattr(sys.modules[name], "__file__", "")).startswith(str(script.parent)):
                    del sys.modules[name]
        raise AssertionError(f"{script} reads no command line")

    return parse


def check_config(name, options):
    """It is there, one that this project ships, or a result of one; and it has the places that the options fill."""
    if not name.startswith("configs/"):
        assert re.fullmatch(r"work_dirs/[\w/-]+/\w+\.py|\w+\.py", name), name
    elif config := Config.fromfile(find_config(name)):
        merge_options(config, options)


def check_parsed(tool, args):
    options = read_options(getattr(args, "cfg_options", None) or [])
    if config := getattr(args, "config", None):
        check_config(config, options)
    if tool in ("calibrate", "export", "predict", "words") and (model := getattr(args, "model", None)):
        assert (name := model.removeprefix("work_dirs/")) == "evaluate" or name in CONFIGS, model
    if tool == "reproduce":
        assert find_rows(args.rows) or args.list or args.from_dirs
    if tool == "prepare_data":
        assert all(name in SETS or find_rows([name]) for name in args.names)


def check_tool(path, words, parse):
    """A script of ours: in `tools`, and of the shells' what they hand on; or a benchmark's, or the demo's maker's."""
    match path.split("/")[-1], words:
        case "dist_test.sh", [config, checkpoint, processes, *rest]:
            assert int(processes) > 0
            return check_tool("tools/test.py", [config, checkpoint, *rest], parse)
        case "dist_train.sh", [config, processes, *rest]:
            assert int(processes) > 0
            return check_tool("tools/train.py", [config, *rest], parse)
        case ("slurm_test.sh" | "slurm_train.sh") as name, [_, _, *rest]:
            return check_tool(f"tools/{name[6:-3]}.py", rest, parse)
    return check_parsed((ROOT / path).stem, parse(ROOT / path, words))


def check_pip(words):
    """Extras that there are, or requirements that pip can read."""
    assert words[0] in ("install", "wheel")
    for word in words[1:]:
        assert ".whl" not in word or f"mmneglabel-{__version__}-py3-" in word
        for extra in ",".join(re.findall(r"(?:^\.|mmneglabel|\.whl)\[(.+)\]", word)).split(","):
            assert not extra or f'"{extra}": [' in SETUP, word


def check(words, parse):
    """One command line; the last case is what no rule knows."""
    match words:
        case ["make", *targets]:
            for target in targets:
                variable, is_one, _ = target.partition("=")
                assert re.search(rf"^{variable} \?= " if is_one else rf"^{target}: ", MAKEFILE, re.MULTILINE), target
        case ["python", "-m", "mmneglabel"]:
            pass
        case ["python" | "python3", "-m", "mmneglabel", tool, *rest]:
            check_tool(f"tools/{shipped_tools()[tool].name}", rest, parse)
        case ["python" | "bash", path, *rest] if (ROOT / path).is_file():
            check_tool(path, rest, parse)
        case ["pip", *rest] | ["python", "-m", "pip", *rest]:
            check_pip(rest)
        case ["python3", "-m", "venv", _] | ["git", "clone", _, _] | ["tensorboard", "--logdir", _]:
            pass
        case ["docker", "build", "-t", "mmneglabel", "."]:
            assert (ROOT / "Dockerfile").is_file()
        case ["docker", "run", "--rm", *rest]:
            inside = rest[rest.index("mmneglabel") + 1 :]  # behind the image's name
            assert not inside or check(inside, parse) is None
        case ["python", "-m", "pytest", *rest]:
            assert [word for word in rest if word.startswith("tests")] == [w for w in rest if (ROOT / w).exists()]
        case ["python", "-m", "sphinx", *_]:
            assert " ".join(words) in MAKEFILE
        case ["python", "animals/detector.py", *pictures]:  # of a folder that `export` made
            assert not [picture for picture in pictures if picture.startswith("-")]
        case _:
            raise AssertionError(f"no parser for: {' '.join(words)}")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_can_be_read(document, parse, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words in commands(document, tmp_path):
        try:
            check(words, parse)
        except SystemExit as stop:
            raise AssertionError(f"refused: {' '.join(words)}") from stop


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_command_hides(document):
    """In a block that says it is no Bash, or in none and indented."""
    fenced, _ = others(document)
    loose = re.findall(r"^ {4,}(\S.*)", re.sub(r"```.*?```", "", read(document), flags=re.DOTALL), re.MULTILINE)
    assert [line for line in [*fenced, *loose] if COMMAND.match(line)] == []


def test_a_block_is_read_as_the_shell_does(tmp_path):
    assert commands("README.md", tmp_path)[0] == ["make", "demo"]
    loop = "for n in 1 2; do\n  A=1 .venv/bin/python x.py --n $n \\\n  'a b'  # why\ndone && make b"
    assert arguments(loop, tmp_path) == [
        ["python", "x.py", "--n", "1", "a b"],
        ["python", "x.py", "--n", "2", "a b"],
        ["make", "b"],
    ]


def test_a_command_that_nothing_knows_is_found(parse):
    for words in (["sudo", "reboot"], ["python", "tools/tset.py"], ["make", "dmeo"], ["pip", "install", ".[extra]"]):
        with pytest.raises(AssertionError):
            check(words, parse)
    for words in (
        "tools/test.py configs/neglabel/neglabel_dmeo.py",
        "tools/test.py configs/neglabel/neglabel_demo.py --cfg-options modle.scores=1",
        "tools/test.py configs/neglabel/neglabel_demo.py --ampp",
        "tools/reproduce.py nobody",
    ):
        with pytest.raises((SystemExit, Exception)):
            check(["python", *words.split(" ")], parse)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_named_files_exist(document):
    """Those in marks, from the top; what stands in capitals or brackets is for the reader to fill in."""
    _, marked = others(document)
    paths = [span for span in marked if re.fullmatch(OURS + r"[\w./-]+", span)]
    assert [path for path in paths if not list(ROOT.glob(path.rstrip("/")))] == []
