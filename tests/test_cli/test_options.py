"""Values of --cfg-options: MMEngine's where it can read them, and as written where it cannot."""

import math

import pytest
from mmengine.config import DictAction

from mmneglabel.cli.options import read_options, read_value

AS_MMENGINE = """1|-3
1e-3|.5|1_000|inf|true|False|None|none|a||-|1:2|a=b|it's|a(b|x)|()|[]|[a]|(1)|(1,)|1,|a,b|1,2|[1,2]|(1,2)
[(1,2),[a,b],c]|[[1,2],[3,4]]|((1,2),(3,4))|[None,true,1.5]|[-1,.5]|'a'|"a"|['a','b']|["a",b]|a/b.c|{}|x{}y|{},x{}|{a:1}
http://x:80/y?z=1|[]a|mmpretrain.ResNet|['a=b']"""

AS_WRITTEN = {
    "a photo of a {}": "a photo of a {}",
    " the dog's house ": "the dog's house",
    "/a b/c d.txt": "/a b/c d.txt",
    "C:\\new file": "C:\\new file",
    "x = 1": "x = 1",
    "[a photo of a {}., itap of a {}.]": ["a photo of a {}.", "itap of a {}."],
    "polar bear, grizzly bear": ["polar bear", "grizzly bear"],
    "'a {}, a kind of bird'": "a {}, a kind of bird",
    "'1, 2'": "1, 2",
    "'5'": "5",
    "' a '": " a ",
    "'None'": "None",
    "['a, b', \"c's\", d]": ["a, b", "c's", "d"],
    "(1, (2, x y), [3])": (1, (2, "x y"), [3]),
    "(1,2),(3,4)": [(1, 2), (3, 4)],
    "a(b,c), d": ["a(b,c)", "d"],
    "(a) photo (b)": "(a) photo (b)",
    "so sad :( , really": "so sad :( , really",
    "{'type': 'X', 'a': [1, (2, 3)]}": {"type": "X", "a": [1, (2, 3)]},
    "[{'a': 'x, y'}, 2]": [{"a": "x, y"}, 2],
    "['a]', b]": ["a]", "b"],
    "'(', b": ["(", "b"],
}


@pytest.mark.parametrize("text", AS_MMENGINE.replace("\n", "|").split("|"))
def test_without_blanks_as_mmengine(text):
    assert repr(read_value(text)) == repr(DictAction._parse_iterable(text))


@pytest.mark.parametrize(("text", "value"), AS_WRITTEN.items())
def test_as_written(text, value):
    assert repr(read_value(text)) == repr(value)


def test_not_a_number():
    assert math.isnan(read_value("nan"))


def test_the_last_of_a_key_counts():
    assert read_options(["a.b=x y=z", "c=1", "c=2"]) == {"a.b": "x y=z", "c": 2}
