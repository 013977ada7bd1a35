"""The project's documents as a site: `make docs`, or `python -m sphinx -W --keep-going -b html -c docs . build/site`.

The sources are the repository itself, so that documents stay where they lie and their links work on a code host too.
"""

import sys
from pathlib import Path

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

sys.path.insert(0, str(Path(__file__).parents[1]))

project = "mmneglabel"
copyright = "the authors of mmneglabel, Apache-2.0"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/index"
include_patterns = ["README*.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/**.md", "configs/**/README.md", "demo/*.md"]
include_patterns += ["benchmarks/README.md", "txtfiles/README.md"]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4

autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_use_ivar = True

html_theme = "furo"
html_title = "mmneglabel"
html_theme_options = {"light_css_variables": {"code-font-size": "0.74rem"}}  # 100 columns fit
html_extra_path = ["site"]  # index.html, which leads to root_doc
html_math_renderer = "mathml"
html_show_sourcelink = False


def _inline(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def _block(writer: HTML5Translator, node: nodes.math_block) -> None:
    writer.body.append(tex2mathml(node.astext()).replace("<math", '<math display="block"', 1))
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Formulas as MathML: a page needs no network for them, and one that cannot be read fails the build."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
