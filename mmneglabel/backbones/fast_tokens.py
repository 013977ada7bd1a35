"""The ids of open_clip's own tokenizer, found several times as fast.

The library cleans every text by ftfy, which changes nothing of plain English, and merges a word's letters as strings.
Here a word that several texts share is looked up once, and its letters are merged as numbers.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import cache, cached_property
from itertools import chain, pairwise

import torch
from open_clip.tokenizer import SimpleTokenizer, get_clean_fn
from torch import Tensor

Tokenizer = Callable[[list[str]], Tensor]

_PROBES = ["", "The nice  Dog's", "café No. 42!", "&amp;lt;3 don\u2019t", "<end_of_text>", "kilo" * 50, "word " * 100]
_FEW = 64  # texts: fewer are found sooner than the merges are numbered
_EVERY = 256  # of so many texts one is compared: 2 % of our time
_NEVER = 1 << 62


def fast_tokens(tokenizer: Tokenizer) -> Tokenizer:
    """What gives the ids of ``tokenizer``: itself, unless it is of the one kind that is known here."""
    return FastTokens(tokenizer) if type(tokenizer) is SimpleTokenizer else tokenizer


class FastTokens:
    """A ``SimpleTokenizer``, sooner if it lowers letters, drops no tokens at random and has two special ones.

    Attributes:
        tokenizer: the library's, whose vocabulary and merges these are.
    """

    def __init__(self, tokenizer: SimpleTokenizer) -> None:
        self.tokenizer = tokenizer

    def __call__(self, texts: list[str]) -> Tensor:
        """Token ids (N, L) of N texts; found by the library, should those of probes or of a sample differ."""
        if len(texts) >= _FEW and self.known:
            ids = self.merged(texts)
            if torch.equal(ids[::_EVERY], self.tokenizer(texts[::_EVERY])):
                return ids
        return self.tokenizer(texts)

    @cached_property
    def known(self) -> bool:
        """Whether the tokenizer is of the kind that is known, and probes have its ids."""
        own = self.tokenizer
        with suppress(AttributeError, KeyError):  # what another release of the library calls otherwise
            usual = own.clean_fn is get_clean_fn("lower") and own.reduction_fn is None and len(own.all_special_ids) == 2
            return usual and torch.equal(self.merged(_PROBES), own(_PROBES))
        return False

    def merged(self, texts: list[str]) -> Tensor:
        """Token ids (N, L) of N texts, compared with nothing."""
        start, end, length = self.tokenizer.sot_token_id, self.tokenizer.eot_token_id, self.tokenizer.context_length
        found, counts, ids_of = [], [], cache(self._ids)
        for text in texts:
            row = [start, *chain.from_iterable(map(ids_of, self._cleaned(text).split())), end][:length]
            found += row
            counts.append(len(row))
        filled = torch.tensor(counts, dtype=torch.long)
        ids = torch.zeros(len(texts), length, dtype=torch.long)
        ids[torch.arange(length) < filled[:, None]] = torch.tensor(found, dtype=torch.long)
        ids[filled == length, -1] = end  # of what was cut, too
        return ids

    @cached_property
    def _joined(self) -> dict[tuple[int, int], int]:
        """What two neighbours become. What merges first has the lowest number: the library numbers in that order."""
        numbers = self.tokenizer.encoder
        return {(numbers[a], numbers[b]): numbers[a + b] for a, b in self.tokenizer.bpe_ranks}

    def _cleaned(self, text: str) -> str:
        """The text without what the library takes out of it, but for spaces."""
        plain = text.isascii() and text.isprintable() and "&" not in text
        return text.lower() if plain else self.tokenizer.clean_fn(text)

    def _ids(self, word: str) -> tuple[int, ...]:
        """Ids of what stands between two spaces, as a tuple: the garbage collector looks at every list many times."""
        if word.isascii() and word.isalpha():
            return tuple(self._merge(word))
        ids, own = [], self.tokenizer
        special, letters = {own.decoder[number]: [number] for number in own.all_special_ids}, own.byte_encoder
        for part in own.pat.findall(word):
            ids += special.get(part) or self._merge("".join([letters[byte] for byte in part.encode()]))
        return tuple(ids)

    def _merge(self, letters: str) -> list[int]:
        """Ids of one part of a word: of its neighbours those two that merge first are merged, until none do."""
        numbers, joined = self.tokenizer.encoder, self._joined
        ids = [numbers[letter] for letter in (*letters[:-1], f"{letters[-1]}</w>")]
        merges = [joined.get(pair, _NEVER) for pair in pairwise(ids)]
        while merges and (first := min(merges)) < _NEVER:
            at = merges.index(first)
            ids[at : at + 2] = [first]
            del merges[at]
            if at > 0:
                merges[at - 1] = joined.get((ids[at - 1], first), _NEVER)
            if at < len(merges):
                merges[at] = joined.get((first, ids[at + 1]), _NEVER)
        return ids
