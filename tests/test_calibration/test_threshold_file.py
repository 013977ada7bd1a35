"""threshold.json: read back as written, said to people, bound to its detector, and closed to editing."""

import json

import numpy as np
import pytest

from mmneglabel.calibration import Threshold, calibrate, detector_facts, load_threshold
from mmneglabel.errors import DataError

RUN = {
    "scores": {"NegLabel": {"type": "NegLabelScore", "groups": 100, "bank": "Other"}, "Mine": {"type": "MyScore"}},
    "banks": {"Other": {"method": "NegMining", "ratio": 0.15}},
    "image_tower": "ab" * 32,
    "pixels": {"size": [64, 64]},
}


@pytest.fixture
def threshold():
    found = calibrate(np.random.default_rng(0).normal(size=200), accept=0.9, review=0.99)
    facts = detector_facts(RUN, "NegLabel")
    return Threshold("NegLabel", "log_odds", found, facts, "data/good, Grüße", "2026-11-26", {"mmneglabel": "0.1.0"})


def test_read_back_as_written(threshold, tmp_path):
    path = tmp_path / "threshold.json"
    threshold.save(path)
    again = load_threshold(path)
    one, other = again.calibration, threshold.calibration
    assert (one.accept, one.refuse, one.n, one.guarantee) == (other.accept, other.refuse, other.n, other.guarantee)
    tried = np.linspace(-3, 3, 50)
    assert one.p_values(tried).tolist() == other.p_values(tried).tolist()
    assert one.decide(tried) == other.decide(tried)
    assert again.said() == threshold.said()
    again.check(detector_facts(RUN, "NegLabel"))
    again.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_said_to_people(threshold):
    said = threshold.said()
    assert "NegLabel: an image is in where its log-odds is above " in said
    assert "and for review in between" in said
    assert "On average 0.9 of good images pass: from 0.85" in said
    assert "interval, from 200 images" in said
    assert "Calibrated 2026-11-26 on data/good, Grüße, with mmneglabel 0.1.0." in said


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"scores": {"NegLabel": {"type": "NegLabelScore", "groups": 50, "bank": "Other"}}},
            "other parameters of the score:",
        ),
        ({"banks": {"Other": {"method": "NegMining", "ratio": 0.1}}}, "another bank of words and labels:"),
        ({"image_tower": "cd" * 32}, "another image tower:"),
        ({"image_tower": "cd" * 32, "pixels": {"size": [32, 32]}}, "another image tower and other pixels:"),
    ],
)
def test_another_detector_is_named(threshold, change, says):
    with pytest.raises(DataError, match=says):
        threshold.check(detector_facts({**RUN, **change}, "NegLabel"))


@pytest.mark.parametrize("score", ["Mine", "MCM"])
def test_a_score_that_nothing_is_known_of(score):
    with pytest.raises(DataError, match=f"Nothing says what '{score}' was computed with"):
        detector_facts(RUN, score)


def edit(content):
    content["accept"]["value"] += 1


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (edit, "was edited since it was written"),
        (lambda content: content.update(version=2), "holds no threshold that this version of mmneglabel reads"),
        (lambda content: content.pop("sha256"), r"holds no threshold \(KeyError"),
        (lambda content: content.clear(), r"holds no threshold \(KeyError"),
    ],
)
def test_a_file_that_is_none(threshold, tmp_path, spoil, says):
    path = tmp_path / "threshold.json"
    threshold.save(path)
    content = json.loads(path.read_text())
    spoil(content)
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match=says):
        load_threshold(path)


@pytest.mark.parametrize("text", ["", "[]", "{", "7", "null"])
def test_a_file_of_something_else(tmp_path, text):
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(DataError, match=r"t\.json"):
        load_threshold(tmp_path / "t.json")
