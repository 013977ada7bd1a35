"""The log's forms, what a kill may leave, and who may write."""

import json
from pathlib import Path

import pytest

from mmneglabel.errors import DataError
from mmneglabel.judges.judge import Question
from mmneglabel.judges.log_file import Decision, append, locked, mended, read_decisions

A = Decision(Question("café"), "yes", "Yes\n\u2028 \ud800", "m", "s", "q")
B = Decision(Question("oak", "tree"), "no", "No", "m", "s", "q")


def opened(path, *added):
    """What a file holds for its writer, who then adds decisions."""
    with locked(path) as file:
        found = mended(file, path)
        for decision in added:
            append(file, path, decision.line())
    return found.decisions


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_bytes(A.line() + B.line())
    return path


def test_round_trip(log):
    assert read_decisions(log).decisions == [A, B]


def test_the_line_says_all(log):
    assert json.loads(log.read_text().splitlines()[1]) == {
        "kind": "subcategory", "word": "oak", "label": "tree", "verdict": "no", "answer": "No", "model": "m",
        "system": "s", "question": "q",
    }  # fmt: skip


def test_a_log_made_elsewhere_needs_little(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(
        b'\xef\xbb\xbf{"word": "Rome", "verdict": "yes"}\r\n\r\n{"word": "a", "label": "b", "verdict": "no"}\r\n'
    )
    assert [(d.question, d.verdict) for d in read_decisions(path).decisions] == [
        (Question("Rome"), "yes"),
        (Question("a", "b"), "no"),
    ]


@pytest.mark.parametrize("cut", range(1, len(B.line())))
def test_torn_at_any_byte_the_rest_stays(log, cut):
    log.write_bytes(log.read_bytes()[:-cut])
    whole = [A, B] if cut == 1 else [A]  # only the line end is missing: nothing is lost
    assert read_decisions(log).decisions == opened(log, B) == whole
    assert read_decisions(log).decisions == [*whole, B]
    assert log.read_bytes().count(b"\n") == len(whole) + 1


@pytest.mark.parametrize("tail", [b'{"word": "x', b'{"word": "x\n', b"\0\0\0\0", b"\xff\xfe\n"])
def test_half_a_line_at_the_end_is_cut_off(log, tail):
    whole = log.read_bytes()
    log.write_bytes(whole + tail)
    assert opened(log) == [A, B]
    assert log.read_bytes() == whole


def test_a_torn_first_line_leaves_an_empty_log(log):
    log.write_bytes(b'{"word')
    assert opened(log, A) == []
    assert log.read_bytes() == A.line()


@pytest.mark.parametrize(
    "bad", ['{"word": "x', "[]", '{"word": "x"}', '{"word": 3, "verdict": "no"}', '{"word": "x", "verdict": "maybe"}']
)
def test_damage_in_the_middle_names_the_line(log, bad):
    text = bad.encode() + b"\n"
    log.write_bytes(A.line() + text + B.line())
    for use in (read_decisions, opened):
        with pytest.raises(DataError, match=r"log.jsonl:2: .*no decision") as caught:
            use(log)
        assert "\n" not in str(caught.value)
    assert log.read_bytes() == A.line() + text + B.line()  # nothing is cut off


def test_two_writers(log):
    with locked(log), pytest.raises(DataError, match="another process"):
        opened(log)
    assert opened(log) == [A, B]  # the first one left no lock


def test_folders_are_made(tmp_path):
    path = tmp_path / "new" / "folder" / "log"
    with locked(path) as file:
        append(file, path, A.line())
        assert read_decisions(path).decisions == [A]  # at once, not at the end


def test_unwritable(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "log"):
        with pytest.raises(DataError, match="cannot be written"):
            opened(path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk():
    full = Path("/dev/full")
    with locked(full) as file, pytest.raises(DataError, match=r"cannot be written \(No space left"):
        append(file, full, A.line())


def test_missing(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_decisions(tmp_path / "none")


TEXT = "white oak | tree | subcategory \nrome | proper noun \nelm | table | \nelm | tree | subcategory\n"


def test_the_text_form(tmp_path):
    path = tmp_path / "log.txt"
    path.write_text(TEXT + "------\nn_proper: 1\nn_same: 0\n")
    log = read_decisions(path)
    assert {d.question: d.verdict for d in log.decisions} == {
        Question("white oak"): "no",
        Question("white oak", "tree"): "yes",
        Question("rome"): "yes",
        Question("elm"): "no",
        Question("elm", "table"): "no",
        Question("elm", "tree"): "yes",
    }
    assert log.settled == {"white oak", "rome", "elm"}


@pytest.mark.parametrize("bad", ["oak", "oak | tree", "oak | tree | maybe", "a | b | c | d", " | proper noun"])
def test_the_text_form_damaged(tmp_path, bad):
    path = tmp_path / "log.txt"
    path.write_text(TEXT + bad + "\n" + TEXT)
    with pytest.raises(DataError, match=r"log.txt:5: "):
        read_decisions(path)


def test_the_text_form_is_not_written(tmp_path):
    path = tmp_path / "log.txt"
    path.write_text(TEXT)
    with pytest.raises(DataError, match="only replayed"):
        opened(path)
    assert path.read_text() == TEXT
