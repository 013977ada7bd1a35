"""The table that compares the WordNet judge with a language model's log."""

import pytest

from mmneglabel.errors import DataError
from test_tools.loading import run_tool

LOG = """\
samarkand | proper noun
beagle | proper noun
haida | cat |
tabby | dog |
tabby | cat | subcategory
poodle | dog |
aster | daisy | subcategory
"""


def test_counts_and_rates(tmp_path, capsys):
    path = tmp_path / "log.txt"
    path.write_text(LOG)
    run_tool("judge_agreement", path)
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == ["question", "senses", "asked", "model", "wordnet", "both", "prec.", "recall", "F1"]
    cells = [row.replace("proper noun", "name").split() for row in rows]
    # Yeses of the model: samarkand, beagle; of WordNet: samarkand, haida.
    assert cells[0] == ["name", "all", "6", "2", "2", "1", "0.500", "0.500", "0.500"]
    # Of the model: tabby a cat, aster a daisy; of WordNet: tabby a cat, poodle a dog.
    assert cells[1] == ["subcategory", "all", "5", "2", "2", "1", "0.500", "0.500", "0.500"]
    assert [row[1] for row in cells[2:]] == ["first", "first"]


def test_unclear_verdicts_are_left_out(tmp_path, capsys):
    path = tmp_path / "log.jsonl"
    path.write_text('{"word": "samarkand", "verdict": "unclear"}\n{"word": "dog", "verdict": "no"}\n')
    run_tool("judge_agreement", path)
    row = capsys.readouterr().out.splitlines()[1]
    assert row.split()[3:] == ["1", "0", "0", "0", "0.000", "0.000", "0.000"]


def test_missing_log_is_one_line(tmp_path):
    with pytest.raises(DataError, match=r"decision log .*nowhere\.txt cannot be read"):
        run_tool("judge_agreement", tmp_path / "nowhere.txt")
