"""The page in headless Chromium: its own content policy, an accessibility checker, a phone's width, mouse and keys.

Skipped by name where there is no Chromium, or no axe-core for the checker; `.ci/run` fetches both where it may.
"""

import pytest
from small_results import EVIL, shown

from mmneglabel.visualization.page import html_page
from test_visualization.browser import asked, axe, opened


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    return html_page(
        {"mine": shown(streams=(0, 1, 2), folder=tmp_path_factory.mktemp("pictures"), mined=450)}, resamples=50
    )


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    return html_page({"one": shown(folder), "two": shown(folder, seed=1)}, resamples=50)


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """Two runs whose every name is longer than a phone is wide, and has no blank."""
    word = "x" * 300
    names = {
        "set_names": (f"id-{word}", f"a-{word}", f"b-{word}"),
        "class_names": (word,) * 4,
        "negatives": [word] * 300,
    }
    facts = {"run": {"pixels": {word: word}, "banks": {word: {"words": word}}}, "made": {"command": word, "date": word}}
    images = shown(tmp_path_factory.mktemp("pictures"), score_names=(word, "MCM"), shares_of=word, **names, **facts)
    return html_page({word: images, f"{word}2": images}, resamples=5)


def test_it_opens_under_its_own_policy_and_says_nothing_on_the_console(html, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(html, encoding="utf-8")
    document, console = opened(path, tmp_path)
    assert console == []
    assert 'aria-sort="none"' in document  # which the script wrote: no policy kept it from running


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["html", "pair"])
def test_accessibility(which, scheme, tmp_path, request):
    told, console = asked(request.getfixturevalue(which), tmp_path, "accessibility", scheme, library=axe())
    assert told["violations"] == []
    assert told["passes"] > 25
    assert told["paper"] == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 26)"}[scheme]
    assert console == []


@pytest.mark.parametrize("which", ["html", "pair", "long"])
def test_a_phone_need_not_scroll_sideways(which, tmp_path, request):
    told, _ = asked(request.getfixturevalue(which), tmp_path, "phone")
    assert told["inner"] == 375
    assert told["scroll"] <= 375
    assert told["small"] == 0


def test_charts_show_the_whole_of_what_is_written(html, tmp_path):
    told, _ = asked(html, tmp_path, "cut")
    assert told == {"texts": told["texts"], "cut": []}
    assert told["texts"] > 50


def test_tables_sort_both_ways(html, tmp_path):
    """A head's button is a native one, which mouse, Enter and the space bar press alike."""
    told, _ = asked(html, tmp_path, "sorting")
    assert told["button"] == "BUTTON"
    assert told["down"] == sorted(told["down"], reverse=True)
    assert told["up"] == sorted(told["up"])
    assert len({*told["up"]}) > 3
    assert told["names"] == sorted(told["names"])
    assert (told["state"], told["turned"], told["left"], told["plain"]) == ("descending", "ascending", "none", 0)


def test_words_are_searched_sorted_and_turned_over(html, tmp_path):
    told, console = asked(html, tmp_path, "words")
    assert len(told["first"]) == len(told["second"]) == 200
    assert told["first"][0] == EVIL
    assert told["second"][0] == "word 199"
    assert told["found"] == ["word 44", *(f"word {number}" for number in range(440, 449))]
    assert told["marked"].count("M") == 10
    assert (told["evil"], told["none"], told["said"]) == ([EVIL], [], "no word")
    assert told["distances"] == sorted(told["distances"], reverse=True)
    assert told["scripts"] == 4  # the page's two and the probe's two
    assert console == []


def test_without_script_tables_words_and_pictures_stay(html, tmp_path):
    told, _ = asked(html, tmp_path, "scriptless")
    assert min(told["rows"]) > 0
    assert told["pictures"] > 10
