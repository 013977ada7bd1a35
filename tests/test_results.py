"""The results file: what goes in comes out, nothing is copied, and what is no such file is one line."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from mmneglabel.errors import DataError
from mmneglabel.results import FILE, NO_LABEL, PlayedStreams, Results, load, only_label
from mmneglabel.storage.strings import Strings

PLAIN = Results(
    set_names=("ID", "sun"),
    score_names=("NegLabel", "MCM"),
    set_index=np.array([0, 0, 1, 1]),
    scores=np.array([[0.9, 1], [0.8, 2], [0.1, 3], [np.nan, 4]]),
    pred_label=np.array([0, 1, 1, NO_LABEL]),
    gt_label=np.array([0, 0, NO_LABEL, NO_LABEL]),
    unreadable={3: "s/ü.png: broken"},
)
FULL = replace(
    PLAIN,
    groups={"far": ("sun",)},
    log_odds_names=("NegLabel",),
    log_odds=np.array([[3.5], [1e-300], [-3.5], [np.nan]]),
    paths=("i/a.png", "i/b.png", "s/\udcff.png", "s/ü.png"),
    class_names=("cat", "dog"),
    shares_of="NegLabel",
    shares={
        "labels": np.array([[0, 1]] * 4, np.int32),
        "label_shares": np.full((4, 2), 0.3, np.float32),
        "negatives": np.array([[2, 0]] * 4, np.int32),
        "negative_shares": np.full((4, 2), 0.1, np.float32),
    },
    negatives=("noun a", "noun b", "adj c"),
    words={
        "distances": np.array([0.9, 0.8, 0.7], np.float32),
        "adjectives": np.array([False, False, True]),
        "label_map": np.ones((2, 2), np.float32),
        "negative_map": np.zeros((3, 2), np.float32),
    },
    streams={
        "A (stream)": PlayedStreams("shuffled", 2, (0, 1), {"sun": np.array([[0.5, 0.25, 1.5], [0.4, 0.2, -1.5]])}),
        "B (stream)": PlayedStreams("given", 1, (7,), {"sun": np.array([[0.1, 0.2, 0.3]])}),
    },
    thresholds={"NegLabel": {"sun": {"fpr95_id_positive": 0.1 + 0.2}}},
    run={"pixels": {"size": [8, 8]}},
    made={"command": "python -m mmneglabel test 'a b.py'", "versions": {"torch": "2"}},
)


def plain(thing):
    """Arrays and packed strings as lists."""
    if isinstance(thing, PlayedStreams):
        return plain(vars(thing))
    if isinstance(thing, dict):
        return {name: plain(value) for name, value in thing.items()}
    return thing.tolist() if isinstance(thing, np.ndarray) else list(thing) if isinstance(thing, Strings) else thing


@pytest.mark.parametrize("wanted", [PLAIN, FULL], ids=["least", "all"])
@pytest.mark.parametrize("by", ["file", "work dir"])
def test_round_trip(tmp_path, wanted, by):
    wanted.save(tmp_path / FILE)
    got = load(tmp_path / FILE if by == "file" else tmp_path)
    for field in fields(Results):
        mine, theirs = (plain(getattr(results, field.name)) for results in (got, wanted))
        if isinstance(theirs, tuple) and isinstance(mine, list):
            theirs = list(theirs)
        assert repr(mine) == repr(theirs), field.name  # NaN is NaN, and every bit of a float shows
    assert got.scores.dtype == np.float64


def test_helpers():
    assert FULL.readable.tolist() == [True, True, True, False]
    assert FULL.of_set("sun").tolist() == [2]
    assert FULL.score("MCM", of="sun").tolist() == [3]
    assert np.isnan(FULL.score("MCM")).tolist() == [False, False, False, True]
    with pytest.raises(DataError, match="no score 'MSM'; did you mean 'MCM'"):
        FULL.score("MSM")
    with pytest.raises(DataError, match="no set 'sum'; did you mean 'sun'"):
        FULL.score("MCM", of="sum")
    known, ood = FULL.stream("A (stream)", "sun")
    assert (known.tolist(), ood.tolist()) == ([[0.5, 0.25], [0.4, 0.2]], [[1.5], [-1.5]])
    with pytest.raises(DataError, match=r"no stream 'A'; known: A \(stream\), B"):
        FULL.stream("A", "sun")
    with pytest.raises(DataError, match="no OOD set 'ID'; known: sun"):
        FULL.stream("A (stream)", "ID")
    assert len(FULL) == 4


def test_parts_of_a_later_version_are_passed_over(tmp_path):
    FULL.save(tmp_path / FILE)
    data = (tmp_path / FILE).read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["mmneglabel"])
    header["fields"]["later"] = [1]
    arrays = load_file(tmp_path / FILE) | {"later": np.ones(3)}
    save_file(arrays, tmp_path / FILE, {"mmneglabel": json.dumps(header)})
    assert load(tmp_path).score_names == FULL.score_names


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: None, r"No readable results at .*: run tools/test\.py first"),
        (lambda data: data[:-1], "holds no results"),
        (lambda data: data[:100], "holds no results"),
        (lambda data: b"text", "holds no results"),
        (lambda data: data.replace(b': \\"results', b': \\"reslts0'), "no results that this version"),
        (lambda data: data.replace(b'\\"version\\": 1', b'\\"version\\": 9'), "this version of mmneglabel reads"),
        (lambda data: data.replace(b"score_names", b"score_nanes"), r"holds no results \(KeyError"),
    ],
)
def test_what_is_no_results_file_is_one_line(tmp_path, spoil, says):
    FULL.save(tmp_path / FILE)
    spoiled = spoil((tmp_path / FILE).read_bytes())
    (tmp_path / FILE).unlink()
    if spoiled is not None:
        (tmp_path / FILE).write_bytes(spoiled)
    with pytest.raises(DataError, match=says) as caught:
        load(tmp_path / FILE)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be written"):
        PLAIN.save(tmp_path / "file" / FILE)


@pytest.mark.parametrize(
    ("label", "wanted"),
    [(None, -1), (3, 3), ([3], 3), ((), -1), ([1, 2], -1), (-5, -1), (np.int64(2), 2), (np.array(4), 4)],
)
def test_only_label(label, wanted):
    assert only_label(label) == wanted


@given(st.lists(st.text()))
def test_strings(strings):
    packed = Strings.of(strings)
    assert list(packed) == packed[:] == strings
    assert packed == Strings.of(strings)
    assert Strings.of(packed) is packed
    assert packed[-1:] == strings[-1:]
    with pytest.raises(IndexError):
        packed[len(strings)]
