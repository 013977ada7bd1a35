"""How figures look: our style and no other, lines that colour-blind eyes and grey prints tell apart, legends, files."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice, product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mmneglabel.storage.text_files import written_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours without yellow, which is too light for a line, from dark to light and back: neighbours differ
# in grey, too.
COLOURS = ("#000000", "#D55E00", "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9")
DASHES = ("-", (0, (4, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)), (0, (5, 1, 1, 1, 1, 1)))
_STYLE = {
    "font.size": 7,
    "axes.titlesize": 7,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.1,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "text.parse_math": False,  # a name with two $ is no formula
    "text.usetex": False,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "mmneglabel",
    "savefig.dpi": 300,
}
# What says when a file was made: the same results give the same bytes.
_UNDATED = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": {}}
_LETTER = 4.2 / 72
"""Inches that a letter takes, on the safe side."""


def save(draw: Callable[[], "Figure"], paths: Sequence[Path]) -> None:
    """Draw a figure in our style, whatever the user's is, and write each file whole, in the format of its suffix."""
    with style():
        figure = draw()
        for path in paths:
            kind = path.suffix.removeprefix(".")
            with written_whole(path) as part:
                figure.savefig(part, format=kind, metadata=_UNDATED[kind])


def as_pixels(draw: Callable[[], "Figure"]) -> NDArray[np.uint8]:
    """Draw a figure in our style as RGB pixels (H, W, 3), 200 an inch."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with style():
        figure = draw()
        figure.set_dpi(200)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()


@contextmanager
def style() -> Iterator[None]:
    """While figures are drawn and written, Matplotlib's settings are its defaults and ours."""
    import matplotlib  # takes half a second

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def new_figure(width: float, height: float) -> "Figure":
    """An empty one, of inches, whose parts make room for one another."""
    from matplotlib.figure import Figure  # not pyplot, which keeps a list of figures and may ask for a screen

    return Figure((width, height), layout="constrained")


def legend_below(
    figure: "Figure", lines: Sequence[object], labels: Sequence[str], columns: int, title: str = ""
) -> None:
    """Below all axes, where it covers no curve."""
    figure.legend(lines, [*labels], loc="outside lower center", ncols=columns, title=title or None, columnspacing=1.2)


def line_styles(count: int) -> Iterator[tuple[str, object]]:
    """Colours with dashes; no two alike before all pairs are used."""
    pairs = [(COLOURS[i % len(COLOURS)], DASHES[(i + turn) % len(DASHES)]) for turn, i in product(range(5), range(7))]
    return islice(cycle(pairs), count)


def short(name: str, width: float, others: int) -> str:
    """A name that fits into so many inches beside so many ``others`` letters; what is left out is its middle."""
    half = max(3, (round(width / _LETTER) - others) // 2)
    return name if len(name) <= 2 * half else f"{name[:half]}…{name[1 - half :]}"


def scale(axes: "Axes", values: NDArray[np.float64]) -> None:
    """Logarithmic over a decade or more; labels at the values that leave room for one another."""
    if logarithmic := values[0] > 0 and values[-1] / values[0] > 9.99:
        axes.set_xscale("log")
    places = np.log(values) if logarithmic else values
    kept = [len(values) - 1]
    for i in range(len(values) - 2, -1, -1):
        if places[kept[-1]] - places[i] > 0.085 * (places[-1] - places[0]):
            kept.append(i)
    axes.set_xticks(values[kept], [f"{value:g}" for value in values[kept]])
    axes.set_xticks([], minor=True)
