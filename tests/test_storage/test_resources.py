"""Where the folders beside the package are found."""

import pytest

from mmneglabel.errors import DataError
from mmneglabel.storage import resources
from mmneglabel.storage.resources import resource


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package folder that can be given either layout."""
    folder = tmp_path / "mmneglabel"
    folder.mkdir()
    monkeypatch.setattr(resources, "_PACKAGE", folder)
    return folder


def make_checkout(package):
    (package.parent / "txtfiles").mkdir()
    (package.parent / "txtfiles" / "SHA256SUMS").touch()


def test_the_real_one():
    assert (resource("txtfiles") / "noun.act.txt").is_file()


def test_wheel(package):
    (package / ".mim" / "tools").mkdir(parents=True)
    (package.parent / "tools").mkdir()  # some other package's, in site-packages
    assert resource("tools") == package / ".mim" / "tools"


def test_checkout_hides_an_old_build(package):
    make_checkout(package)
    (package / ".mim" / "txtfiles").mkdir(parents=True)
    assert resource("txtfiles") == package.parent / "txtfiles"


def test_folder_that_is_nowhere(package):
    make_checkout(package)
    with pytest.raises(DataError, match="no folder 'demo' came with mmneglabel"):
        resource("demo")
