"""The log's forms, what a kill may leave, and who may write."""

import json
from pathlib import Path

import pytest

from mmneglabel.errors import DataError
from mmneglabel.judges.decision_log import Decision, read_log
from mmneglabel.judges.log_writer import LogWriter
from mmneglabel.judges.questions import Question

A = Decision(Question("café"), "yes", "Yes\n\u2028 \ud800", "m", "s", "q")
B = Decision(Question("oak", "tree"), "no", "No", "m", "s", "q")


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_bytes(A.line() + B.line())
    return path


def test_round_trip(log):
    assert read_log(log).decisions == (A, B)


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
    assert [(d.question, d.verdict) for d in read_log(path).decisions] == [
        (Question("Rome"), "yes"),
        (Question("a", "b"), "no"),
    ]


@pytest.mark.parametrize("cut", range(1, len(B.line())))
def test_torn_at_any_byte_the_rest_stays(log, cut):
    log.write_bytes(log.read_bytes()[:-cut])
    whole = (A, B) if cut == 1 else (A,)  # only the line end is missing: nothing is lost
    assert read_log(log).decisions == whole
    with LogWriter(log) as writer:
        assert writer.log.decisions == whole
        writer.append(B)
    assert read_log(log).decisions == (*whole, B)
    assert log.read_bytes().count(b"\n") == len(whole) + 1


@pytest.mark.parametrize("tail", [b'{"word": "x', b'{"word": "x\n', b"\0\0\0\0", b"\xff\xfe\n"])
def test_half_a_line_at_the_end_is_cut_off(log, tail):
    whole = log.read_bytes()
    log.write_bytes(whole + tail)
    with LogWriter(log) as writer:
        assert writer.log.decisions == (A, B)
    assert log.read_bytes() == whole


def test_a_torn_first_line_leaves_an_empty_log(log):
    log.write_bytes(b'{"word')
    with LogWriter(log) as writer:
        writer.append(A)
    assert log.read_bytes() == A.line()


@pytest.mark.parametrize(
    "bad", ['{"word": "x', "[]", '{"word": "x"}', '{"word": 3, "verdict": "no"}', '{"word": "x", "verdict": "maybe"}']
)
def test_damage_in_the_middle_names_the_line(log, bad):
    text = bad.encode() + b"\n"
    log.write_bytes(A.line() + text + B.line())
    for use in (read_log, lambda path: LogWriter(path).__enter__()):
        with pytest.raises(DataError, match=r"log.jsonl:2: .*no decision") as caught:
            use(log)
        assert "\n" not in str(caught.value)
    assert log.read_bytes() == A.line() + text + B.line()  # nothing is cut off


def test_two_writers(log):
    with LogWriter(log), pytest.raises(DataError, match="another process"), LogWriter(log):
        pass
    with LogWriter(log):  # the first one left no lock
        pass


def test_folders_are_made(tmp_path):
    with LogWriter(tmp_path / "new" / "folder" / "log") as writer:
        writer.append(A)
        assert read_log(tmp_path / "new" / "folder" / "log").decisions == (A,)  # at once, not at the end


def test_unwritable(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "log"):
        with pytest.raises(DataError, match="cannot be written"):
            LogWriter(path).__enter__()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk(log, monkeypatch):
    with LogWriter(log) as writer, open("/dev/full", "ab") as full:  # noqa: PTH123
        monkeypatch.setattr(writer, "_file", full)
        with pytest.raises(DataError, match=r"cannot be written \(No space left"):
            writer.append(A)
        monkeypatch.undo()
        with pytest.raises(OSError, match="No space"):
            full.close()


def test_missing(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_log(tmp_path / "none")


TEXT = "white oak | tree | subcategory \nrome | proper noun \nelm | table | \nelm | tree | subcategory\n"


def test_the_text_form(tmp_path):
    path = tmp_path / "log.txt"
    path.write_text(TEXT + "------\nn_proper: 1\nn_same: 0\n")
    log = read_log(path)
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
        read_log(path)


def test_the_text_form_is_not_written(tmp_path):
    path = tmp_path / "log.txt"
    path.write_text(TEXT)
    with pytest.raises(DataError, match="only replayed"):
        LogWriter(path).__enter__()
    assert path.read_text() == TEXT
