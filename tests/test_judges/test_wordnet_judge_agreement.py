"""The WordNet judge beside the language model of NegRefine's authors, on the verdicts that they published."""

import os
from pathlib import Path

import pytest
from test_tools.loading import load_tool

from mmneglabel.judges.log_file import read_decisions
from mmneglabel.judges.wordnet_judge import WordNetJudge

FOLDER = os.environ.get("MMNEGLABEL_NEGREFINE", "")


@pytest.mark.skipif(not FOLDER, reason="MMNEGLABEL_NEGREFINE names no folder with llm_process_noun.txt")
@pytest.mark.parametrize("senses", ["all", "first"])
def test_agreement_on_imagenets_nouns(senses):
    compare = load_tool("_judge_agreement").compare
    found = compare(WordNetJudge(senses=senses), read_decisions(Path(FOLDER) / "llm_process_noun.txt").decisions)
    names = found["proper noun"]
    assert (names.asked, names.model) == (7021, 1748)
    assert names.precision > 0.93
    assert names.recall > 0.855
    assert names.f1 > 0.895
    # Few are found: the model calls every aster a daisy, and WordNet does not.
    kinds = found["subcategory"]
    assert kinds.model == 275
    assert kinds.precision >= 0.5
