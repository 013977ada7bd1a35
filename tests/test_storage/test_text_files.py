"""Text files are written whole or not at all."""

import os
from pathlib import Path

import pytest

from mmneglabel.errors import DataError
from mmneglabel.storage.text_files import write_atomically, write_once, written_whole


def test_what_is_no_file_stays_what_it_is(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(DataError, match="pipe is no file: choose another name"):
        write_atomically(path, "new")
    assert path.is_fifo()


def test_links_stay_links(tmp_path):
    path = tmp_path / "link"
    path.symlink_to("list.txt")
    write_atomically(path, "new")
    assert path.is_symlink()
    assert (tmp_path / "list.txt").read_text() == "new"


def test_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "list.txt"
    path.write_text("old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(path), "replace", fail)
    with pytest.raises(DataError, match="No space left"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["list.txt"]


def test_a_durable_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    done = []
    for owner, name in ((os, "fsync"), (Path, "replace")):
        usual = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *args, _usual=usual, _name=name: (done.append(_name), _usual(*args))[1])
    with written_whole(tmp_path / "file", durable=True) as part:
        part.write_text("all")
    assert done == ["fsync", "replace", "fsync"]  # the file, its name, the folder that holds the name
    assert (tmp_path / "file").read_text() == "all"


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "none"])
def test_the_first_of_several_counts(links, tmp_path, monkeypatch):
    def refuses(*_):
        raise PermissionError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", refuses)
    path = tmp_path / "new" / "file"
    assert [write_once(path, text) for text in ("first", "second")] == [True, False]
    assert path.read_text() == "first"
    assert [one.name for one in path.parent.iterdir()] == ["file"]
    with pytest.raises(DataError, match="cannot be written"):
        write_once(path / "below", "text")
