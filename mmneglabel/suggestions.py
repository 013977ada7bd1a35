"""The "did you mean" half of an error message."""

import difflib
from collections.abc import Iterable

_LISTED_AT_MOST = 20


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """`did you mean 'a' or 'b'?`, or `known: ...` where nothing comes close."""
    names = sorted(known)
    by_folded = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(value.casefold(), by_folded, n=4, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(repr(by_folded[name]) for name in close)}?"
    more = f" and {len(names) - _LISTED_AT_MOST} more" if len(names) > _LISTED_AT_MOST else ""
    return f"known: {', '.join(names[:_LISTED_AT_MOST]) or 'none'}{more}"
