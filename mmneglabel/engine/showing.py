"""What a test found where MMEngine's visualizer shows pictures, such as TensorBoard."""

from functools import partial

from mmengine.visualization import LocalVisBackend, Visualizer

from mmneglabel.evaluation.report import OODReport
from mmneglabel.evaluation.runs import Runs
from mmneglabel.visualization import figures
from mmneglabel.visualization.curves import main_score
from mmneglabel.visualization.drawing import as_pixels
from mmneglabel.visualization.formats import as_markdown
from mmneglabel.visualization.tables import select

_WIDTH = 5.0


def show(visualizer: Visualizer, name: str, report: OODReport) -> None:
    """Hand the table, and of the main score histograms, ROC curves and single images, to the visualizer's backends.

    Where files on the disk are the only one, nothing is drawn: the page shows more. The table goes, as Markdown, to
    those that take text, as TensorBoard does; MMEngine has no call for it.

    Args:
        visualizer: MMEngine's of the run.
        name: what the run is called in the table.
        report: what the test found.
    """
    backends = [one for one in visualizer._vis_backends.values() if not isinstance(one, LocalVisBackend)]
    if not backends:
        return
    table = as_markdown(select([Runs(name, {name: report})]))
    for writer in (backend.experiment for backend in backends):
        if hasattr(writer, "add_text"):
            writer.add_text("ood/table", table)
    images, score = report.images, main_score(report.images)
    drawn = {}
    if score in images.score_names:
        drawn |= {
            "histograms": partial(figures.draw_histograms, report, score),
            "roc": partial(figures.draw_roc, report, score),
        }
    if score == images.shares_of:
        drawn["images"] = partial(figures.draw_cases, figures.telling_cases(images, score))
    for what, draw in drawn.items():
        visualizer.add_image(f"ood/{what}", as_pixels(partial(draw, width=_WIDTH)))
