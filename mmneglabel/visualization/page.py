"""The page: one HTML file that shows a test, or several side by side, and asks nothing of any server.

It may be opened from a disk and sent by mail: pictures, style and script are in it, its content policy lets nothing
else in, and without script all of it but the search stays.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from mmneglabel.errors import ConfigError
from mmneglabel.evaluation import METRIC_NAMES, resample
from mmneglabel.evaluation.table import LOWER_IS_BETTER, TITLES
from mmneglabel.results import Results
from mmneglabel.visualization import charts
from mmneglabel.visualization.compare import Comparison
from mmneglabel.visualization.view import RECALLS, RunView

PAGE = "report.html"
"""The file's name in a work dir."""


def html_page(runs: Mapping[str, Results], cases: int = 24, images: bool = True, resamples: int = 2000) -> str:
    """The HTML of these runs, the first of which the others are compared with.

    Args:
        runs: What each run found, by the name that it is to bear.
        cases: Single images that are shown of a run.
        images: Whether their pictures are; they are read from the files that the results name, where these still are.
        resamples: Of the images, for the intervals; see :func:`mmneglabel.evaluation.resample`.

    Raises:
        ConfigError: there is no run, or it would show or draw less than nothing.
    """
    if not runs or cases < 0 or resamples < 1:
        raise ConfigError(f"a page of {len(runs)} runs, {cases} cases, {resamples} resamples: at least 1, 0 and 1")
    views = [RunView(name, found, resample(found, resamples), cases) for name, found in runs.items()]
    style, script = (Markup(_read(name)) for name in ("page.css", "page.js"))
    text = _template().render(
        runs=views,
        comparisons=[Comparison(views[0], other) for other in views[1:]],
        resamples=resamples,
        with_images=images,
        style=style,
        script=script,
        policy=f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'",
    )
    # Names of files and folders that are no UTF-8 have marks in place of what nobody can read.
    return text.lstrip().encode(errors="surrogateescape").decode(errors="replace")


def _template() -> Any:
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.filters["as_data"] = _as_data
    environment.globals.update(
        charts=charts,
        metrics=[(name, TITLES[name]) for name in METRIC_NAMES],
        titles=TITLES,
        lower_is_better=LOWER_IS_BETTER,
    )
    environment.globals["recalls"] = [f"{recall:.0%}".replace("%", " %") for recall in RECALLS]
    return environment.from_string(_read("page.html"))


def _read(name: str) -> str:
    return files("mmneglabel.visualization").joinpath(name).read_text(encoding="utf-8")


def _digest(content: str) -> str:
    """What a content policy knows an element by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _as_data(value: Any) -> Markup:
    """JSON that may stand in a script element whatever is in it: no word can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
