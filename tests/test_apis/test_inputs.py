"""What counts as a picture, in what order, and what is refused."""

import io

import numpy as np
import pytest
from PIL import Image

from mmneglabel.apis import inputs
from mmneglabel.apis.inputs import Picture, listed, load, pictures_of
from mmneglabel.errors import DataError
from mmneglabel.runtime import DetectorError


@pytest.fixture
def folder(tmp_path):
    for name in ("b.png", "a/2.jpg", "a/1.JPG", "a/.hidden.png", "notes.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def names(given, root):
    return [picture.name.removeprefix(f"{root}/") for picture in pictures_of(given)]


def test_paths_folders_patterns_and_lists(folder):
    assert names(folder, folder) == ["a/1.JPG", "a/2.jpg", "b.png"]
    assert names(str(folder / "*" / "*.jpg"), folder) == ["a/2.jpg"]
    assert names([folder / "b.png", [str(folder / "a")]], folder) == ["b.png", "a/1.JPG", "a/2.jpg"]
    assert names(folder / "gone.png", folder) == ["gone.png"]  # told when it is read
    (folder / "[1].png").touch()
    assert names(folder / "[1].png", folder) == ["[1].png"]  # a file, though it reads as a pattern


def test_what_has_no_name_has_a_number():
    grey = np.zeros((2, 3), dtype=np.uint8)
    found = pictures_of([b"abc", grey, Image.fromarray(grey), bytearray(b"d"), "http://host/x.png"])
    assert [picture.name for picture in found] == ["#0", "#1", "#2", "#3", "http://host/x.png"]
    assert pictures_of(grey)[0].source is grey
    assert pictures_of(found) == found


def test_tables_of_a_command_line(folder, monkeypatch):
    (folder / "list.txt").write_text("b.png\na/1.JPG\n")
    assert [picture.name for picture in listed(folder / "list.txt")] == [f"{folder}/b.png", f"{folder}/a/1.JPG"]
    monkeypatch.chdir(folder)
    (folder / "a" / "list.csv").write_text("path,label\na/2.jpg,3\n")
    assert listed("a/list.csv") == [Picture("a/2.jpg", "a/2.jpg")]
    assert listed("b.png") == [Picture("b.png", "b.png")]


def test_each_row_of_a_table_is_where_it_is(folder, monkeypatch):
    (folder / "a" / "here.png").touch()
    address = "https://host/x.png"
    (folder / "a" / "list.txt").write_text(f"gone.png\nb.png\nhere.png\n{folder / 'b.png'}\n{address}\n")
    monkeypatch.chdir(folder)
    found = [picture.name for picture in listed("a/list.txt")]
    assert found == ["a/gone.png", "b.png", "a/here.png", str(folder / "b.png"), address]


def test_two_files_that_a_row_may_mean(folder, monkeypatch):
    (folder / "a" / "list.txt").write_text("b.png\n")
    (folder / "a" / "b.png").touch()
    monkeypatch.chdir(folder)
    with pytest.raises(DataError) as refused:
        listed("a/list.txt")
    assert f"b.png may be {folder / 'b.png'} or {folder / 'a/b.png'}" in str(refused.value)
    (folder / "a" / "b.png").unlink()
    (folder / "a" / "b.png").symlink_to(folder / "b.png")
    assert listed("a/list.txt") == [Picture("b.png", "b.png")]  # one file by both names


def test_an_empty_table(tmp_path):
    (tmp_path / "list.txt").write_text("\n")
    with pytest.raises(DataError, match=r"list\.txt holds no pictures"):
        listed(tmp_path / "list.txt")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (7, "A int is no picture: give a path"),
        ([None], "A NoneType is no picture"),
        ("gone/*.png", r"gone/\*.png holds no pictures"),
    ],
)
def test_what_is_no_picture(given, says):
    with pytest.raises(DataError, match=says):
        pictures_of(given)


def test_an_empty_folder(tmp_path):
    with pytest.raises(DataError, match="holds no pictures"):
        pictures_of(tmp_path)


@pytest.mark.parametrize(
    "array",
    [np.zeros((4, 4, 3)), np.zeros((4, 4, 4), np.uint8), np.zeros((4,), np.uint8), np.zeros((0, 4, 3), np.uint8),
     np.zeros((4, 4, 3), np.int64)],
)  # fmt: skip
def test_arrays_of_another_kind(array):
    with pytest.raises(DetectorError, match=r"an array of .*: give RGB \(H, W, 3\) or grey \(H, W\) of uint8"):
        load(array)


def png(**kwargs):
    written = io.BytesIO()
    Image.new("RGB", (3, 2)).save(written, "PNG", **kwargs)
    return written.getvalue()


@pytest.mark.parametrize(("data", "says"), [(b"x" * 11, "more than 0 MB"), (OSError("no route"), "fetched: no route")])
def test_addresses_that_give_nothing(data, says, monkeypatch):
    def answer(address, timeout):
        if isinstance(data, Exception):
            raise data
        return io.BytesIO(data)

    monkeypatch.setattr(inputs.urllib.request, "urlopen", answer)
    monkeypatch.setattr(inputs, "_MOST_BYTES", 10)
    with pytest.raises(DataError, match=says):
        load("https://host/x.png")


def test_an_address(monkeypatch):
    monkeypatch.setattr(inputs.urllib.request, "urlopen", lambda address, timeout: io.BytesIO(png()))
    assert load("https://host/x.png") == {"img_bytes": png()}
