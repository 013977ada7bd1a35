"""Each row once and the same, whoever dies when; where a picture kills, it alone is left out."""

import errno
import json
import os
import random
import resource
import signal
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from mmneglabel.apis.inputs import Picture
from mmneglabel.errors import DataError
from mmneglabel.sharding import load_plan, summarise, take
from test_sharding.by_name import ByName, dies, listed, lives, parts, planned, result, work

STEPS = ((os, "fsync"), (os, "link"), (os, "write"), (Path, "replace"), (Path, "unlink"), (Path, "write_text"))


def after(before, usual):
    """What it does usually, once something else was done."""

    def both(*args, **settings):
        before()
        return usual(*args, **settings)

    return both


@pytest.fixture
def calm(tmp_path):
    """A folder of 20 shards, done in one go."""
    planned(tmp_path / "calm", listed(tmp_path, 990))
    assert [shard for shard, _ in work(tmp_path / "calm")] == list(range(20))
    return tmp_path / "calm"


@pytest.fixture
def out(calm, tmp_path):
    """The same, not begun."""
    planned(tmp_path / "out", str(tmp_path / "list.txt"))
    return tmp_path / "out"


def test_rows_are_the_results_in_order(calm):
    rows = parquet.read_table(calm / "parts").to_pylist()
    assert [row["image"] for row in rows] == [f"/pictures/{number:06}.png" for number in range(990)]
    assert [(row["shard"], row["row"]) for row in rows] == [divmod(number, 50) for number in range(990)]
    for row in rows[::99]:
        expected = result(Picture(row["image"], row["image"]))
        assert row["against"] == ["word", "other"]
        for name in row.keys() & expected.keys() - {"against", "ood_score"}:
            assert row[name] == expected[name], name
        assert row["ood_score"] == pytest.approx(expected["ood_score"], rel=1e-7)
    assert not list((calm / "work").iterdir())


def test_twenty_kills_change_nothing(calm, out, monkeypatch):
    """Between any two things that a worker does, unseen, as when a machine goes."""
    chance, kills = random.Random(0), 0
    for _ in range(30):
        left = chance.randrange(1, 120)

        def mortal(*_):
            nonlocal left
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

        for owner, name in STEPS:
            monkeypatch.setattr(owner, name, after(mortal, getattr(owner, name)))
        (end,) = lives(out, ByName(mortal), seen=False)
        monkeypatch.undo()
        if not end:
            break
        assert end == -signal.SIGKILL
        kills += 1
        if kills == 20:
            work(out)
            break
    assert kills == 20
    assert parts(out) == parts(calm)


def test_two_at_one_shard(calm, out):
    """Each is told that nobody else is there."""
    assert lives(out, ByName(), ByName(), alone=True) == [0, 0]
    assert parts(out) == parts(calm)


def test_two_workers_share(calm, out):
    assert lives(out, ByName(), ByName()) == [0, 0]
    work(out)  # the other may just have begun what one of them left
    assert parts(out) == parts(calm)


def test_a_picture_that_kills_is_set_aside(calm, out):
    """Whether it is first or last of its batch; the others of its shard have their results."""
    deadly = {"/pictures/000100.png", "/pictures/000123.png", "/pictures/000989.png"}
    killer = dies(lambda what, name: what == "loading" and name in deadly)
    ends = []
    while not ends or ends[-1]:
        ends += lives(out, killer)
    assert len(ends) == 9  # two shards at full speed, and each picture twice with care; then an orderly end
    found = summarise(load_plan(out))
    assert found["set_aside"] == [[2, 0], [2, 23], [19, 39]]
    assert (found["finished"], found["given_up"], found["counts"]["error"]) == (20, [], 3)
    rows, calmly = (parquet.read_table(folder / "parts").to_pylist() for folder in (out, calm))
    assert [row["error"] for row in rows if row["image"] in deadly] == ["processes died of reading it"] * 3
    assert [row for row in rows if row["image"] not in deadly] == [row for row in calmly if row["image"] not in deadly]


def test_a_batch_that_kills_gives_its_shard_up(calm, out):
    killer = dies(lambda what, name: what == "scoring" and "/pictures/000123.png" in name)
    ends = []
    while not ends or ends[-1]:
        ends += lives(out, killer)
    assert len(ends) == 5
    found = summarise(load_plan(out))
    assert (found["finished"], found["given_up"], found["set_aside"]) == (19, [2], [])
    assert parts(out).items() < parts(calm).items()
    (out / "work" / "shard-0000002.json").unlink()
    work(out)
    assert parts(out) == parts(calm)


def test_who_is_lost_thrice_is_followed_with_care(out):
    """As where a machine's memory is short, and all of it goes when a picture is read."""
    killer = dies(lambda what, name: what == "loading" and name == "/pictures/000100.png")
    for _ in range(5):
        assert lives(out, killer, seen=False) == [-signal.SIGKILL]
    assert lives(out, killer, seen=False) == [0]
    assert summarise(load_plan(out))["set_aside"] == [[2, 0]]


def test_a_full_disk(calm, out):
    """A line, no part of that name, and later all of it."""

    def fills(what, name):
        if name == "/pictures/000150.png":
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

    if not (child := os.fork()):
        try:
            work(out, ByName(fills))
        except DataError as error:
            os._exit(7 if os.strerror(errno.EFBIG) in str(error) and "part-0000003.parquet" in str(error) else 8)
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert sorted(parts(out)) == [f"part-000000{number}.parquet" for number in range(3)]
    assert [path.name for path in (out / "parts").iterdir() if path.name.startswith(".")] == []
    work(out)
    assert parts(out) == parts(calm)


def test_who_is_elsewhere_counts_by_signs_of_life(out):
    lease = take(out, 4)
    held = json.loads(lease.path.read_text())
    lease.path.write_text(json.dumps({**held, "host": "elsewhere"}))
    assert take(out, 4) is None
    assert [shard for shard, _ in work(out)] == [n for n in range(20) if n != 4]
    os.utime(lease.path, (0, 0))
    assert [shard for shard, _ in work(out)] == [4]


@pytest.mark.parametrize("left", ["my number", "its number came again", "damaged"])
def test_who_is_gone_is_followed_whatever_its_number_is_now(left, calm, out):
    lease = take(out, 4)
    if left != "my number":
        held = json.loads(lease.path.read_text())
        lease.path.write_text(json.dumps({**held, "pid": os.getppid()}) if left != "damaged" else "")
        assert take(out, 4) is None
        os.utime(lease.path, (0, 0))
    work(out)
    assert parts(out) == parts(calm)


def test_killed_at_any_step(tmp_path, monkeypatch):
    """One after the other, until one is never reached; whoever comes next finishes."""
    path = listed(tmp_path, 12)
    planned(tmp_path / "calm", path, shard=8)
    work(tmp_path / "calm")
    for step in range(1, 100):
        planned(tmp_path / str(step), path, shard=8)
        left = step

        def mortal(*_):
            nonlocal left
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

        for owner, name in STEPS:
            monkeypatch.setattr(owner, name, after(mortal, getattr(owner, name)))
        (end,) = lives(tmp_path / str(step), ByName(mortal), seen=False)
        monkeypatch.undo()
        work(tmp_path / str(step))
        assert parts(tmp_path / str(step)) == parts(tmp_path / "calm"), step
        if not end:
            break
    assert 30 < step < 99


def test_a_damaged_part_is_made_again(calm, out):
    work(out)
    path = out / "parts" / "part-0000003.parquet"
    path.write_bytes(path.read_bytes()[:100])
    assert [shard for shard, _ in work(out)] == [3]
    assert parts(out) == parts(calm)
