"""Prompt templates, their inverse, and ready lists of negatives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmneglabel.corpus.prompts import Prompts, read_negatives
from mmneglabel.errors import ConfigError, DataError


def test_neglabel_templates():
    prompts = Prompts()
    assert (prompts.label, prompts.of("noun"), prompts.of("adj")) == (
        ("the nice {}",), ("the nice {}",), ("This is a {} photo",)
    )  # fmt: skip
    words = [("green", "adj"), ("adder's tongue", "noun")]
    assert prompts.written(words) == ["This is a green photo", "the nice adder's tongue"]


def test_several_templates_are_kept_and_the_longest_is_written():
    prompts = Prompts(noun=["{}", "a photo of the {}"], adjective=("{}", "a {} photo"))
    assert prompts.of("noun") == ("{}", "a photo of the {}")
    words = [("green view", "adj"), ("dog", "noun")]
    assert prompts.written(words) == ["a green view photo", "a photo of the dog"]
    assert [prompts.parse(line) for line in prompts.written(words)] == words


def test_no_template_at_all():
    with pytest.raises(ConfigError, match="prompt template noun='' needs exactly one"):
        Prompts(noun=())


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
    assert prompts.parse(prompts.written([(word, "noun")])[0]) == (word, "noun")
    assert prompts.parse(prompts.written([(word, "adj")])[0]) == (word, "adj")


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
