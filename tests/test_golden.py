"""No golden file lies unread: each is asked for by some test."""

import re

import pytest
from paths import GOLDEN, TESTS

READERS = [text for path in TESTS.rglob("test_*.py") if "golden(" in (text := path.read_text())]
READ = {name for text in READERS for name in re.findall(r'"(\w+)"', text)}


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.iterdir() if path.name != "README.md"))
def test_is_read(name):
    assert name in READ, f"no test reads {GOLDEN / name}.npz"
