"""Writing the table of noun synsets that `noun_synsets` reads, from a WordNet database."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

from mmneglabel.corpus.noun_synsets import HEADER
from mmneglabel.errors import DataError

if TYPE_CHECKING:
    from nltk.corpus.reader.wordnet import Synset, WordNetCorpusReader


def noun_synset_table(wordnet: WordNetCorpusReader) -> bytes:
    """The table of WordNet's noun synsets, gzipped, in the order of the database and with no time in it.

    Raises:
        DataError: the database is damaged.
    """
    from mmneglabel.corpus.wordnet_reader import PARSE_ERRORS

    try:
        senses = _sense_numbers(wordnet)
        rows = [_row(synset, senses) for synset in wordnet.all_synsets("n")]
    except (*PARSE_ERRORS, KeyError) as error:
        raise DataError(f"the WordNet database is damaged: {error!r}; install it anew") from error
    return _packed("".join(f"{row}\n" for row in (HEADER, *rows)).encode("ascii"))


def _packed(data: bytes) -> bytes:
    # Not gzip.compress, whose header differs from one Python to another.
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def _sense_numbers(wordnet: WordNetCorpusReader) -> dict[tuple[str, int], int]:
    """(lemma in lower case, offset) to the place of the synset among the lemma's senses, from 1."""
    return {
        (lemma, synset.offset()): number
        for lemma in wordnet.all_lemma_names("n")
        for number, synset in enumerate(wordnet.synsets(lemma, "n"), start=1)
    }


def _row(synset: Synset, senses: dict[tuple[str, int], int]) -> str:
    numbers = [(lemma, senses[lemma.lower(), synset.offset()]) for lemma in synset.lemma_names()]
    lemmas = " ".join(lemma if number == 1 else f"{lemma}#{number}" for lemma, number in numbers)
    # Sorted, since NLTK hands them out in the order of a set, which changes from run to run.
    kinds = (synset.hypernyms(), synset.instance_hypernyms())
    above = [" ".join(sorted(f"{higher.offset():08d}" for higher in kind)) for kind in kinds]
    return "\t".join((f"{synset.offset():08d}", synset.lexname(), lemmas, *above))
