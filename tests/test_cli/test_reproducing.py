"""tools/reproduce.py: rows listed, run once, and judged against what was published."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import pytest
from mmengine.config import Config
from paths import ROOT
from test_tools.launching import launch, parsed

from mmneglabel.catalogue import ROWS, TableRow, find_take, takes_of
from mmneglabel.cli.config import test_config as config_of_test
from mmneglabel.cli.judging import Judged
from mmneglabel.cli.launch import one_line_errors
from mmneglabel.cli.reproducing import run_reproduce
from mmneglabel.cli.rows import compose
from mmneglabel.cli.testing import run_rescore, run_test
from mmneglabel.corpus.words import AUTHORS, OURS
from mmneglabel.engine.work_dir import config_of
from mmneglabel.results import NO_LABEL, Results

MAIN, HARD, V15 = (ROWS[name] for name in (
    "neglabel/vit-b16/imagenet-1k", "csp/vit-b16/imagenet-10-vs-imagenet-20", "openood-v1.5/vit-b16/imagenet-1k",
))  # fmt: skip
LOG = "20260101_000000"
child = subprocess.run


def ended(work_dir, row: TableRow, config=None, words=AUTHORS, lacking=0, auroc=0.95, log=LOG, **changed):
    """What a run of a row leaves: its config, the metrics (FPR95 0.21 and 0.33), the means' log, the sets' sizes."""
    log_dir = work_dir / log / "vis_data"
    log_dir.mkdir(parents=True, exist_ok=True)
    config = config or compose(row, "/elsewhere")
    config.merge_from_dict(changed)
    config.dump(log_dir / "config.py")
    (work_dir / log / f"{log}.json").write_text(json.dumps({"ood/NegLabel/auroc": auroc, "ood/MCM/auroc": auroc}))
    numbers = {"auroc": auroc, "fpr95_id_positive": 0.21, "fpr95_ood_positive": 0.33}
    sets = [*row.ood_sets, *config.test_dataloader.dataset.groups, "mean"]
    metrics = {score: dict.fromkeys(sets, numbers) for score in ("NegLabel", "MCM")}
    metrics["_run"] = {"banks": {"NegLabel": {"words": f"{words}: 5 nouns"}, "MCM": {}}}
    (work_dir / "metrics.json").write_text(json.dumps(metrics))
    sizes = [find_take(name, take).images for name, take in takes_of([row])]
    index = np.repeat(np.arange(len(sizes)), np.array(sizes) - [lacking] + [0] * len(sizes))
    none = np.full(len(index), NO_LABEL)
    names = (row.id_set, *row.ood_sets)
    Results(names, ("NegLabel",), index, np.zeros((len(index), 1)), none, none, {}).save(
        work_dir / "results.safetensors"
    )
    return work_dir


@pytest.fixture
def started(tmp_path, monkeypatch):
    """The command lines of runs, each of which leaves what it would have, its config as the tool completes it."""
    commands = []

    def start(command, **_):
        commands.append(command)
        _, tool, *given = command
        args = parsed(run_rescore if Path(tool).name == "rescore.py" else run_test, *given)
        config = config_of_test(args)
        config.test_cfg.features = "keep" if "--save-features" in given else "kept"
        name = str(Path(args.work_dir).relative_to(tmp_path / "runs")).partition("-seed-")[0]
        auroc = 0.9 + 0.01 * config.model.scores.get("CSP", {}).get("seed", 0)
        ended(Path(args.work_dir), ROWS[name], config, auroc=auroc, log=f"20260101_0000{len(commands):02}")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", start)
    return commands


@pytest.fixture
def reproduce(tmp_path, capfd):
    """The exit code and both outputs of the tool."""

    def run(*rows, **given):
        usual = {"list": False, "from_dirs": None, "data_root": "data", "work_dir": str(tmp_path / "runs")}
        usual |= {"gpus": None, "partition": None, "format": "text", "options": [], "seeds": 1, "again": False}
        code = one_line_errors(lambda: run_reproduce(Namespace(rows=rows, **usual | given)))
        return code, *capfd.readouterr()

    return run


def test_a_run_beside_its_row(reproduce, tmp_path):
    """The row is found by itself; the direction of FPR95 is the protocol's."""
    code, out, _ = reproduce(from_dirs=[ended(tmp_path / "a", MAIN)])
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    assert out.startswith(
        "neglabel/vit-b16/imagenet-1k: NegLabel (ICLR 2024), main; FPR95 with ID as the positive class"
    )
    sun = ["NegLabel", "SUN", "95.49", "95.00", "-0.49", "agrees", "20.53", "21.00", "+0.47", "agrees"]
    assert sun in lines
    assert [
        "NegLabel",
        "iNaturalist",
        "99.49",
        "95.00",
        "-4.49",
        "differs",
        "1.91",
        "21.00",
        "+19.09",
        "differs",
    ] in lines
    assert ["MCM", "SUN", "-", "95.00", "-", "21.00"] in lines
    assert "half precision" in out
    assert "words" not in out
    _, out, _ = reproduce(from_dirs=[ended(tmp_path / "b", V15)])
    assert "FPR95 with OOD as the positive class" in out
    near = ["NegLabel", "near", "76.95", "95.00", "+18.05", "differs", "68.34", "33.00", "-35.34", "differs"]
    assert near in [line.split() for line in out.splitlines()]


def test_why_it_may_differ(reproduce, tmp_path):
    _, out, _ = reproduce(from_dirs=[ended(tmp_path / "a", MAIN, words=OURS, lacking=3)])
    assert f"- the words of NegLabel are not the paper's ({OURS}: 5 nouns), which takes the demo's" in out
    assert "- ImageNet-1k has 49,997 pictures in place of 50,000\n" in out
    assert "- the authors' towers run in half precision" in out
    (tmp_path / "a" / "results.safetensors").unlink()
    assert "- there is no results.safetensors, so nobody counted" in reproduce(from_dirs=[tmp_path / "a"])[1]
    _, out, _ = reproduce(from_dirs=[ended(tmp_path / "b", MAIN, **{"test_cfg.fp16": True})])
    assert "- this run is under autocast" in out
    weights = {"model.backbone.pretrained": "/mine/ViT-B-16.pt", "model.backbone.preprocess": "openai"}
    assert (
        "a file, /mine/ViT-B-16.pt, and are taken for 'openai'"
        in reproduce(from_dirs=[ended(tmp_path / "c", MAIN, **weights)])[1]
    )
    assert "the authors' towers run" not in out
    assert "20.53" in out


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model.backbone.model_name", "ViT-B-32"),
        ("model.scores.NegLabel.groups", 7),
        ("model.scores.NegLabel.bank.ratio", 0.1),
        ("model.preprocessing_override", None),
        ("load_from", "finetuned.pth"),
        ("model.scores.NegLabel.bank.exclude", []),
        ("test_dataloader.dataset.pipeline", [{"type": "LoadRGBImage"}, {"type": "PackInputs"}]),
    ],
)
def test_what_was_mixed_by_hand_has_no_published_number(reproduce, tmp_path, key, value):
    work_dir = ended(tmp_path / "a", MAIN, **{key: value})
    code, out, _ = reproduce(MAIN.name, from_dirs=[work_dir])
    assert code == 0
    assert "published: no confirmed number" in out
    assert "- no row of a paper: " in out
    assert "20.53" not in out


def test_the_config_is_that_of_the_run_that_ended(reproduce, tmp_path):
    """Not that of one which began later and stopped, nor of an earlier one; whatever times a copy has."""
    work_dir = ended(tmp_path / "a", MAIN, auroc=0.5, log="20251231_235959", **{"model.backbone.precision": "fp16"})
    ended(work_dir, MAIN)
    later = work_dir / "20260101_000001" / "vis_data" / "config.py"
    later.parent.mkdir(parents=True)
    later.write_text("model = dict()\n")
    assert "20.53" in reproduce(from_dirs=[work_dir])[1]
    for seconds, path in enumerate(sorted(work_dir.rglob("*"), reverse=True)):
        os.utime(path, (seconds, seconds))
    assert "20.53" in reproduce(from_dirs=[work_dir])[1]
    shutil.rmtree(work_dir / LOG)
    code, _, err = reproduce(from_dirs=[work_dir])
    assert code == 1
    assert "a holds no log folder with a vis_data/config.py and the numbers of its metrics.json" in err


def test_a_damaged_config_is_one_line(reproduce, tmp_path):
    path = ended(tmp_path / "a", MAIN) / LOG / "vis_data" / "config.py"
    path.write_text(path.read_text()[:300])
    code, _, err = reproduce(from_dirs=[tmp_path / "a"])
    assert code == 1
    assert re.fullmatch(r"error: .*vis_data/config.py cannot be read \(.*never closed.*\n", err)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("", "model.scores"),
        ("model = dict(type='ImageClassifier')\n", "model.scores"),
        ("model = dict(scores=['MSP'])\ntest_dataloader = None\n", "test_dataloader.dataset.id_set"),
    ],
)
@pytest.mark.parametrize("rows", [(), (MAIN.name,)])
def test_a_run_of_no_scores_is_one_line(reproduce, tmp_path, rows, given, missing):
    (ended(tmp_path / "a", MAIN) / LOG / "vis_data" / "config.py").write_text(given)
    code, _, err = reproduce(*rows, from_dirs=[tmp_path / "a"])
    assert code == 1
    assert re.fullmatch(rf"error: .*a holds a run without {missing}, which is of no row.*\n", err)


def test_scores_may_be_a_list_of_methods(reproduce, tmp_path):
    listed = {"model.scores": ["NegLabel", "MCM"]}
    assert reproduce(from_dirs=[ended(tmp_path / "a", MAIN, **listed)])[1].startswith(f"{MAIN.name}: ")


def test_a_work_dir_that_is_a_file_is_one_line(reproduce, tmp_path):
    (tmp_path / "runs").write_text("")
    code, _, err = reproduce(HARD.name)
    assert code == 1
    assert re.fullmatch(r"error: .*imagenet-20\.py cannot be written \(.*Not a directory.*\n", err)


def test_the_log_folder_of_a_real_run_is_found(small_config, tmp_path):
    """MMEngine leaves its means where they are looked for."""
    for ratio in (0.2, 0.4):
        assert launch(run_test, small_config(**{"model.scores.NegLabel.bank.ratio": ratio})) == 0
    assert len([*(tmp_path / "work").glob("*/vis_data")]) == 2
    assert config_of(tmp_path / "work").model.scores.NegLabel.bank.ratio == 0.4


def test_the_row_of_a_run_is_found(reproduce, tmp_path):
    """By most scores in common; else the nearest is named, and what is other than there."""
    others = [ROWS[f"{protocol}/vit-b16/imagenet-1k"] for protocol in ("csp", "mcm", "adaneg", "tanl", "oodd")]
    for row in (HARD, V15, *others):
        assert reproduce(from_dirs=[ended(tmp_path / row.name, row)])[1].startswith(f"{row.name}: ")
    half = ended(tmp_path / "half", HARD, **{"model.backbone.precision": "fp16"})
    code, _, err = reproduce(from_dirs=[half])
    assert code == 1
    assert (
        f"{half} holds the run of no row; it is most like {HARD.name}, but for model.backbone.precision: 'fp16'" in err
    )


def test_another_set_in_the_place_of_one_is_no_row(reproduce, tmp_path):
    """Its mean is of other sets."""
    other = {"test_dataloader.dataset.ood_sets": [{"name": "NINCO", "type": "Pictures", "data_root": "data/NINCO"}]}
    _, out, _ = reproduce(MAIN.name, from_dirs=[ended(tmp_path / "a", MAIN, **other)])
    assert "- no row of a paper: " in out
    assert "94.21" not in out


def test_a_row_may_be_named_on_either_side(reproduce, tmp_path, monkeypatch):
    """--from takes what stands behind it; a folder that is called like a row is a work dir."""
    ended(tmp_path / "a", HARD)
    monkeypatch.chdir(tmp_path)
    ahead = reproduce(MAIN.name, from_dirs=["a"])
    assert ahead[1].startswith(f"{MAIN.name}: ")
    assert reproduce(from_dirs=["a", MAIN.name]) == ahead
    ended(tmp_path / MAIN.name, HARD)
    assert reproduce(from_dirs=[MAIN.name])[1].startswith(f"{HARD.name}: ")


@pytest.mark.parametrize(
    ("judge", "told"),
    [
        ({"judge": "WordNetJudge"}, "WordNet, which agrees with a language model on proper nouns at F1 0.897"),
        ({"judge": "LLMJudge", "model": "/models/Qwen2.5-14B-Instruct-1M"}, None),
        ({"judge": "LLMJudge", "model": "qwen2.5-7b"}, "LLMJudge, with qwen2.5-7b"),
        ({"judge": "LLMJudge", "logs": ["0f"]}, "LLMJudge, with verdicts of a log or of its own"),
        ({"judge": "MyJudge"}, "MyJudge, with verdicts of a log or of its own"),
        ({"version": 3}, "another judge, with verdicts of a log or of its own"),
    ],
)
def test_a_judge_that_is_not_the_papers_is_told(reproduce, tmp_path, judge, told):
    changed = {"model.scores.NegRefine.bank.judge.type": judge.get("judge", "MyJudge")}
    work_dir = ended(tmp_path / "a", ROWS["negrefine/vit-b16/imagenet-1k"], **changed)
    metrics = json.loads((work_dir / "metrics.json").read_text())
    metrics["_run"]["banks"] = {"NegRefine": {"words": AUTHORS, "judge": judge}, "CSP": {"words": AUTHORS}}
    (work_dir / "metrics.json").write_text(json.dumps(metrics))
    out = reproduce(from_dirs=[work_dir])[1]
    sentence = f"- words of NegRefine were taken back by {told}; the paper's by Qwen2.5-14B-Instruct-1M\n"
    assert ("were taken back" in out, sentence in out) == (bool(told), bool(told))
    assert "no row of a paper" not in out


def test_what_decides_no_number_may_be_changed(reproduce, tmp_path):
    free = {"test_dataloader.batch_size": 3, "model.scores.Energy": None, "model.scores.NegLabel.bank.corpus": "/mine"}
    _, out, _ = reproduce(from_dirs=[ended(tmp_path / "a", MAIN, **free)])
    assert "20.53" in out


STREAM = "OODD (stream)"


def streamed(work_dir, values, score=STREAM, row=ROWS["oodd/vit-b16/imagenet-1k"]):
    """What a run leaves whose streams had these AUROCs, on every set alike."""
    metrics = json.loads((ended(work_dir, row) / "metrics.json").read_text())
    spread = {"auroc_sd": stdev(values)} if len(values) > 1 else {}
    numbers = {"auroc": mean(values), "fpr95_id_positive": 0.2, "fpr95_ood_positive": 0.3, **spread}
    metrics[score] = dict.fromkeys([*row.ood_sets, "mean"], numbers)
    metrics["_run"]["streams"] = {score: {"seeds": [*range(len(values))]}}
    log = work_dir / LOG / f"{LOG}.json"
    log.write_text(json.dumps(json.loads(log.read_text()) | {f"ood/{score}/auroc": mean(values)}))
    (work_dir / "metrics.json").write_text(json.dumps(metrics))
    return work_dir


def test_a_run_of_streams_beside_its_row(reproduce, tmp_path):
    """Its numbers are means already; whose order they hang on stands below, and no groups that nobody draws."""
    code, out, _ = reproduce(from_dirs=[streamed(tmp_path / "a", [0.95, 0.97])])
    assert code == 0
    assert out.startswith("oodd/vit-b16/imagenet-1k: OODD (CVPR 2025), main; FPR95 with ID as the positive class")
    sun = ["OODD", "(stream)", "SUN", "97.18", "96.00", "±", "1.41", "-1.18", "differs", "12.94", "20.00", "±", "0.00"]
    assert sun in [line.split()[: len(sun)] for line in out.splitlines()]
    assert "- the images come in other orders than the authors'" in out
    assert "draw the groups of negatives on a GPU" in out
    adaneg = streamed(tmp_path / "b", [0.96], "AdaNeg (stream)", ROWS["adaneg/vit-b16/imagenet-1k"])
    _, out, _ = reproduce(from_dirs=[adaneg])
    assert "FPR95 with OOD as the positive class" in out
    assert "draw the groups of negatives on a GPU" not in out
    assert "±" not in out


@pytest.mark.parametrize("counts", [(3, 3), (1, 1), (2, 4), (1, 3)])
def test_runs_of_several_streams_are_pooled(tmp_path, counts):
    """The deviation is that of all streams, not of the runs' means."""
    values = [0.9, 0.93, 0.95, 0.96, 0.91, 0.99]
    parts = [values[: counts[0]], values[counts[0] : sum(counts)]]
    first, *others = [streamed(tmp_path / str(number), part) for number, part in enumerate(parts)]
    numbers = Judged(ROWS["oodd/vit-b16/imagenet-1k"], first, tuple(others)).numbers()
    line = next(line for line in numbers if line["score"] == STREAM)
    used = [100 * value for part in parts for value in part]
    assert (line["auroc"], line["auroc_sd"]) == (round(mean(used), 2), round(stdev(used), 2))
    assert line["fpr95_sd"] == 0


@pytest.mark.parametrize("way", ["markdown", "csv", "json"])
def test_formats_hold_the_same_numbers(reproduce, tmp_path, way):
    _, out, _ = reproduce(from_dirs=[ended(tmp_path / "a", MAIN)], format=way)
    if way == "markdown":
        cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in out.splitlines()]
        assert ["NegLabel", "SUN", "95.49", "95.00", "-0.49", "agrees", "20.53", "21.00", "+0.47", "agrees"] in cells
        return
    lines = list(csv.DictReader(io.StringIO(out))) if way == "csv" else json.loads(out)[0]["numbers"]
    (sun,) = [line for line in lines if (line["score"], line["set"]) == ("NegLabel", "SUN")]
    assert [str(sun[key]) for key in ("auroc_published", "auroc", "fpr95_published", "fpr95", "fpr95_agrees")] == [
        "95.49", "95.0", "20.53", "21.0", "True",
    ]  # fmt: skip


FULL = ROWS["openood-v1.5-full-spectrum/vit-b16/imagenet-1k"]


@pytest.mark.parametrize("row", [HARD, FULL], ids=lambda row: row.name)
def test_rows_are_run_once(reproduce, started, row):
    for root, runs in (("/d", 1), ("/d", 1), ("/other", 2)):
        code, _, err = reproduce(row.name, data_root=root)
        assert code == 0
        assert len(started) == runs
    assert "taken from" not in err


A = ["model.backbone.pretrained=/a.bin", "model.backbone.preprocess=openai"]


@pytest.mark.parametrize(
    ("first", "second", "runs"),
    [
        (A, A, 1),
        (A, ["model.backbone.pretrained=/b.bin", "model.backbone.preprocess=openai"], 2),
        ([], A, 2),
        ([], ["model.scores.CSP.bank.corpus=/my/words"], 2),
        ([], ["model.scores.NegRefine.bank.judge.senses=first"], 2),
        ([], ["randomness.seed=3"], 2),
        ([], ["test_dataloader.batch_size=3", "test_dataloader.num_workers=0", "log_level=WARNING"], 1),
        ([], ["model.backbone.cache_dir=/somewhere"], 1),
    ],
)
def test_a_run_with_another_setting_is_another_run(reproduce, started, first, second, runs):
    """Though it may be of the same row: what is passed off as a run must be that run."""
    for options in (first, second):
        row = "negrefine/vit-b16/imagenet-1k"
        assert reproduce(row, options=["--cfg-options", *options] if options else [])[0] == 0
    assert len(started) == runs


def test_what_a_run_prints_is_not_between_ours(reproduce, started, monkeypatch):
    """What reads JSON or CSV wants nothing else."""
    leave = subprocess.run

    def start(command, **settings):
        child([sys.executable, "-c", "print('MMEngine logs')"], **settings)
        return leave(command)

    monkeypatch.setattr(subprocess, "run", start)
    _, out, err = reproduce(HARD.name, format="json")
    assert json.loads(out)[0]["row"] == HARD.name
    assert "MMEngine logs\n" in err


def test_seeds_are_further_runs_on_kept_features(reproduce, started, tmp_path):
    """Each with its own draw of groups and superclasses; numbers are means with their spread."""
    code, out, _ = reproduce(HARD.name, seeds=3)
    assert code == 0
    assert "--save-features" in started[0]
    assert ["rescore.py" in " ".join(command) for command in started] == [False, True, True]
    seeds = [config_of(tmp_path / "runs" / f"{HARD.name}-seed-{seed}").model.scores.CSP for seed in (1, 2)]
    assert [(score.seed, score.bank.seed) for score in seeds] == [(1, 1), (2, 2)]
    assert "91.00 ± 1.00" in out
    assert "21.00 ± 0.00" in out
    os.utime(tmp_path / "runs" / HARD.name / "metrics.json", (2e9, 2e9))  # as a copy may have it
    assert reproduce(HARD.name, seeds=3)[1] == out
    assert len(started) == 3


def test_seeds_of_scores_that_options_change(reproduce, started, tmp_path):
    options = ["--cfg-options", "model.scores.NegLabel=None", "model.scores.MCM={'temperature': 1}"]
    assert reproduce(HARD.name, seeds=2, options=options)[0] == 0
    assert config_of(tmp_path / "runs" / f"{HARD.name}-seed-1").model.scores.keys() == {"CSP", "MCM"}


def test_options_are_part_of_every_run_of_a_row(reproduce, started):
    """Of the seeds' too; and what was run without them is run again."""
    groups = ["--cfg-options", "model.scores.CSP.groups=50"]
    for options, seeds, made in (
        ([], 1, [None]), (["--verbose", *groups], 2, [50, 50]), (groups, 2, []), (["--amp"], 2, [None, None]),
    ):  # fmt: skip
        started.clear()
        assert reproduce(HARD.name, seeds=seeds, options=options)[0] == 0
        configs = [Config.fromfile(command[2]) for command in started]
        assert [config.model.scores.CSP.get("groups") for config in configs] == made
        assert all(("--verbose" in command) == ("--verbose" in options) for command in started[:1])
    started.clear()
    assert reproduce(HARD.name, options=["--amp"], again=True)[0] == 0
    assert len(started) == 1


def test_a_tilde_is_ones_home(reproduce, started, tmp_path, monkeypatch):
    """Which shells leave behind an equals sign."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)  # where a folder would be made that is called so
    assert reproduce(HARD.name, work_dir="~/runs")[0] == 0
    assert (tmp_path / "runs" / HARD.name / "metrics.json").is_file()
    assert reproduce(from_dirs=[f"~/runs/{HARD.name}"])[0] == 0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ["test.py"]),
        ({"gpus": 8}, ["bash", "dist_test.sh", "8"]),
        ({"partition": "gpu"}, ["bash", "slurm_test.sh", "gpu"]),
        ({"partition": "gpu", "gpus": 4}, ["env", "GPUS=4", "bash", "slurm_test.sh", "gpu"]),
        ({"options": ["--verbose"]}, ["test.py", "--verbose"]),
    ],
)
def test_the_standard_launchers_run_it(reproduce, monkeypatch, given, words):
    """A run that fails stops the tool, and the next begins it anew."""
    started = []
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_: started.append(command) or subprocess.CompletedProcess(command, 3)
    )
    code, _, err = reproduce(HARD.name, **given)
    assert code == 1
    assert f"error: {HARD.name} ended with exit code 3" in err
    names = [Path(word).name for word in started[0]]
    assert [word for word in names if word in words] == words


def test_list(reproduce):
    code, out, _ = reproduce("neglabel", list=True)
    assert code == 0
    assert "    NegLabel: mean, AUROC 94.21, FPR95 25.40\n    from the paper\n" in out
    *lines, counts = reproduce(list=True)[1].splitlines()
    assert len([line for line in lines if line[0] != " "]) == len(ROWS)
    assert re.fullmatch(r"82 of 82 rows; in all 16 protocols, .*, 36 picture sets; open_clip has \d+ arch.*", counts)


def test_the_list_for_programs(reproduce):
    """The same numbers as in the text; a row of which nothing is published is there too."""
    found = {row["row"]: row for row in json.loads(reproduce(list=True, format="json")[1])}
    assert found.keys() == ROWS.keys()
    assert found[MAIN.name]["published"]["NegLabel"]["mean"] == {"auroc": 94.21, "fpr95": 25.40}
    lines = list(csv.DictReader(io.StringIO(reproduce(list=True, format="csv")[1])))
    assert {line["row"] for line in lines} == ROWS.keys()
    (mean,) = [line for line in lines if (line["row"], line["score"], line["set"]) == (MAIN.name, "NegLabel", "mean")]
    assert (mean["auroc_published"], mean["fpr95_published"]) == ("94.21", "25.4")


def test_the_list_in_markdown_is_the_leaderboard(reproduce):
    assert reproduce(list=True, format="markdown")[1] in (ROOT / "docs" / "leaderboard.md").read_text()


@pytest.mark.parametrize(
    ("rows", "given", "says"),
    [
        ((), {}, "Name a row, a table such as csp/hard, or a protocol"),
        (("cps",), {}, "No row, table or protocol 'cps': did you mean 'csp'"),
        ((), {"from_dirs": ["gone"]}, "gone holds no metrics.json: no run of tools/test.py ended there"),
        ((MAIN.name, HARD.name), {"from_dirs": ["gone"]}, "got 1 work dirs and 2 rows"),
        ((), {"from_dirs": [MAIN.name]}, "got 0 work dirs and 1 rows"),
        ((), {"from_dirs": ["gone"], "seeds": 3, "again": True}, "--seeds, --again: --from judges runs that exist"),
        ((), {"from_dirs": ["gone"], "options": ["--amp"]}, "options behind --: --from judges runs that exist"),
        ((), {"list": True, "gpus": 8, "from_dirs": ["gone"]}, "--from, --gpus: --list shows rows"),
    ],
)
def test_what_cannot_be_meant(reproduce, rows, given, says):
    code, _, err = reproduce(*rows, **given)
    assert code == 1
    assert says in err
