"""The ids are the library's, of whatever text, and where its tokenizer is another one it is left alone."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from open_clip import SimpleTokenizer

from mmneglabel.backbones.fast_tokens import FastTokens, fast_tokens
from mmneglabel.corpus import Prompts, read_corpus

CLIP = SimpleTokenizer()
SHORT = SimpleTokenizer(context_length=6)
ODD = ["&amp;", "&#38;lt;", "’s", "'S", "ſ", "İ", "ﬁ", "Ａ", "é", "e\u0301", "Ã©", "٣", "½", "_", "--", "don't", "dog",
       "Cat", "42", "中文", "<end_of_text>", "<START_OF_TEXT>", "\x1b[31m", "\x00", "\t", "\r\n", "\x1c", "\x85",
       "\u2003", "\ufeff", "\ud800", "👩\u200d🚀", " ", "word " * 80]  # fmt: skip
ASCII = st.text(st.characters(max_codepoint=127))
MIXED = st.lists(st.sampled_from(ODD) | st.text(max_size=5)).map("".join)


@given(texts=st.lists(ASCII | st.text() | MIXED, max_size=4))
def test_ids_are_the_librarys(texts):
    for library in (CLIP, SHORT):
        ids, expected = FastTokens(library).merged(texts), library(texts)
        assert ids.dtype == expected.dtype
        assert torch.equal(ids, expected)


def test_every_prompt_of_the_corpus():
    corpus = read_corpus()
    words = [(word, "noun") for word in corpus.nouns] + [(word, "adj") for word in corpus.adjectives]
    prompts = Prompts().written(words)
    assert len(prompts) == 70794
    assert torch.equal(FastTokens(CLIP).merged(prompts), CLIP(prompts))


def test_the_usual_tokenizer_is_the_fast_one():
    assert fast_tokens(CLIP).known


@pytest.mark.parametrize("other", [type("Own", (SimpleTokenizer,), {})(), CLIP.__call__])
def test_others_are_left_alone(other):
    assert fast_tokens(other) is other


@pytest.mark.parametrize(
    "options", [{"clean": "whitespace"}, {"reduction_mask": "simple"}, {"additional_special_tokens": ["dog"]}]
)
def test_other_settings_are_the_librarys(options):
    library = SimpleTokenizer(**options)
    fast, texts = fast_tokens(library), [f"A Dog {number}" for number in range(100)]
    assert not fast.known
    assert torch.equal(fast(texts), library(texts))


def test_another_release_of_the_library_is_asked_itself(monkeypatch):
    """Its merges are numbered in another order, or it keeps something elsewhere."""
    own = SimpleTokenizer()
    own.bpe_ranks = dict(zip(own.bpe_ranks, reversed(own.bpe_ranks.values()), strict=True))
    assert not fast_tokens(own).known
    monkeypatch.delattr(own, "all_special_ids")
    assert not fast_tokens(own).known


def test_the_librarys_ids_where_a_sample_differs(monkeypatch):
    fast = FastTokens(CLIP)
    assert fast.known
    monkeypatch.setattr(fast, "merged", lambda texts: torch.zeros(len(texts), 77, dtype=torch.long))
    assert torch.equal(fast(["a dog"] * 100), CLIP(["a dog"] * 100))
