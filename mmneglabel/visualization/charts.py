"""Where lines, areas and dots of the charts stand; `page.html` draws them as SVG, and `page.css` colours them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmneglabel.visualization.curves import Curve, Histogram

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 46, WIDTH - 18, 10, HEIGHT - 36
"""The edges of the plane between the axes."""

LINES = 8
"""Styles of lines in `page.css` that can be told apart."""

MAP_WIDTH, MAP_HEIGHT = 720, 440

_MARGIN = 12
_TICKS = 5
_LINE = 16
"""From word to word at the edges of the map."""
_LEAST_SHARE = 1e-4


@dataclass(frozen=True)
class Chart:
    """A chart with two axes.

    Attributes:
        label: what it shows, for whoever does not see it.
        titles: of the axes.
        x_ticks: place and text of each mark across.
        y_ticks: the same upwards.
        shapes: class of style and SVG path of each line or area, the undermost first.
    """

    label: str
    titles: tuple[str, str]
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    shapes: list[tuple[str, str]]


def histogram_chart(found: Histogram, id_set: str, ood_set: str, threshold: float | None) -> Chart:
    """Shares of the ID images and of an OOD set's by their values, and the threshold, where it is in sight."""
    low, high = float(found.edges[0]), float(found.edges[-1])
    top = 1.05 * float(max(found.shares[name].max() for name in (id_set, ood_set)))
    across, down = _scale(low, high, LEFT, RIGHT), _scale(0, top, BOTTOM, TOP)
    shapes = []
    for kind, name in (("ood", ood_set), ("id", id_set)):
        x, y = np.repeat(found.edges, 2), np.concatenate([[0], np.repeat(found.shares[name], 2), [0]])
        shapes.append((f"area {kind}", f"{_path(across(x), down(y))}Z"))
    if threshold is not None and low < threshold < high:
        shapes.append(("threshold", f"M{across(threshold):.1f} {TOP}V{BOTTOM}"))
    return Chart(
        f"Histogram of {id_set} (ID) and {ood_set} (OOD); the better the score, the less they overlap",
        (unit(found.is_share), "share of images"),
        [(across(value), f"{value:g}") for value in ticks(low, high)],
        [(down(value), f"{100 * value:g}%") for value in ticks(0, top)],
        shapes,
    )


def curves_chart(label: str, titles: tuple[str, str], curves: Sequence[Curve]) -> Chart:
    """At most :data:`LINES` lines in the unit square, numbered in their order."""
    across, down = _scale(0, 1, LEFT, RIGHT), _scale(0, 1, BOTTOM, TOP)
    marks = ticks(0, 1)
    return Chart(
        label,
        titles,
        [(across(value), f"{100 * value:g}%") for value in marks],
        [(down(value), f"{100 * value:g}%") for value in marks],
        [(f"line s{number}", _path(across(one.x), down(one.y))) for number, one in enumerate(curves)],
    )


@dataclass(frozen=True)
class Marked:
    """A word written at an edge of the map: its kind, the place of its dot, the height and the side of the writing."""

    kind: str
    word: str
    x: int
    y: int
    height: int
    left: bool


@dataclass(frozen=True)
class WordMap:
    """Dots on a plane.

    Attributes:
        layers: class of style -> SVG path of dots, in the order of the words.
        marked: words that are written, with a line to their dots.
    """

    layers: dict[str, str]
    marked: list[Marked]


def word_map(layers: Mapping[str, NDArray[np.float32]], marked: Sequence[tuple[str, str, NDArray]]) -> WordMap:
    """Lay out places (P, 2) of each layer, and those of kinds and words that are marked, all on one scale."""
    every = np.concatenate(list(layers.values()))
    middle = (every.min(axis=0) + every.max(axis=0)) / 2
    room = np.array([MAP_WIDTH - 2 * _MARGIN, MAP_HEIGHT - 2 * _MARGIN])
    scale = float((room / np.maximum(np.ptp(every, axis=0), 1e-9)).min())

    def places(points: NDArray) -> list[list[int]]:
        centred = (points - middle) * [scale, -scale] + [MAP_WIDTH / 2, MAP_HEIGHT / 2]
        return centred.round().astype(int).tolist()

    # A line of no length with round ends is a dot, and takes ten bytes.
    dots = {kind: "".join(f"M{x} {y}h0" for x, y in places(points)) for kind, points in layers.items()}
    dotted = sorted(((kind, word, *places(point[None])[0]) for kind, word, point in marked), key=lambda one: one[2])
    half = len(dotted) // 2
    return WordMap(dots, [*_written(dotted[:half], True), *_written(dotted[half:], False)])


def _written(dotted: Sequence[tuple[str, str, int, int]], left: bool) -> list[Marked]:
    """Words below one another at one edge, each as near to the height of its dot as those above leave it."""
    heights: list[int] = []
    ordered = sorted(dotted, key=lambda one: one[3])
    for place, (*_, y) in enumerate(ordered):
        room_below = MAP_HEIGHT - _MARGIN - _LINE * (len(ordered) - 1 - place)
        heights.append(max(heights[-1] + _LINE if heights else _MARGIN, min(y, room_below)))
    return [Marked(*one, height, left) for one, height in zip(ordered, heights, strict=True)]


def bar_length(share: float) -> float:
    """Of a bar the part that a share fills: on a logarithmic scale from 0.01 % on.

    A word's share is 1 / groups at most, so on a plain scale none would be seen beside the labels.
    """
    return max(0.0, 1 - log10(max(share, _LEAST_SHARE)) / log10(_LEAST_SHARE))


def unit(is_share: bool) -> str:
    """What the values of a score are."""
    return "log-odds of the score" if is_share else "score"


def ticks(low: float, high: float) -> list[float]:
    """Round numbers from low to high, five or somewhat more."""
    step = (high - low) / _TICKS
    power = 10.0 ** floor(log10(step))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * (1 - 1e-9))
    return [float(f"{number * step:.12g}") for number in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def _scale(low: float, high: float, start: float, end: float) -> Callable[[Any], Any]:
    """From values to places."""
    return lambda values: start + (end - start) * (values - low) / (high - low)


def _path(across: NDArray[np.float64], down: NDArray[np.float64]) -> str:
    """A line through points, without those that move nothing visible."""
    points = zip(across.round(1).tolist(), down.round(1).tolist(), strict=True)
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in dict.fromkeys(points))
