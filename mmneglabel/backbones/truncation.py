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
    full = (tokenize(texts) == tokenize([f"{text} and so on" for text in texts])).all(1)
    return [int(number) for number in full.nonzero()[:, 0] if _is_cut(tokenize, texts[int(number)])]


def _is_cut(tokenize: Callable[[Sequence[str]], Tensor], text: str) -> bool:
    """Whether the tokens of a full text are those of the text with fewer letters in its last word."""
    last = re.search(r"\w+(?=\W*$)", text)
    if last is None:
        return False
    shorter = [text[: last.start() + kept] for kept in range(len(last[0]))]
    return bool((tokenize(shorter) == tokenize([text])).all(1).any())
