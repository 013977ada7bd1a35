"""How replies are read."""

import pytest

from mmneglabel.judges.judge import Question, verdict_of


@pytest.mark.parametrize("reply", ["Yes", "yes.", " YES, it is", '"Yes"', "**Yes**", "\n- yes", "_Yes_", "Yes\n\nNo"])
def test_yes(reply):
    assert verdict_of(reply) == "yes"


@pytest.mark.parametrize("reply", ["No", "no.", ' "NO"', "*no*, not at all", "No: yes would be wrong"])
def test_no(reply):
    assert verdict_of(reply) == "no"


@pytest.mark.parametrize("reply", ["", "It is. Yes", "Yesterday", "Note that", "I think no", "<think>", "Ja", "1 yes"])
def test_unclear(reply):
    assert verdict_of(reply) == "unclear"


def test_the_questions_name_the_words():
    assert '"oak"' in Question("oak").text
    assert "proper noun" in Question("oak").text
    both = Question("oak", "tree").text
    assert both.index('"oak"') < both.index("subcategory") < both.index('"tree"')
