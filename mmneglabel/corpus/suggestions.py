"""The "did you mean" half of an error message."""

import difflib
from collections.abc import Iterable


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """`did you mean 'a' or 'b'?`, or `known: ...` where nothing comes close."""
    names = sorted(known)
    by_folded = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(value.casefold(), by_folded, n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(repr(by_folded[name]) for name in close)}?"
    return f"known: {', '.join(names)}"
