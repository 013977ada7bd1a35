"""What a test found, to look at: a page, figures and tables for a paper."""

from mmneglabel.visualization.figures import (
    draw_ablation,
    draw_cases,
    draw_histograms,
    draw_roc,
    draw_scores,
    telling_cases,
)
from mmneglabel.visualization.formats import as_csv, as_json, as_latex, as_markdown, as_text
from mmneglabel.visualization.page import html_page
from mmneglabel.visualization.tables import select

__all__ = [
    "as_csv",
    "as_json",
    "as_latex",
    "as_markdown",
    "as_text",
    "draw_ablation",
    "draw_cases",
    "draw_histograms",
    "draw_roc",
    "draw_scores",
    "html_page",
    "select",
    "telling_cases",
]
