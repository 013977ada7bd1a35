"""Prompt templates, their inverse, and ready lists of negatives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmneglabel.corpus.prompts import Prompts, read_negatives
from mmneglabel.errors import ConfigError, DataError


def test_neglabel_templates():
    prompts = Prompts()
    assert prompts.fill_labels(["tench", "tench"]) == ["the nice tench", "the nice tench"]
    assert prompts.fill_nouns(("adder's tongue",)) == ["the nice adder's tongue"]
    assert prompts.fill_adjectives(["green"]) == ["This is a green photo"]
    assert prompts.fill_negatives([("green", "adj"), ("dog", "noun")]) == ["This is a green photo", "the nice dog"]


@pytest.mark.parametrize("template", ["", "a photo", "{} and {}", "a {0}", "a {word}", "a {} of {x}", "}{", "{ }", 3])
@pytest.mark.parametrize("field", ["label", "noun", "adjective"])
def test_template_without_exactly_one_gap(field, template):
    with pytest.raises(ConfigError, match=f"prompt template {field}=.* needs exactly one {{}}"):
        Prompts(**{field: template})


def test_parse():
    prompts = Prompts()
    assert prompts.parse("the nice yellow clintonia") == ("yellow clintonia", "noun")
    assert prompts.parse("This is a treble photo") == ("treble", "adj")
    assert prompts.parse("  yellow clintonia ") == ("yellow clintonia", "noun")
    assert prompts.parse("the nice ") == ("the nice", "noun")


def test_parse_takes_the_longer_of_two_fitting_templates():
    prompts = Prompts(noun="a {}", adjective="a {} photo")
    assert prompts.parse("a green photo") == ("green", "adj")
    assert prompts.parse("a green") == ("green", "noun")


@settings(database=None, deadline=None)
@given(st.text(min_size=1, max_size=20).map(str.strip).filter(bool))
def test_parse_undoes_filling(word):
    prompts = Prompts()
    assert prompts.parse(prompts.fill_nouns([word])[0]) == (word, "noun")
    assert prompts.parse(prompts.fill_adjectives([word])[0]) == (word, "adj")


def test_read_negatives_keeps_order_and_first_of_equals(tmp_path):
    path = tmp_path / "negatives.txt"
    path.write_bytes(b"\xef\xbb\xbfthe nice dog\r\nThis is a green photo\r\n\r\nfern\r\ndog\r\nthe nice green\r\n")
    assert read_negatives(path) == [("dog", "noun"), ("green", "adj"), ("fern", "noun"), ("green", "noun")]


def test_published_prompts_are_understood_under_other_templates(tmp_path):
    path = tmp_path / "negatives.txt"
    path.write_text("the nice dog\na photo of a cat\nThis is a green photo\na red thing\nfern\n")
    prompts = Prompts(noun="a photo of a {}", adjective="a {} thing")
    expected = [("dog", "noun"), ("cat", "noun"), ("green", "adj"), ("red", "adj"), ("fern", "noun")]
    assert read_negatives(path, prompts) == expected


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "is empty"), (b"\n \n", "is empty"), (b"\xff\xfe", "not UTF-8")]
)
def test_bad_lists_of_negatives(tmp_path, content, message):
    path = tmp_path / "negatives.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_negatives(path)


def test_missing_list_of_negatives(tmp_path):
    with pytest.raises(DataError, match=r"list of negatives .* cannot be read"):
        read_negatives(tmp_path / "nowhere.txt", Prompts())
