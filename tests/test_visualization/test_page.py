"""The page tells what the results tell, whoever opens it; how it behaves in a browser is in test_page_in_browser.py."""

import base64
import hashlib
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_results import EVIL, QUOTED, shown

from mmneglabel.errors import ConfigError
from mmneglabel.evaluation import METRIC_NAMES, OODReport, resample
from mmneglabel.evaluation.bootstrap import RESAMPLED
from mmneglabel.evaluation.table import TITLES
from mmneglabel.visualization.compare import Comparison
from mmneglabel.visualization.page import html_page
from mmneglabel.visualization.view import RunView


class Document(HTMLParser):
    """Tables as lists of rows, every attribute, every text outside script and style, whether elements close."""

    VOID = frozenset({"meta", "img", "input", "link", "br"})

    def __init__(self, html):
        super().__init__()
        self.tables, self.attributes, self.texts, self._open = [], [], [], []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.attributes += [(tag, *pair) for pair in attributes]
        if tag not in self.VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag, attributes):
        self.attributes += [(tag, *pair) for pair in attributes]

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] not in ("script", "style"):
            self.texts.append(data)
            if {"td", "th"} & {*self._open} and "table" in self._open:
                self.tables[-1][-1][-1] += data


@pytest.fixture(scope="module")
def pictured(tmp_path_factory):
    return shown(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def html(pictured):
    return html_page({"mine": pictured}, resamples=100)


def scores_table(html):
    head, *rows = Document(html).tables[0]
    assert len(head) == 2 + len(METRIC_NAMES)
    assert all(title.startswith(TITLES[name]) for name, title in zip(METRIC_NAMES, head[2:], strict=True))
    return {(row[0], row[1]): row[2:] for row in rows}


def number(cell):
    return float(cell.split()[0])


@pytest.mark.parametrize(
    "images", [shown(), shown(seed=3, groups={"all": ("street",)}), shown(streams=(0, 1, 2))], ids=["a", "b", "c"]
)
def test_numbers_are_those_of_metrics_json(images):
    table = scores_table(html_page({"mine": images}, resamples=50))
    metrics = OODReport(images).metrics
    blocks = {block: title for title in {title for title, _ in table} for block in metrics["MCM"]
              if title == block or title.startswith((f"{block} of", f"{block}: mean"))}  # fmt: skip
    assert blocks.keys() == metrics["MCM"].keys()
    assert len(table) == len(blocks) * len(metrics)
    for score, by_block in metrics.items():
        for block, title in blocks.items():
            for name, cell in zip(METRIC_NAMES, table[title, score], strict=True):
                assert number(cell) == round(100 * by_block[block][name], 2)
                assert ("sd" in cell) == (score not in images.score_names)


@pytest.mark.parametrize(
    "images",
    [shown(images=(124, 30, 25)), shown(seed=3, images=(41, 30, 25)), replace(shown(), scores=np.ones((95, 2)))],
)
def test_the_rates_at_95_percent_are_fpr95(images):
    head, *rows = next(rows for rows in Document(html_page({"mine": images}, resamples=2)).tables if "95 %" in rows[0])
    rates = {row[0]: [float(cell) for cell in row[1:]] for row in rows}
    metrics = OODReport(images).metrics["NegLabel"]
    for name in images.set_names[1:]:
        assert rates[name][head.index("95 %") - 1] == round(100 * metrics[name]["fpr95_id_positive"], 2)
        assert rates[name] == sorted(rates[name])


def test_best_is_written(html, pictured):
    table = scores_table(html)
    for block in ("street", "Ærø & <i>"):
        for column, name in enumerate(METRIC_NAMES):
            cells = {score: table[block, score][column] for score in pictured.score_names}
            pick = min if name.startswith("fpr") else max
            best = pick(map(number, cells.values()))
            assert {score for score, cell in cells.items() if "best" in cell} == {
                score for score, cell in cells.items() if number(cell) == best
            }


def test_whatever_a_name_holds_is_text(html):
    document = Document(html)
    assert html.count("<script") == 2  # the page's own, and the data of the words
    assert EVIL in "".join(document.texts)
    assert QUOTED in "".join(document.texts)
    assert any(QUOTED in (value or "") for tag, name, value in document.attributes if (tag, name) == ("img", "alt"))
    data = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', html, re.DOTALL)[1]
    assert "<" not in data


def test_nothing_is_asked_of_any_server(html):
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', html)[1].replace("&#39;", "'")
    for kind in ("style", "script"):
        (content,) = re.findall(rf"<{kind}>(.*?)</{kind}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:")
    for tag, name, value in Document(html).attributes:
        assert name != "style", tag
        assert not name.startswith("on"), (tag, name)
        assert name not in ("src", "href") or value.startswith(("data:image/webp;base64,", "#")), value


def test_charts_say_what_they_show(html):
    charts = re.findall(r"<svg [^>]*>", html)
    assert len(charts) > 8
    assert all('role="img" aria-label="' in chart or 'aria-hidden="true"' in chart for chart in charts)


def test_bars_say_for_and_against_without_their_colour(html):
    bars = re.findall(r'<svg class="bars".*?</svg>', html, re.DOTALL)
    assert bars
    for chart in bars:
        signs = re.findall(r'<text x="140"[^>]*>(.)</text>', chart)
        assert signs == [{"for": "+", "against": "−"}[kind] for kind in re.findall(r'<rect class="(\w+)"', chart)]
        assert {*signs} == {"+", "−"}


def test_anchors_lead_somewhere(html):
    ids = {value for _, name, value in Document(html).attributes if name == "id"}
    links = {value[1:] for _, name, value in Document(html).attributes if name == "href"}
    assert links
    assert links <= ids


def thumbnails(html):
    return [Image.open(io.BytesIO(base64.b64decode(data))) for data in re.findall(r"webp;base64,([^\"]+)", html)]


def test_pictures_are_small(html, pictured):
    found = thumbnails(html)
    assert 15 < len(found) == html.count("<article>") <= 24
    assert all(picture.format == "WEBP" and picture.size == (96, 32) for picture in found)
    assert thumbnails(html_page({"mine": pictured}, resamples=20, images=False)) == []
    assert len(thumbnails(html_page({"mine": pictured}, resamples=20, cases=4))) == 4
    assert thumbnails(html_page({"mine": pictured}, resamples=20, cases=0)) == []


def test_pictures_that_are_gone_or_broken_leave_the_rest(tmp_path):
    images = shown(tmp_path)
    for number, path in enumerate(images.paths):
        if number % 2:
            Path(path).write_bytes(b"")
    html = html_page({"mine": images}, resamples=20)
    assert "no picture" in html
    assert 0 < len(thumbnails(html)) < 21


def test_pictures_stand_as_people_see_them(tmp_path):
    """A camera's picture is turned by what it says of itself, and what is transparent stays so."""
    turned = Image.Exif()
    turned[0x0112] = 6
    images = shown(tmp_path)
    for path in images.paths:
        Image.new("RGBA", (200, 100), (1, 2, 3, 0)).save(path, exif=turned)
    assert {(one.size, one.mode) for one in thumbnails(html_page({"mine": images}, resamples=20))} == {
        ((48, 96), "RGBA")
    }


KINDS = {
    "without pictures": shown(),
    "one OOD set": shown(sets=("animals", "street"), images=(40, 30)),
    "one score": shown(scores=("NegLabel",)),
    "without labels": shown(labels=False),
    "without predictions": shown(labels=False, pred_label=np.full(95, -1)),
    "of a trained classifier": shown(shares_of=None, shares={}, negatives=(), words={}, log_odds_names=(),
                                   log_odds=np.empty((95, 0)), run={}, made={}),
    "of an earlier version": shown(words={}, made={}),
    "without mined words": shown(shares_of=None, shares={}, negatives=(), words={}),
    "with unreadable images": shown(unreadable={0: "broken", 50: "broken"}),
    "of files that are no UTF-8": shown(paths=[f"\udcff{number}.png" for number in range(95)]),
    "of many sets": shown(sets=("animals", *(f"set {number}" for number in range(20))), images=(40, *[5] * 20)),
    "of scores in the thousands": replace(shown(), log_odds=shown().log_odds * 1e-4 + 123456),
    "of scores that are one huge number": replace(shown(), scores=np.full((95, 2), 1e20), log_odds_names=()),
    "few ID images": shown(images=(5, 30, 25)),
    "equal scores": replace(shown(), scores=np.ones((95, 2)), log_odds=np.ones((95, 1))),
    "perfect": replace(shown(), scores=np.repeat([[2.0], [1.0]], [40, 55], axis=0) * [1, 1], log_odds_names=()),
    "many words": shown(mined=5000),
    "streams beside": shown(streams=(0, 1, 2)),
    "streams alone": shown(streams=(0, 1, 2), scores=(), shares_of=None, shares={}, negatives=(), words={}),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_run_has_a_page(kind):
    html = html_page({kind: KINDS[kind]}, resamples=20)
    document = Document(html)
    html.encode()
    assert "nan" not in " ".join(document.texts).lower().split()
    assert not re.search(r'="[^"]*\b(nan|inf)\b', html)
    assert not re.search(r"\b(None|Undefined)\b", " ".join(text for text in document.texts if text.strip() != "None."))


def test_values_are_told_as_far_as_they_tell_images_apart():
    html = html_page({"mine": KINDS["of scores in the thousands"]}, resamples=2)
    assert re.search(r"Images above <strong>12345\d\.\d{7}</strong>", html)


def test_what_decides_is_told_as_a_share(pictured):
    """Log-odds of 2.2 are 90 %; of a score that is no share nothing is said."""
    html = html_page({"mine": pictured}, resamples=2)
    told = re.findall(r"(?:passes|refused), (-?[\d.]+)</p><p>classes keep ([^<]+)</p>", html)
    assert len(told) == html.count("<article>") > 10
    for value, share in told:
        exact = 100 / (1 + np.exp(-float(value)))
        assert share in ("&lt;0.01 %", "&gt;99.99 %") or float(share[:-2]) == pytest.approx(exact, abs=0.3)
    assert "classes keep" not in html_page({"mine": KINDS["of a trained classifier"]}, resamples=2)


def test_of_many_sets_the_hardest_have_lines():
    images = KINDS["of many sets"]
    html = html_page({"mine": images}, resamples=2)
    auroc = {name: block["auroc"] for name, block in OODReport(images).metrics["NegLabel"].items() if name != "mean"}
    legend = re.search(r'<ul class="legend">(.*?)</ul>', html, re.DOTALL)[1]
    drawn = set(re.findall(r"</svg>(.*?) <small>", legend))
    assert drawn == set(sorted(auroc, key=auroc.get)[:8])
    assert "of the 8 hardest of 20" in html


def test_pictures_of_16_bits_are_no_white_squares(tmp_path):
    images = shown(tmp_path)
    for path in images.paths:
        Image.fromarray(np.full((20, 20), 20000, np.uint16)).save(path)
    grey = {one.getpixel((3, 3)) for one in thumbnails(html_page({"mine": images}, resamples=2))}
    assert grey == {(79, 79, 79)}  # 20000 / 256 = 78.1, and what WebP makes of it


def test_a_run_that_promises_nothing_says_so():
    assert "too few images" in html_page({"mine": shown(images=(5, 30, 25))}, resamples=20)
    assert "on average 95 %" in html_page({"mine": shown()}, resamples=20)


def rivals(shift, noise):
    """A run whose second score is the first one's log-odds, of which ID images have so much more, and noise."""
    images = shown()
    second = images.log_odds[:, 0] + shift * (images.set_index == 0) + np.random.default_rng(1).normal(0, noise, 95)
    return replace(images, scores=np.column_stack([images.scores[:, 0], second]))


@pytest.mark.parametrize(
    ("images", "says"),
    [
        (rivals(-9, 0), r"It is better than MCM, the best of the others, by (.*) AUROC \((.*) to (.*), paired"),
        (rivals(9, 0), r"MCM is better, by (.*) AUROC \((.*) to (.*), paired"),
        (rivals(0.3, 1), r"between it and MCM, the best of the others: it has (-.*) AUROC \((-.*) to (\+.*), paired"),
        (rivals(0, 0), r"between it and MCM, the best of the others: it has (.*) AUROC \((.*) to (.*), paired"),
    ],
    ids=["better", "worse", "worse, perhaps", "equal"],
)
def test_the_first_sentences_tell_which_score_is_ahead(images, says):
    verdict = re.search(r'<p class="verdict">(.*?)</p>', html_page({"mine": images}, resamples=100), re.DOTALL)[1]
    more, low, high = map(float, re.search(says, verdict).groups())
    means = [OODReport(images).metrics[score]["mean"]["auroc"] for score in images.score_names]
    assert abs(more) == pytest.approx(100 * abs(means[0] - means[1]), abs=0.005)
    assert low <= more <= high


def test_streams_say_how_they_went():
    html = html_page({"mine": shown(streams=(0, 1, 2))}, resamples=20)
    assert "Rows marked (stream) learn from the test images" in html
    assert "3 streams with seeds 0 to 2, batches of 16" in html


def test_runs_side_by_side_are_paired_by_image():
    first, second = shown(seed=0), shown(seed=1)
    html = html_page({"one": first, "two": second}, resamples=100)
    head, *rows = Document(html).tables[0]
    assert head[3:] == ["one", "two", "difference"]
    metrics = [OODReport(images).metrics for images in (first, second)]
    row = next(row for row in rows if row[:3] == ["street", "MCM", f"{TITLES['auroc']} higher is better"])
    mine, theirs = (100 * one["MCM"]["street"]["auroc"] for one in metrics)
    assert [number(cell) for cell in row[3:]] == [round(mine, 2), round(theirs, 2), round(theirs - mine, 2)]
    assert "to" in row[5]
    _, *parted = Document(html).tables[1]
    assert [sum(map(int, row[1:])) for row in parted] == [40, 30, 25]


def test_a_run_beside_itself_differs_in_nothing():
    html = html_page({"one": shown(), "two": shown()}, resamples=50)
    assert "Every number is the same in both runs" in html
    assert "clear</b>" not in html


def test_what_differs_in_a_few_draws_is_not_left_out():
    """An OOD image on either side of the 8th lowest ID image moves FPR95 where those below are hardly drawn."""
    images, runs = shown(images=(60, 30, 25)), []
    for step in (1e-6, -1e-6):
        scores = images.scores.copy()
        scores[60, 1] = np.sort(scores[:60, 1])[7] + step
        scored = replace(images, scores=scores)
        runs.append(RunView("run", scored, resample(scored), 0))
    first, second = runs
    found = Comparison(first, second)
    (row,) = [row for row in found.rows if (row.block, row.scores, row.metric) == ("street", "MCM", RESAMPLED[1])]
    assert (row.more, row.interval, RESAMPLED[1]) == (0, (0, 0), "fpr95_id_positive")
    left_out = {(one.block, one.scores, one.metric) for one in found._every if one.alike}
    assert len(left_out) == found.alike == len(found._every) - len(found.rows) > 9
    for block, score, metric in left_out:
        assert first.number(metric, block, score) == second.number(metric, block, score)


def test_curves_are_of_scores_that_tie_as_the_metrics_are():
    """Log-odds part images whose share rounds to 1; AUROC counts them as tied, and so does its curve."""
    random, images = np.random.default_rng(0), shown()
    odds = random.normal(60, 10, (95, 1))
    tied = replace(images, log_odds=odds, scores=np.column_stack([1 / (1 + np.exp(-odds)), images.scores[:, 1]]))
    view = RunView("run", tied, resample(tied, 2), 0)
    assert view.number("auroc", "street") == 50
    (_, path), _ = view.curves["ROC"].shapes
    assert path.count("L") == 1  # from one corner to the other


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (shown(sets=("animals", "street"), images=(40, 30)), "they have other sets"),
        (shown(images=(41, 30, 25)), "other numbers of images"),
        (shown(unreadable={3: "broken"}), "other images of them could be read"),
        (shown(paths=[f"x/{94 - i}.png" for i in range(95)]), "other images of"),
    ],
)
def test_runs_of_other_images_are_not_paired(other, why):
    html = html_page({"one": shown(paths=[f"{i}.png" for i in range(95)]), "two": other}, resamples=20)
    assert why in html
    assert all("to" not in row[5] for row in Document(html).tables[0][1:])


@pytest.mark.parametrize(
    ("first", "second", "blocks"),
    [
        ({}, {"sets": ("animals", "street"), "images": (40, 30)}, {"street"}),
        ({}, {"set_names": ("animals", "sky", "sea")}, None),
        (
            {"groups": {"near": ("street",)}},
            {"groups": {"near": ("Ærø & <i>",)}},
            {"mean of 2 OOD sets", "street", "Ærø & <i>"},
        ),
    ],
    ids=["fewer sets", "other sets", "a group of other sets"],
)
def test_means_of_other_sets_do_not_stand_side_by_side(first, second, blocks):
    html = html_page({"one": shown(**first), "two": shown(seed=1, **second)}, resamples=20)
    head, *rows = Document(html).tables[0]
    assert ("They have no OOD set in common" in html) == (blocks is None)
    assert blocks is None or (head[-1], {row[0] for row in rows}) == ("difference", blocks)


@pytest.mark.parametrize(
    "wrong", [{"runs": {}}, {"cases": -1}, {"resamples": 0}], ids=["no run", "less than none", "no resample"]
)
def test_nothing_to_show(wrong):
    with pytest.raises(ConfigError, match="a page of"):
        html_page(**{"runs": {"mine": shown()}, **wrong})
