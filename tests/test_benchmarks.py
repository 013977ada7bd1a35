"""The benchmarks run and print their ratio. What it is depends on the machine, so no time is asserted here."""

import functools
import re
from argparse import Namespace
from pathlib import Path

import pytest
from paths import ROOT, TINY_CLIP

FOLDER = ROOT / "benchmarks"
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
def output(forking):
    """What a benchmark prints, which is run once."""

    @functools.cache
    def run(name):
        small = {
            "MODEL": TINY_CLIP,
            "PLANTS": str(ROOT / "demo/pictures/plants"),
            "WORDS": str(ROOT / "txtfiles" / "noun.shape.txt"),
        }
        options = [re.sub("MODEL|PLANTS|WORDS", lambda found: small[found[0]], word) for word in TINY[name].split(" ")]
        done = forking.run(FOLDER / f"{name}.py", "--pairs", "2", "--threads", "1", *options, cwd=Path.cwd())
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


@pytest.mark.parametrize("name", ["text_encoding", "multi_matching"])
def test_prints_how_far_the_features_differ(name, output):
    assert float(re.search(r"largest difference of a feature: (\S+)", output(name))[1]) < 1e-5


def test_streams_are_what_their_formulas_say(output):
    differences = re.findall(r"^largest difference of a score: (\S+)$", output("streams"), re.MULTILINE)
    assert len(differences) == 4
    assert max(map(float, differences)) < 1e-4


def test_a_folder_without_pictures_is_named_without_pictures(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    from synthetic import find_images

    with pytest.raises(SystemExit, match=f"--images {re.escape(str(tmp_path))} holds 0 pictures"):
        find_images(Namespace(images=str(tmp_path)), tmp_path)
