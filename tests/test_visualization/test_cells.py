import csv
import io

from mmneglabel.visualization.cells import aligned, csv_text, in_latex, in_markdown, padded


def test_columns_are_of_one_width_on_a_console():
    assert padded([("a", "1"), ("你好", "10")], {1}) == [["a   ", " 1"], ["你好", "10"]]
    assert aligned([("a", "1"), ("bc", "10")], {1}) == ["a    1", "bc  10"]
    assert aligned([("a", "1"), ("bc", "10")], {1}, markdown=True) == ["| a  |  1 |", "| -- | -: |", "| bc | 10 |"]


def test_csv_has_a_column_for_every_key():
    lines = list(csv.DictReader(io.StringIO(csv_text([{"a": 'x, "y"'}, {"a": "z", "b": None}]))))
    assert lines == [{"a": 'x, "y"', "b": ""}, {"a": "z", "b": ""}]


def test_letters_that_formats_would_read():
    assert in_latex("50%_x & y #1 $ {a}~^\\") == (
        r"50\%\_x \& y \#1 \$ \{a\}\textasciitilde{}\textasciicircum{}\textbackslash{}"
    )
    assert in_latex("[*] <b> ±↑–") == r"{[}{*}] \textless{}b\textgreater{} $\pm$$\uparrow$--"
    assert in_markdown("<b> a|b_*") == r"\<b\> a\|b\_\*"
