"""NLTK's WordNet reader on any folder of database files. Imports NLTK: import this module lazily."""

import io
import warnings
from pathlib import Path
from typing import BinaryIO

from nltk.corpus.reader.wordnet import WordNetCorpusReader, WordNetError
from nltk.data import PathPointer, SeekableUnicodeStreamReader

from mmneglabel.corpus.lexnames import lexnames_text
from mmneglabel.errors import DataError

PARSE_ERRORS = (WordNetError, AssertionError, LookupError, OSError, RuntimeError, StopIteration, ValueError)
"""What NLTK raises, by where the parsing breaks off, on files that are no WordNet database or a damaged one."""

# Files a package may leave out although NLTK opens them at the start: a constant, and exceptions of its morphology.
_STAND_INS = {"lexnames": lexnames_text(), "adj.exc": "", "adv.exc": "", "noun.exc": "", "verb.exc": ""}


class DatabasePath(PathPointer):
    """A file or folder of a WordNet database that need not lie on `nltk.data.path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def join(self, fileid: str) -> "DatabasePath":
        """The path of `fileid` in this folder."""
        return DatabasePath(self.path / fileid)

    def file_size(self) -> int:
        """Size of the file in bytes."""
        return self.path.stat().st_size

    def open(self, encoding: str | None = None) -> "BinaryIO | SeekableUnicodeStreamReader":
        """A seekable stream of the file's bytes, or of its stand-in where the package left it out.

        It reads the file whole: NLTK keeps the streams of its readers open for good.

        Raises:
            DataError: the file is missing or unreadable and has no stand-in.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            text = _STAND_INS.get(self.path.name)
            if text is None:
                raise DataError(f"WordNet file {self.path} cannot be read ({error.strerror})") from error
            data = text.encode()
        stream = io.BytesIO(data)
        return SeekableUnicodeStreamReader(stream, encoding) if encoding else stream


class WordNetReader(WordNetCorpusReader):
    """NLTK's reader for one English WordNet: any root, no multilingual data, no index.sense at the start."""

    def __init__(self, root: PathPointer) -> None:
        with warnings.catch_warnings():
            # NLTK warns that the multilingual functions are off; nothing here uses them.
            warnings.filterwarnings("ignore", message="The multilingual functions")
            super().__init__(root, omw_reader=None)

    def open(self, file: str) -> "BinaryIO | SeekableUnicodeStreamReader":
        """Open one of the fixed database file names under the root.

        NLTK's own version refuses a root outside `nltk.data.path`, a guard for names from untrusted text;
        here the user named the folder and the file names are NLTK's constants.
        """
        return self._root.join(file).open(encoding=self._ENCODING)

    def map_wn(self, version: str = "wordnet") -> None:
        """No mapping to another WordNet: only the multilingual functions use it, and it needs index.sense."""
