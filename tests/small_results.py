"""Results of a few images, made by hand, as tables and figures are drawn from them."""

import numpy as np
from PIL import Image

from mmneglabel.evaluation import OODReport
from mmneglabel.evaluation.runs import Runs
from mmneglabel.results import PlayedStreams, Results

HOSTILE = ("<b>", "50%_x & y", 'a "quoted" $name^2~{\\alpha}$ #1', "[left] | *right*", "a very long name " * 8, "_x")


EVIL = '<script>alert("1")</script>'
QUOTED = 'it\'s "quoted" & <b>bold.png'


def made(
    seed=0,
    scores=("NegLabel", "MCM"),
    sets=("id", "near", "far"),
    images=40,
    labels=True,
    facts=None,
    streams=(),
    **more,
):
    """Results of so many images of each set; ``facts`` change ``run``, ``streams`` are seeds of "AdaNeg (stream)"."""
    counts = np.broadcast_to(images, len(sets))
    random, index = np.random.default_rng(seed), np.repeat(np.arange(len(sets)), counts)
    values = random.normal(0, 1, (len(index), len(scores))) + np.where(index == 0, 2, 0.3 * index)[:, None]
    label = np.where(index == 0, np.arange(len(index)) % 4, -1) if labels else np.full(len(index), -1)
    odds = {} if "NegLabel" not in scores else {"log_odds_names": ("NegLabel",), "log_odds": values[:, :1]}
    if odds:
        values = np.c_[1 / (1 + np.exp(-values[:, :1])), values[:, 1:]]
    own, *others = counts
    drawn = {
        name: random.normal(0, 1, (len(streams), own + other)) for name, other in zip(sets[1:], others, strict=True)
    }
    for each in drawn.values():
        each[:, :own] += 1
    played = {"AdaNeg (stream)": PlayedStreams("shuffled", 16, tuple(streams), drawn)} if streams else {}
    run = {"scores": {name: {"type": f"{name}Score", "seed": seed} for name in scores}, **(facts or {})}
    guess = np.where(random.random(len(index)) < 0.8, label, 0) if labels else label
    given = {
        "set_names": tuple(sets), "score_names": tuple(scores), "set_index": index, "scores": values,
        "pred_label": guess, "gt_label": label, "groups": {}, "run": run, "streams": played,
        "paths": [f"/data/{seed}/set{i}/{n}.png" for n, i in enumerate(index)], **odds,
    }  # fmt: skip
    return Results(**{**given, **more})


def runs(name="run", *found):
    """Runs of these results."""
    return Runs(name, {f"{name}-{i}": OODReport(one) for i, one in enumerate(found or (made(),))})


def shown(folder=None, seed=0, images=(40, 30, 25), sets=("animals", "street", "Ærø & <i>"), mined=300, **more):
    """The same with all that a page shows, and hostile names; pictures lie in ``folder``."""
    random, count = np.random.default_rng(seed), sum(images)
    classes = ("cat", EVIL, "polar bear", "50%_x & y")
    shares = np.sort(random.random((count, 5)) * 0.2, axis=1)[:, ::-1].astype(np.float32)
    words = {
        "class_names": classes,
        "shares_of": "NegLabel",
        "shares": {
            "labels": random.integers(0, len(classes), (count, 5)).astype(np.int32),
            "label_shares": shares,
            "negatives": random.integers(0, mined, (count, 5)).astype(np.int32),
            "negative_shares": (shares / 100).astype(np.float32),
        },
        "negatives": [EVIL, *(f"word {number}" for number in range(mined - 1))],
        "words": {
            "distances": random.random(mined).astype(np.float32),
            "adjectives": np.arange(mined) % 5 == 0,
            "label_map": random.normal(0, 1, (len(classes), 2)).astype(np.float32),
            "negative_map": random.normal(0, 1, (mined, 2)).astype(np.float32),
        },
        "made": {"command": "python -m mmneglabel test a.py", "date": "2026-01-01T00:00:00+00:00", "versions": {}},
    }
    return made(seed=seed, images=images, sets=sets, **{"paths": _pictures(folder, count), **words, **more})


def _pictures(folder, count):
    if folder is None:
        return ()
    paths = [folder / f"{number} {QUOTED}" for number in range(count)]
    for number, path in enumerate(paths):
        Image.new("RGB", (120, 40), (number % 255, 90, 160)).save(path)
    return [str(path) for path in paths]
