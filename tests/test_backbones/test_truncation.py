"""Texts that a tokenizer cuts: exactly those that lose letters."""

import pytest
from open_clip import SimpleTokenizer
from stand_in import StandInBackbone

from mmneglabel.backbones import cut_texts

CLIP = SimpleTokenizer(context_length=10)  # 8 between start and end


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("", False),
        ("dog", False),
        ("dog " * 7, False),
        ("dog " * 8, False),
        ("dog " * 9, True),
        ("dog " * 40, True),
        ("dog " * 8 + ".", False),  # what is lost is no letter
        ("dog " * 7 + "pneumonoultramicroscopic", True),  # a word of several tokens
        ("." * 40, False),
    ],
)
def test_cut_by_clip(text, cut):
    assert cut_texts(CLIP, ["cat", text, "dog"]) == [1] * cut


def test_a_tokenizer_that_drops_punctuation():
    clean = SimpleTokenizer(context_length=10, clean="canonicalize")
    assert cut_texts(clean, ["dog " * 7 + "cat.", "dog " * 8 + "cat."]) == [1]


def test_nothing_to_cut():
    assert cut_texts(CLIP, []) == []
    assert cut_texts(StandInBackbone().tokenize, ["dog " * 100]) == []
