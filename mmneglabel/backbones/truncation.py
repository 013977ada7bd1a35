"""Which texts a tower's tokenizer cuts off: it does so without a word."""

import re
from collections.abc import Callable, Sequence

from torch import Tensor


def cut_texts(tokenize: Callable[[Sequence[str]], Tensor], texts: Sequence[str]) -> list[int]:
    """Numbers of the texts that lose letters at their end; nothing is assumed of the tokenizer.

    A text that is full to the last token does not change where words are added. If it is cut, neither does it where
    its last word loses letters.

    Args:
        tokenize: token ids (N, L) of N texts, such as a tower's ``tokenize``.
        texts: N texts.
    """
    if not texts:
        return []
    # A token is a byte at least, and no tokenizer adds more than six: spares asking about the short ones.
    room = tokenize(texts[:1]).shape[1] - 6
    if not (long := [number for number, text in enumerate(texts) if len(text.encode()) > room]):
        return []
    asked = [texts[number] for number in long]
    full = (tokenize(asked) == tokenize([f"{text} and so on" for text in asked])).all(1).tolist()
    return [n for n, text, is_full in zip(long, asked, full, strict=True) if is_full and _is_cut(tokenize, text)]


def _is_cut(tokenize: Callable[[Sequence[str]], Tensor], text: str) -> bool:
    """Whether the tokens of a full text are those of the text with fewer letters in its last word."""
    last = re.search(r"\w+(?=\W*$)", text)
    if last is None:
        return False
    shorter = [text[: last.start() + kept] for kept in range(len(last[0]))]
    return bool((tokenize(shorter) == tokenize([text])).all(1).any())
