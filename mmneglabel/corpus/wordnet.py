"""WordNet as word lists: opens NLTK's copy or a folder of database files, and takes each synset's first lemma."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mmneglabel.corpus.lexnames import LABEL_FILES
from mmneglabel.errors import DataError

if TYPE_CHECKING:
    from nltk.corpus.reader.wordnet import WordNetCorpusReader
    from nltk.data import PathPointer

_DATABASE_FILES = tuple(f"{kind}.{pos}" for pos in ("adj", "adv", "noun", "verb") for kind in ("data", "index"))


def open_wordnet(folder: str | Path | None = None) -> WordNetCorpusReader:
    """Open WordNet through NLTK, offline.

    Args:
        folder: a folder of WordNet database files (`data.noun`, `index.noun`, ...), such as Debian's package
            wordnet-base installs; `lexnames`, `index.sense` and the `*.exc` files may be missing. None takes
            the `wordnet` package of `nltk_data`, unpacked or zipped.

    Returns:
        NLTK's reader (`all_synsets`, `synset`, `hypernyms`, ...), English only.

    Raises:
        DataError: no WordNet there, or its files cannot be parsed.
    """
    # NLTK takes a second to import: only who reads WordNet itself pays for it.
    from mmneglabel.corpus.wordnet_reader import PARSE_ERRORS, DatabasePath, WordNetReader

    root = _nltk_data_root() if folder is None else DatabasePath(_checked_folder(Path(folder)))
    try:
        return WordNetReader(root)
    except PARSE_ERRORS as error:
        place = folder or "nltk_data"
        raise DataError(f"no valid WordNet database in {place}: {error!r}; install it anew") from error


def lexicographer_words(wordnet: WordNetCorpusReader) -> dict[str, list[str]]:
    """First lemma of each synset by lexicographer file, lower case, underscores as spaces.

    Words keep the order of the database; a word that heads several synsets of one file stands there once, at
    its first place. Odd forms (quotes, dots, apostrophes) are kept as they are in WordNet.

    Returns:
        The 26 noun.* and 3 adj.* files sorted by name, e.g. `{'adj.all': ['able', ...], 'noun.act': [...]}`.

    Raises:
        DataError: the database is damaged.
    """
    from mmneglabel.corpus.wordnet_reader import PARSE_ERRORS

    words: dict[str, dict[str, None]] = {name: {} for name in LABEL_FILES}
    try:
        for pos in ("n", "a"):
            for synset in wordnet.all_synsets(pos):
                words[synset.lexname()].setdefault(synset.lemma_names()[0].replace("_", " ").lower())
    except PARSE_ERRORS as error:
        raise DataError(f"the WordNet database is damaged: {error!r}; install it anew") from error
    return {name: list(found) for name, found in words.items()}


def _checked_folder(folder: Path) -> Path:
    """The folder, if it has every database file that cannot be done without."""
    if not folder.is_dir():
        raise DataError(f"no WordNet folder {folder}: pass a folder of database files (data.noun, index.noun, ...)")
    missing = [name for name in _DATABASE_FILES if not (folder / name).is_file()]
    if missing:
        raise DataError(f"{folder} is not a WordNet database folder: it lacks {', '.join(missing)}")
    return folder


def _nltk_data_root() -> PathPointer:
    """Where `nltk_data` holds WordNet, unpacked or as the zip that `nltk.download` fetches."""
    import nltk

    from mmneglabel.corpus.wordnet_reader import DatabasePath

    for name in ("corpora/wordnet", "corpora/wordnet.zip/wordnet/"):
        try:
            found = nltk.data.find(name)
        except LookupError:
            continue
        # A folder is read like the user's own; a zip stays NLTK's.
        return DatabasePath(Path(found.path)) if isinstance(found, nltk.data.FileSystemPathPointer) else found
    raise DataError(
        "NLTK has no WordNet on this machine: run nltk.download('wordnet') once, "
        "or pass a folder of WordNet database files (data.noun, index.noun, ...)"
    )
