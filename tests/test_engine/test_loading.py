"""Who waits for pictures is told what to change, if that helps."""

import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from mmneglabel.engine import loading
from mmneglabel.engine.loading import LoadingTime


@pytest.mark.parametrize(
    ("loads", "computes", "workers", "cores", "share"),
    [
        (30, 10, 8, 16, "75%"),
        (11, 10, 0, 1, "52%"),
        (9, 10, 8, 16, None),  # computing takes longer
        (30, 10, 16, 16, None),  # no core is left
        (3, 1, 8, 16, None),  # soon over
    ],
)
def test_what_is_told_of_three_batches(loads, computes, workers, cores, share, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(loading, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(loading.os, "cpu_count", lambda: cores)
    time = LoadingTime()
    for waits in (1000, loads, loads):  # before the first batch, workers are started
        clock[0] += waits
        time.got()
        clock[0] += computes * 2 / 3
        time.done()
    advice = time.advice(workers)
    told = f"{share} of the time was spent waiting for pictures: raise test_dataloader.num_workers (now {workers};"
    assert advice is None if share is None else advice.startswith(told)


def test_a_loop_without_batches_waits_for_none():
    assert LoadingTime().advice(0) is None


def test_a_test_tells(small_config, monkeypatch, tmp_path):
    for name in ("_LEAST_SHARE", "_LEAST_SECONDS"):
        monkeypatch.setattr(loading, name, 0)
    monkeypatch.setattr(loading.os, "cpu_count", lambda: 1)
    Runner.from_cfg(Config.fromfile(small_config())).test()
    (log,) = (tmp_path / "work").glob("*/*.log")
    assert (
        "waiting for pictures: raise test_dataloader.num_workers (now 0; this machine has 1 cores)" in log.read_text()
    )
