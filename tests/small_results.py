"""Results of a few images, made by hand, as tables and figures are drawn from them."""

import numpy as np

from mmneglabel.evaluation import OODReport
from mmneglabel.evaluation.runs import Runs
from mmneglabel.results import PlayedStreams, Results

HOSTILE = ("<b>", "50%_x & y", 'a "quoted" $name^2~{\\alpha}$ #1', "[left] | *right*", "a very long name " * 8, "_x")


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
    random, index = np.random.default_rng(seed), np.repeat(np.arange(len(sets)), images)
    values = random.normal(0, 1, (len(index), len(scores))) + np.where(index == 0, 2, 0.3 * index)[:, None]
    label = np.where(index == 0, np.arange(len(index)) % 4, -1) if labels else np.full(len(index), -1)
    odds = {} if "NegLabel" not in scores else {"log_odds_names": ("NegLabel",), "log_odds": values[:, :1]}
    if odds:
        values = np.c_[1 / (1 + np.exp(-values[:, :1])), values[:, 1:]]
    drawn = {name: random.normal(0, 1, (len(streams), 2 * images)) for name in sets[1:]}
    for each in drawn.values():
        each[:, :images] += 1
    played = {"AdaNeg (stream)": PlayedStreams("shuffled", 16, tuple(streams), drawn)} if streams else {}
    run = {"scores": {name: {"type": f"{name}Score", "seed": seed} for name in scores}, **(facts or {})}
    given = {
        "groups": {}, "paths": [f"/data/{seed}/set{i}/{n}.png" for n, i in enumerate(index)], "run": run,
        "streams": played, **odds, **more,
    }  # fmt: skip
    guess = np.where(random.random(len(index)) < 0.8, label, 0) if labels else label
    return Results(tuple(sets), tuple(scores), index, values, guess, label, **given)


def runs(name="run", *found):
    """Runs of these results."""
    return Runs(name, {f"{name}-{i}": OODReport(one) for i, one in enumerate(found or (made(),))})
