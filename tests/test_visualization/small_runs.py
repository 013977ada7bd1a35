"""Results as a test leaves them, made by hand: small, with every part, and with hostile names on request."""

import numpy as np
from PIL import Image

from mmneglabel.results import PlayedStreams, Results

EVIL = '<script>alert("1")</script>'
QUOTED = 'it\'s "quoted" & <b>bold.png'


def run(folder=None, seed=0, known=40, ood=(30, 25), names=("NegLabel", "MCM"), mined=300, **more):
    """A test of an ID set and two OOD sets; pictures lie in ``folder``. The first score is a share."""
    random = np.random.default_rng(seed)
    sizes = (known, *ood)
    sets = np.repeat(np.arange(len(sizes)), sizes)
    count = len(sets)
    log_odds = random.normal(np.array([6.0, 0.0, 2.0])[sets], 2.5)
    scores = np.column_stack([1 / (1 + np.exp(-log_odds)), *(log_odds + random.normal(0, 3, (len(names) - 1, count)))])
    classes = ("cat", EVIL, "polar bear", "50%_x & y")
    true = np.where(sets == 0, np.arange(count) % len(classes), -1)
    shares = np.sort(random.random((count, 5)) * 0.2, axis=1)[:, ::-1].astype(np.float32)
    negatives = [EVIL, *(f"word {number}" for number in range(mined - 1))]
    facts = {
        "set_names": ("animals", "street", "Ærø & <i>")[: len(sizes)],
        "score_names": names,
        "set_index": sets,
        "scores": scores,
        "pred_label": np.where(random.random(count) < 0.8, np.maximum(true, 0), 0),
        "gt_label": true,
        "log_odds_names": names[:1],
        "log_odds": log_odds[:, None],
        "paths": _pictures(folder, count),
        "class_names": classes,
        "shares_of": names[0],
        "shares": {
            "labels": random.integers(0, len(classes), (count, 5)).astype(np.int32),
            "label_shares": shares,
            "negatives": random.integers(0, mined, (count, 5)).astype(np.int32),
            "negative_shares": (shares / 100).astype(np.float32),
        },
        "negatives": negatives,
        "words": {
            "distances": random.random(mined).astype(np.float32),
            "adjectives": np.arange(mined) % 5 == 0,
            "label_map": random.normal(0, 1, (len(classes), 2)).astype(np.float32),
            "negative_map": random.normal(0, 1, (mined, 2)).astype(np.float32),
        },
        "run": {"pixels": {"size": [64, 64]}, "banks": {names[0]: {"words": "ours"}}},
        "made": {"command": "python -m mmneglabel test a.py", "date": "2026-01-01T00:00:00+00:00", "versions": {}},
    }
    return Results(**{**facts, **more})


def with_streams(**more):
    """The same with a score that learned while testing, three streams of it."""
    random = np.random.default_rng(1)
    found = run(**more)
    own = len(found.of_set("animals"))
    played = {name: random.random((3, own + len(found.of_set(name)))) for name in found.set_names[1:]}
    return run(streams={"TANL (stream)": PlayedStreams("shuffled", 8, (0, 1, 2), played)}, **more)


def _pictures(folder, count):
    if folder is None:
        return ()
    paths = [folder / f"{number} {QUOTED}" for number in range(count)]
    for number, path in enumerate(paths):
        Image.new("RGB", (120, 40), (number % 255, 90, 160)).save(path)
    return [str(path) for path in paths]
