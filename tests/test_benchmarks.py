"""The benchmarks run and print their ratio. What it is depends on the machine, so no time is asserted here."""

import functools
import json
import re
import runpy
from argparse import Namespace
from pathlib import Path

import pytest
from paths import ROOT, TINY_CLIP
from PIL import Image

FOLDER = ROOT / "benchmarks"
NO_BENCHMARKS = {"demo_runs", "paired", "plain_streams", "run", "synthetic"}
TINY = {
    "text_encoding": "--model MODEL --prompts 20 --batch-size 8",
    "mining": "--words WORDS",
    "score_head": "--images 4 --labels 5 --negatives 47 --groups 4 --dim 8 --repeats 1",
    "metric": "--images 30 --images-gathered 20 --scores 2 --sets 2 --batch-size 7",
    "page": "--known 30 --ood 40 --sets 2 --scores 2 --labels 4 --words 20 --resamples 5",
    "one_pass": "--words WORDS",
    "multi_matching": "--model MODEL --images 4 --one-by-one 1 --batch-size 2 --words WORDS",
    "input_pipeline": "--count 6 --batch-size 4 --workers 0",
    "image_path": "--count 3 --size 8 --batch-size 4 --files 6 --folders 2",
    "start_up": "--cfg-options model.scores.NegLabel.bank.corpus=WORDS model.scores.NegLabel.bank.ratio=1.0 "
    "model.scores.NegLabel-random.bank.corpus=WORDS",
    "scale": "--texts 60 120 --images 30 60 --labels 9 --dim 8 --batch-size 4 --repeats 1",
    "shards": "--images PLANTS --times 1 --shard 9 --rows 2000",
    "streams": "--images 60 --labels 5 --negatives 30 --candidates 60 --dim 16 --batch-size 12 --slice 1",
    "end_to_end": "--model MODEL --count 6 --batch-size 4 --workers 0",
}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Where the benchmarks write what they print."""
    return tmp_path_factory.mktemp("written")


@pytest.fixture(scope="module")
def output(forking, written):
    """What a benchmark prints, which is run once."""

    @functools.cache
    def run(name):
        small = {
            "MODEL": TINY_CLIP,
            "PLANTS": str(ROOT / "demo/pictures/plants"),
            "WORDS": str(ROOT / "txtfiles" / "noun.shape.txt"),
        }
        options = [re.sub("MODEL|PLANTS|WORDS", lambda found: small[found[0]], word) for word in TINY[name].split(" ")]
        done = forking.run(FOLDER / f"{name}.py", "--pairs", "2", "--threads", "1", *options, cwd=Path.cwd(),
                           MMNEGLABEL_BENCHMARKS=str(written / name))  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.parametrize("name", TINY)
def test_prints_the_machine_and_a_ratio(name, output):
    assert "1 torch threads" in output(name)
    assert "; 2 pairs\n" in output(name)
    row = re.search(r"^ratio: .*?((?: +\d+\.\d+){3})   aim [<>]= [\d.]+$", output(name), re.MULTILINE)
    median, least, greatest = map(float, row[1].split())
    assert 0 < least <= median <= greatest


def test_one_table_of_all(output, written, monkeypatch):
    """benchmarks/run.py's, from what the scripts write; a ratio is met or missed."""
    monkeypatch.syspath_prepend(FOLDER)
    made = runpy.run_path(str(FOLDER / "run.py"))
    assert {*TINY, "soak"} == {path.stem for path in FOLDER.glob("*.py")} - NO_BENCHMARKS
    assert {line.split(".py")[0] for line in made["STAGES"].values()} == TINY.keys()
    output("metric"), output("score_head")
    tables = [
        {"stage": name, **json.loads(line)}
        for name in ("metric", "score_head")
        for line in (written / name).read_text().splitlines()
    ]
    tables[1]["rows"][0] |= {"median": "1.20", "range": ["1.10", "1.30"]}
    *rows, empty, machine = made["table"](tables).splitlines()[2:]
    assert [row.split(" | ")[1] for row in rows[:3]] == [
        "gathering: its ratio", "bytes held an image", "evaluate / argsort"
    ]  # fmt: skip
    assert rows[3] == "| score_head | our time / product's time | **1.20** (1.10 – 1.30) | <= 1.10 | **missed** |"
    assert (empty, machine.split(",")[0][:12]) == ("", "Measured on ")


def test_the_document_shows_what_was_measured(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    table = runpy.run_path(str(FOLDER / "run.py"))["table"]
    assert table(json.loads((FOLDER / "results.json").read_text())) in (ROOT / "docs/performance.md").read_text()


@pytest.mark.parametrize("name", ["text_encoding", "multi_matching"])
def test_prints_how_far_the_features_differ(name, output):
    assert float(re.search(r"largest difference of a feature: (\S+)", output(name))[1]) < 1e-5


def test_streams_are_what_their_formulas_say(output):
    differences = re.findall(r"^largest difference of a score: (\S+)$", output("streams"), re.MULTILINE)
    assert len(differences) == 4
    assert max(map(float, differences)) < 1e-4


def test_a_soak(forking, tmp_path):
    options = [option.replace("WORDS", str(ROOT / "txtfiles/noun.shape.txt")) for option in TINY["start_up"].split()]
    command = ["--images", "640", "--processes", "1", "--figure", tmp_path / "soak.png", *options]
    done = forking.run(FOLDER / "soak.py", *command, cwd=Path.cwd(), MMNEGLABEL_CACHE=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert re.search(r"1 process, images/s at last +\d+", done.stdout)
    assert re.search(r"^ratio: speed at last / at first .* aim >= 0.90$", done.stdout, re.MULTILINE)
    with Image.open(tmp_path / "soak.png") as figure:
        assert figure.width == 1050


def test_a_folder_without_pictures_is_named_without_pictures(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    from synthetic import find_images

    with pytest.raises(SystemExit, match=f"--images {re.escape(str(tmp_path))} holds 0 pictures"):
        find_images(Namespace(images=str(tmp_path)), tmp_path)
