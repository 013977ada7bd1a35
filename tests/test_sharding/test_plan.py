"""What is in which shard, from every kind of input; and what is refused once it is settled."""

import json
import tarfile
import tracemalloc
from itertools import chain
from pathlib import Path

import pyarrow
import pyarrow.parquet as parquet
import pytest

from mmneglabel.apis.inputs import listed as all_listed
from mmneglabel.errors import DataError
from mmneglabel.sharding import load_plan, open_plan, turn_of
from test_sharding.by_name import ByName, listed, parts, planned, work


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """Files, a tar and lists of both, in the folder where one stands."""
    monkeypatch.chdir(tmp_path)
    for name in ("photos/b.png", "photos/a/2.jpg", "photos/a/1.jpg", "lists/own.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_bytes(name.encode())
    with tarfile.open("some.tar", "w") as tar:
        for name in ("photos/b.png", "photos/a/1.jpg"):
            tar.add(name, arcname=f"./{name}")
        tar.addfile(tarfile.TarInfo("notes.md"))
    tarfile.open("empty.tar", "w").close()
    (tmp_path / "lists/list.txt").write_text("photos/b.png 3\nown.png\nhttp://host/x.png\nsome.tar\n")
    parquet.write_table(pyarrow.table({"image": ["photos/b.png", "photos/a/2.jpg"]}), "list.parquet")
    return tmp_path


@pytest.mark.parametrize(
    ("given", "shards"),
    [
        ("photos", [["photos/a/1.jpg", "photos/a/2.jpg"], ["photos/b.png"]]),
        ("photos/*.png", [["photos/b.png"]]),
        ("some.tar", [["some.tar/./photos/b.png", "some.tar/./photos/a/1.jpg"]]),
        ("*.tar", [[], ["some.tar/./photos/b.png", "some.tar/./photos/a/1.jpg"]]),
        ("list.parquet", [["photos/b.png", "photos/a/2.jpg"]]),
        (
            "lists/list.txt",
            [["some.tar/./photos/b.png", "some.tar/./photos/a/1.jpg"], ["photos/b.png", "lists/own.png"],
             ["http://host/x.png"]],
        ),
    ],
)  # fmt: skip
def test_shards_of_every_input(given, shards, pictures, monkeypatch):
    plan = planned(pictures / "out", given, shard=2)
    found = [[picture.name for picture in plan.pictures(shard)] for shard in range(len(plan))]
    assert sorted(found) == sorted(shards)
    assert sorted(chain.from_iterable(found)) == sorted(picture.name for picture in all_listed(given))
    monkeypatch.chdir("/")  # whoever works on it stands elsewhere
    again = load_plan(pictures / "out")
    for picture in (one for shard in range(len(plan)) for one in again.pictures(shard)):
        if hasattr(picture.source, "read"):
            assert picture.source.read() == picture.name.removeprefix("some.tar/./").encode()
        elif not picture.name.startswith("http"):
            assert Path(picture.source).samefile(pictures / picture.name)


def test_what_cannot_be_found_costs_a_row(pictures):
    (pictures / "broken.tar").write_bytes(b"no tar" * 200)
    (pictures / "lists/photos").mkdir()
    (pictures / "lists/photos/b.png").write_bytes(b"another")
    plan = planned(pictures / "out", "lists/list.txt", "broken.tar", "empty.tar", shard=3)
    done = dict(work(pictures / "out"))
    assert sum(counts["images"] for counts in done.values()) == 3 + 2 + 1
    rows = parquet.read_table(pictures / "out/parts").to_pylist()
    errors = {row["image"]: row["error"] for row in rows if row["error"]}
    assert "no plain tar that can be read" in errors["broken.tar"]
    assert "photos/b.png may be" in errors["photos/b.png"]
    assert len(errors) == 2
    assert len(plan) == 4


def test_each_worker_begins_elsewhere():
    def turns(workers):
        return [list(turn_of(range(7), worker, workers)) for worker in range(1, workers + 1)]

    assert turns(1) == [list(range(7))]
    assert turns(3)[1] == [1, 4, 2, 5, 0, 3, 6]
    assert all(sorted(turn) == list(range(7)) for turn in turns(9))


def changed(name, value):
    def change(out):
        path = out / "plan.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))

    return change


def rewritten(out):
    (path,) = out.glob("rows-*")
    table = parquet.read_table(path)
    parquet.write_table(table.slice(1), path)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"shard": 40}, "planned with another shard, 50 and not 40: give the same as then, or another --out"),
        ({"batch_size": 4}, "planned with another batch size, 8 and not 4"),
        ({"detector": {"bank": "b", "score": "x"}}, "planned with another bank, a and not b"),
        ({"inputs": ["{list}", "{list}"]}, "planned with other inputs (their order is another, or was changed)"),
        ({"inputs": ["{list}", "{more}"]}, "more.png is another, or was changed)"),
        ({"more rows": lambda out: (out.parent / "list.txt").write_text("/a.png\n")}, "list.txt is another, or was"),
        ({"edited": changed("shard", 40)}, "plan.json was altered"),
        ({"another file": changed("rows", 3)}, "plan.json was altered"),
        ({"no file": lambda out: (out / "plan.json").write_text("[]")}, "plan.json is no plan (TypeError"),
        ({"rows rewritten": rewritten}, "was altered since it was planned"),
        ({"rows gone": lambda out: next(out.glob("rows-*")).unlink()}, "is no plan (FileNotFoundError"),
    ],
)  # fmt: skip
def test_another_plan_is_refused(given, says, tmp_path):
    out, inputs, more = tmp_path / "out", [listed(tmp_path, 120)], tmp_path / "more.png"
    more.touch()
    planned(out, *inputs)
    settings = {"inputs": inputs, "shard": 50, "batch_size": 8, "detector": {"bank": "a"}}
    assert len(open_plan(out, **settings)) == 3
    for name, value in given.items():
        if name in settings:
            settings[name] = [one.format(list=inputs[0], more=more) for one in value] if name == "inputs" else value
        else:
            value(out)
    with pytest.raises(DataError) as refused:
        open_plan(out, **settings)
    assert says in str(refused.value)
    assert not (out / "parts").exists()


def test_parts_of_another_plan_are_refused(tmp_path):
    planned(tmp_path / "one", listed(tmp_path, 120))
    work(tmp_path / "one")
    (tmp_path / "one/plan.json").unlink()
    planned(tmp_path / "one", str(tmp_path / "list.txt"), bank="another")
    with pytest.raises(DataError, match=r"part-0000000\.parquet is of another plan"):
        work(tmp_path / "one")


@pytest.mark.parametrize(
    ("given", "says"),
    [("empty.txt", "holds no pictures"), ("folder", "holds no pictures"), ("gone/*.png", "holds no pictures"),
     ("gone.txt", "gone.txt is neither a list, a folder, a tar nor a picture that is there")],
)  # fmt: skip
def test_no_pictures(given, says, tmp_path):
    (tmp_path / "empty.txt").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match=says):
        planned(tmp_path / "out", str(tmp_path / given))
    assert [path.name for path in (tmp_path / "out").glob("*")] == []


def test_who_plans_last_goes_by_the_first(tmp_path, monkeypatch):
    """Two see no plan: of what both write one counts, whole."""
    inputs = [listed(tmp_path, 120)]
    first = planned(tmp_path / "out", *inputs)
    there = type(tmp_path).exists
    monkeypatch.setattr(type(tmp_path), "exists", lambda path: path.name != "plan.json" and there(path))
    assert planned(tmp_path / "out", *inputs).digest == first.digest
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_memory_does_not_grow_with_the_list(tmp_path):
    def peak(rows):
        path = listed(tmp_path, rows)
        tracemalloc.start()
        plan = planned(tmp_path / f"out{rows}", path, shard=200)
        taken = [len(plan.pictures(shard)) for shard in range(len(plan))]
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert sum(taken) == rows
        return held

    small = peak(2_000)
    assert peak(20_000) < 1.5 * small


def test_the_same_list_is_the_same_plan(tmp_path):
    path = listed(tmp_path, 120)
    for name in ("one", "two"):
        planned(tmp_path / name, path)
        work(tmp_path / name, ByName())
    assert parts(tmp_path / "one") == parts(tmp_path / "two")
