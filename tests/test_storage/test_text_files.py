"""Text files are written whole or not at all."""

import os

import pytest

from mmneglabel.errors import DataError
from mmneglabel.storage.text_files import write_atomically


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
