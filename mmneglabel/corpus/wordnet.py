"""WordNet through NLTK, offline, from any folder of database files. Import it late: NLTK takes a second to import."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import nltk
from nltk.corpus.reader.wordnet import WordNetCorpusReader, WordNetError
from nltk.data import FileSystemPathPointer, PathPointer, SeekableUnicodeStreamReader

from mmneglabel.corpus.words import LEXNAMES
from mmneglabel.errors import DataError

_DATABASE_FILES = tuple(f"{kind}.{pos}" for pos in ("adj", "adv", "noun", "verb") for kind in ("data", "index"))

_CATEGORIES = {"noun": 1, "verb": 2, "adj": 3, "adv": 4}

LEXNAMES_TEXT = "".join(
    f"{number:02d}\t{name}\t{_CATEGORIES[name.partition('.')[0]]}\n" for number, name in enumerate(LEXNAMES)
)
"""WordNet's own file `lexnames`: number, name, syntactic category."""

# What a package may leave out although NLTK opens it at the start: a constant, and exceptions of its morphology.
_STAND_INS = {"lexnames": LEXNAMES_TEXT, "adj.exc": "", "adv.exc": "", "noun.exc": "", "verb.exc": ""}

# What NLTK raises, by where the parsing breaks off, on files that are no WordNet database or a damaged one.
_PARSE_ERRORS = (WordNetError, AssertionError, LookupError, OSError, RuntimeError, StopIteration, ValueError)


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

    def open(self, encoding: str | None = None) -> BinaryIO | SeekableUnicodeStreamReader:
        """A seekable stream of the file, or of its stand-in; read whole, since NLTK keeps its streams open for good.

        Raises:
            DataError: the file is missing or unreadable and has no stand-in.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            if self.path.name not in _STAND_INS:
                raise DataError(f"WordNet file {self.path} cannot be read ({error.strerror})") from error
            data = _STAND_INS[self.path.name].encode()
        stream = io.BytesIO(data)
        return SeekableUnicodeStreamReader(stream, encoding) if encoding else stream


class WordNetReader(WordNetCorpusReader):
    """NLTK's reader (`all_synsets`, `synset`, `hypernyms`, ...) of one English WordNet in any place."""

    def __init__(self, root: PathPointer) -> None:
        with warnings.catch_warnings():
            # NLTK warns that the multilingual functions are off; nothing here uses them.
            warnings.filterwarnings("ignore", message="The multilingual functions")
            super().__init__(root, omw_reader=None)

    def open(self, file: str) -> BinaryIO | SeekableUnicodeStreamReader:
        """Open one of the database's files.

        NLTK's own version refuses folders outside `nltk.data.path`, a guard for names from untrusted text; here the
        user named the folder, and the names of the files are NLTK's constants.
        """
        return self._root.join(file).open(encoding=self._ENCODING)

    def map_wn(self, version: str = "wordnet") -> None:
        """No mapping to another WordNet: only the multilingual functions use it, and it needs index.sense."""


def open_wordnet(folder: str | Path | None = None) -> WordNetReader:
    """Open WordNet, offline.

    Args:
        folder: a folder of WordNet database files (`data.noun`, `index.noun`, ...), such as Debian's package
            wordnet-base installs; `lexnames`, `index.sense` and the `*.exc` files may be missing. None takes
            the `wordnet` package of `nltk_data`, unpacked or zipped.
    """
    root = _nltk_data_root() if folder is None else _checked_folder(Path(folder))
    with damage_named(folder):
        return WordNetReader(root)


@contextmanager
def damage_named(folder: str | Path | None) -> Iterator[None]:
    """Whatever NLTK raises inside becomes one line about the WordNet in a folder, or in `nltk_data` for None.

    Raises:
        DataError: NLTK could not parse a file, at the start or when it came to a damaged record.
    """
    try:
        yield
    except _PARSE_ERRORS as error:
        raise DataError(
            f"the WordNet in {folder or 'nltk_data'} is damaged or none ({error!r}): install it anew"
        ) from error


def _checked_folder(folder: Path) -> PathPointer:
    """The folder, if it has every database file that cannot be done without."""
    if not folder.is_dir():
        raise DataError(f"no WordNet folder {folder}: pass a folder of database files (data.noun, index.noun, ...)")
    if missing := [name for name in _DATABASE_FILES if not (folder / name).is_file()]:
        raise DataError(f"{folder} is not a WordNet database folder: it lacks {', '.join(missing)}")
    return DatabasePath(folder)


def _nltk_data_root() -> PathPointer:
    """Where `nltk_data` holds WordNet, unpacked or as the zip that `nltk.download` fetches."""
    for name in ("corpora/wordnet", "corpora/wordnet.zip/wordnet/"):
        try:
            found = nltk.data.find(name)
        except LookupError:
            continue
        # A folder is read like the user's own; a zip stays NLTK's.
        return DatabasePath(Path(found.path)) if isinstance(found, FileSystemPathPointer) else found
    raise DataError(
        "NLTK has no WordNet on this machine: run nltk.download('wordnet') once, "
        "or pass a folder of WordNet database files (data.noun, index.noun, ...)"
    )
