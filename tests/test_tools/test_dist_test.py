"""tools/dist_test.sh on CPU processes: every image counts once, whatever the number of processes."""

import json
import os
import signal
import socket
import subprocess
import time

import pytest
from paths import ROOT, TINY_CLIP
from small_benchmark import stream_scores

from mmneglabel.cli.testing import run_test
from mmneglabel.results import load
from test_tools.launching import TABLE, assert_same_results, launch

# A last line of a config: says that this process has come so far, and waits.
WAITING = (
    "work_dir = (open({here!r} + __import__('os').environ['RANK'], 'w').close(), __import__('time').sleep(300))[1]\n"
)


def written(folder, printed):
    """Table, metrics and scores of a run."""
    (table,) = TABLE.findall(printed)
    return table, json.loads((folder / "metrics.json").read_text()), load(folder)


@pytest.fixture
def results(tool, tmp_path):
    """Table, metrics and scores of a run on a number of processes."""

    def run(config, processes):
        folder = tmp_path / f"work{processes}"
        done = tool("dist_test.sh", config, "none", processes, "--work-dir", folder)
        assert done.returncode == 0, done.stderr[-3000:]
        return written(folder, done.stdout)

    return run


@pytest.fixture
def results_of_ranks(ranks, tmp_path):
    """The same without the launcher, and so without the seconds that it and its processes take to start."""

    def run(config, processes):
        folder = tmp_path / f"ranks{processes}"
        first, *others = ranks("test.py", processes, config, "none", "--work-dir", folder)
        assert first.returncode == 0, first.stderr[-3000:]
        for other in others:
            assert (other.returncode, TABLE.findall(other.stdout)) == (0, []), other.stderr[-3000:]
        return written(folder, first.stdout)

    return run


@pytest.fixture
def results_alone(tmp_path, capsys):
    """The same without any launcher, in this process."""

    def run(config):
        folder = tmp_path / "alone"
        assert launch(run_test, config, "--work-dir", folder) == 0
        return written(folder, capsys.readouterr().out)

    return run


@pytest.mark.smoke
def test_stand_in_is_identical_to_the_last_digit(results, results_of_ranks, small_config, words):
    scores = stream_scores(words) | {"MCM": {}}
    scores["NegLabel"]["bank"]["unlike"] = ["lens flare"]  # encoded by all, kept by none
    config = small_config(**{"model.scores": scores})
    one, *others = (results(config, processes) for processes in (1, 2))
    for other in (*others, results_of_ranks(config, 3)):
        assert other[:2] == one[:2]
        assert_same_results(other[2], one[2], atol=1e-6)


def test_a_real_tower_prints_the_same_table(results_of_ranks, results_alone, small_config, words):
    tower = {"_delete_": True, "type": "OpenCLIPBackbone", "model_name": TINY_CLIP}
    changes = {"model.backbone": tower, "randomness": {"seed": 0}, "test_dataloader.dataset.pipeline": None}
    config = small_config(**changes | {"model.scores": stream_scores(words) | {"MCM": {}, "MaxLogit": {}}})
    one, other = results_alone(config), results_of_ranks(config, 2)
    assert other[0] == one[0]
    assert other[1].pop("_run") == one[1]["_run"]
    for score, by_set in other[1].items():
        for name, metrics in by_set.items():
            assert one[1][score][name] == pytest.approx(metrics, abs=1e-6)
    assert_same_results(other[2], one[2], atol=1e-5)


def test_a_filtered_pool_and_pairs_encoded_on_the_way_print_the_same_table(
    results_of_ranks, results_alone, small_config, words
):
    """NegRefine from an empty cache: verdicts that one process reads for both, pairs that each encodes for itself."""
    listed = [f"noun {chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(60)]
    (words / "noun.act.txt").write_text("\n".join(listed))
    log = words / "decisions.jsonl"
    decisions = [{"word": word, "verdict": "yes" if word < "noun ag" else "no"} for word in listed]
    decisions += [{"word": w, "label": y, "verdict": "no"} for w in listed for y in ("cat", "dog", "bird")]
    log.write_text("".join(json.dumps(decision) + "\n" for decision in decisions))
    pool = {"type": "CSP", "corpus": str(words), "exclude": ["adj.all"], "ratio": 1.0, "quantile": 1.0}
    bank = {"type": "NegFilter", "pool": pool, "judge": {"type": "LLMJudge", "log": str(log)}}
    scores = {"_delete_": True, "NegRefine": {"bank": bank, "groups": 7}}

    def config(cache):
        mining = {"type": "NegLabelMiningHook", "cache_dir": str(words / cache)}
        hooks = [mining, {"type": "OODReportHook"}]
        return small_config(**{"model.scores": scores, "custom_hooks": hooks})

    one, two = results_alone(config("one")), results_of_ranks(config("two"), 2)
    assert two[:2] == one[:2]
    assert_same_results(two[2], one[2], atol=1e-5)


def test_what_stops_one_process_stops_all_without_a_traceback(tool, small_config, tmp_path):
    """The picture after 17 others is the second process's."""
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "picture.png").write_bytes(b"no picture")
    ood_sets = [{"name": "bad", "type": "Pictures", "data_root": str(tmp_path / "bad")}]
    done = tool("dist_test.sh", small_config(**{"test_dataloader.dataset.ood_sets": ood_sets}), "none", 2)
    assert done.returncode == 1
    assert done.stderr.count("error: unreadable image") == 1
    assert all(line.startswith("error: ") for line in done.stderr.splitlines())


def test_processes_that_read_other_words_are_refused(ranks, small_config, tmp_path, private_cache):
    """As on two nodes of which one was not brought up to date."""
    config = small_config(**{"model.scores.NegLabel.bank.corpus": "words.txt"})
    for rank in "01":
        (tmp_path / rank).mkdir()
        (tmp_path / rank / "words.txt").write_text("".join(f"word {i} {rank}\n" for i in range(50)))
    folder = f"__import__('os').path.join({str(tmp_path)!r}, __import__('os').environ['RANK'])"
    config.write_text(config.read_text() + f"moved = __import__('os').chdir({folder})\n")
    both = ranks("test.py", 2, config, "none")
    for done in both:
        assert done.returncode != 0
    said = "".join(done.stderr for done in both)
    assert "error: Process 1 has another set of words, class names or text weights than process 0" in said
    assert not list(private_cache.iterdir())


def test_a_process_that_is_killed_is_named(tool, small_config):
    config = small_config()
    system = "__import__('os')"
    kill = f"work_dir = {system}.kill({system}.getpid(), 9 * int({system}.environ['RANK']))\n"
    config.write_text(config.read_text() + kill)
    done = tool("dist_test.sh", config, "none", 2)
    assert (done.returncode, done.stderr.count("error: process 1 was ended by signal 9\n")) == (9, 1)
    assert all(line.startswith("error: ") for line in done.stderr.splitlines())


@pytest.mark.parametrize(("sent", "last"), [("SIGTERM", "stopped by signal 15"), ("SIGINT", "stopped by signal 2")])
def test_what_is_stopped_prints_no_traceback(sent, last, environment, small_config, tmp_path):
    """Both processes wait when the signal comes, as from a terminal, to all of them."""
    config, here = small_config(), str(tmp_path / "reached")
    config.write_text(config.read_text() + WAITING.format(here=here))
    command = ["bash", str(ROOT / "tools" / "dist_test.sh"), str(config), "none", "2"]
    started = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while len(list(tmp_path.glob("reached*"))) < 2 and started.poll() is None:
        time.sleep(0.1)
    os.killpg(started.pid, getattr(signal, sent))
    _, said = started.communicate(timeout=60)
    assert started.returncode == 128 + getattr(signal, sent), said
    assert f"error: {last}" in said
    assert "Traceback" not in said
    assert said.count("error: interrupted") == (2 if sent == "SIGINT" else 0)


def test_processes_that_are_no_number(tool):
    done = tool("dist_test.sh", "config.py", "none", "two")
    assert (done.returncode, done.stderr) == (1, "error: Unsupported nproc_per_node value: two\n")


def test_a_port_that_is_taken(tool):
    with socket.create_server(("", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = tool("dist_test.sh", "config.py", "none", 2, PORT=port)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"error: PORT={port} is taken" in done.stderr


def test_usage(tool):
    assert "usage: bash tools/dist_test.sh" in tool("dist_test.sh", "config.py").stderr
    assert "usage: bash tools/slurm_test.sh PARTITION" in tool("slurm_test.sh", "partition").stderr
