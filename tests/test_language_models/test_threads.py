"""Jobs in threads: order, failures, and the pace they keep."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial

import pytest

from mmneglabel.language_models.threads import Pace, as_answered


def test_what_ended_beside_a_failure_is_given_first(monkeypatch):
    def fail():
        raise ValueError("job 0")

    monkeypatch.setattr(
        "mmneglabel.language_models.threads.wait", lambda jobs, return_when: wait(jobs, return_when="ALL_COMPLETED")
    )
    came = []
    jobs = [(fail, 0), (lambda: "b", 1), (lambda: "c", 2), (lambda: "d", 3)]
    with ThreadPoolExecutor(2) as pool, pytest.raises(ValueError, match="job 0"):
        came.extend(as_answered(pool, jobs, ahead=3))  # keeps what came before an error
    assert sorted(came) == [(1, "b"), (2, "c")]


def test_no_more_than_so_many_are_handed_out_ahead():
    handed = []

    def jobs():
        for index in range(20):
            handed.append(index)
            yield partial(str, index), index

    with ThreadPoolExecutor(2) as pool:
        answers = as_answered(pool, jobs(), ahead=5)
        first = next(answers)
        assert len(handed) == 5
        assert sorted([first, *answers]) == [(index, str(index)) for index in range(20)]


def test_pace_spaces_its_callers_evenly():
    pace, times = Pace(1200), []
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            pool.submit(lambda: (pace.wait(), times.append(time.monotonic())))
    times.sort()
    assert times[-1] - times[0] >= 4 * 0.05 * 0.9


def test_a_stopped_pace_holds_nobody():
    pace = Pace(1)
    pace.wait()
    waiting = threading.Thread(target=pace.wait)
    waiting.start()
    pace.stop()
    waiting.join(timeout=5)
    assert not waiting.is_alive()
