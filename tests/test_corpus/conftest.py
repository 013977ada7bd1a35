import pytest
from small_wordnet import nltk_data, wordnet_folder  # noqa: F401


@pytest.fixture
def write_files(tmp_path):
    """Writes a folder of text files: {name: text or bytes} -> its path."""

    def write(files, name="words"):
        folder = tmp_path / name
        folder.mkdir()
        for file, text in files.items():
            (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder

    return write
