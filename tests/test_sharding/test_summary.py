"""Counts of all shards, and what is flagged, against all rows at once."""

import json
import os

import numpy as np
import pyarrow.parquet as parquet
import pytest

from mmneglabel.calibration import flagged
from mmneglabel.errors import ConfigError
from mmneglabel.sharding import flag, load_plan, summarise, take
from test_sharding.by_name import ByName, listed, planned, work


class Half(ByName):
    """Half of the pictures are outliers with the lowest p-values there are; some cannot be read."""

    def batches(self, *args, **settings):
        for results in super().batches(*args, **settings):
            for row in results:
                number = int(row["image"][-10:-4])
                row["p_value"] = None if number % 17 == 0 else 0.01 * (1 + number % 3) if number % 2 else row["p_value"]
                row["error"] = None if number % 17 else "not a picture"
                row["decision"] = None if row["error"] else row["decision"]
            yield results


@pytest.fixture
def plan(tmp_path):
    plan = planned(tmp_path / "out", listed(tmp_path, 990))
    work(plan.folder, Half())
    return plan


def test_counts(plan):
    found = summarise(plan)
    rows = parquet.read_table(plan.folder / "parts").to_pylist()
    counts = {name: sum(row["decision"] == name for row in rows) for name in ("in", "out")}
    assert found["counts"] == {"error": 59, "images": 990, **counts}
    assert (found["shards"], found["finished"]) == (20, 20)
    assert json.loads((plan.folder / "summary.json").read_text()) == found


@pytest.mark.parametrize("rate", [0.001, 0.02, 0.1, 0.5])
def test_flags_are_those_of_all_rows_at_once(plan, rate):
    found = summarise(plan, rate)["flagged"]
    rows = parquet.read_table(plan.folder / "parts").to_pylist()
    p_values = np.array([row["p_value"] for row in rows if row["p_value"] is not None])
    read = [row for row in rows if row["p_value"] is not None]
    expected = [row for row, marked in zip(read, flagged(p_values, rate).tolist(), strict=True) if marked]
    assert parquet.read_table(plan.folder / "flagged.parquet").to_pylist() == expected
    assert found["images"] == len(expected)
    assert bool(expected) == (rate > 0.05)


def test_what_the_killed_left_goes(plan):
    """Half-written parts once nobody can be at them, leases of finished shards."""
    left = [plan.folder / "parts" / f".part-0000003.parquet.{name}.part" for name in ("old", "new")]
    for path in left:
        path.touch()
    os.utime(left[0], (0, 0))
    take(plan.folder, 3)
    summarise(plan)
    assert [path.exists() for path in left] == [False, True]
    assert list((plan.folder / "work").iterdir()) == []


def test_nothing_is_flagged_before_all_is_there(tmp_path):
    plan = planned(tmp_path / "out", listed(tmp_path, 120))
    next(iter_work(plan))
    assert "flagged" not in summarise(plan, 0.1)
    assert summarise(plan)["finished"] == 1


def iter_work(plan):
    from mmneglabel.sharding import score_shards

    yield from score_shards(plan, ByName(), [0])


def test_no_p_values(tmp_path):
    class Without(ByName):
        def batches(self, *args, **settings):
            for results in super().batches(*args, **settings):
                yield [row | {"p_value": None, "decision": None} for row in results]

    plan = planned(tmp_path / "out", listed(tmp_path, 12))
    work(plan.folder, Without())
    with pytest.raises(ConfigError, match="give predict a --threshold"):
        flag(load_plan(plan.folder), 0.1)
