"""A WordNet of a dozen synsets in the database format (wndb(5WN)), so that no test needs the real one."""

from pathlib import Path

import nltk
import pytest

from mmneglabel.corpus.wordnet import LEXNAMES_TEXT
from mmneglabel.corpus.words import LEXNAMES

# (file, type, lemmas, pointers, gloss); a pointer is (symbol, index of its target in the same list).
_NOUNS = [
    ("noun.Tops", "n", ["entity"], [("~", 1)], "that which exists"),
    ("noun.animal", "n", ["dog", "domestic_dog"], [("@", 0), ("~", 2)], 'a canine; "the dog barked"'),
    ("noun.animal", "n", ["Great_Dane"], [("@", 1)], "a very large dog"),
    ("noun.act", "n", ["run", "tally"], [("@", 0)], "a score"),
    ("noun.act", "n", ["wait"], [("@", 0)], "the act of waiting"),
    ("noun.act", "n", ["run"], [("@", 0)], "the act of running"),
    ("noun.location", "n", ["Paris"], [("@i", 0)], "the capital of France"),
    ("noun.food", "n", ["Cox's_Orange_Pippin"], [("@", 0)], "an apple"),
    ("noun.state", "n", ["wait"], [("@", 0)], "a state of waiting"),
]
_ADJECTIVES = [
    ("adj.all", "a", ["good"], [("&", 1)], "having desirable qualities"),
    ("adj.all", "s", ["goodish(a)", "fairish"], [("&", 0)], "moderately good"),
    ("adj.pert", "a", ["Parisian"], [], "of Paris"),
    ("adj.ppl", "a", ["run"], [], "made to run"),
]
_VERBS = [("verb.motion", "v", ["run"], [], "move fast")]
_ADVERBS = [("adv.all", "r", ["fast"], [], "quickly")]
_HEADER = "  1 This stands in for the licence, which every file begins with  \n"


def _data_lines(synsets, offsets):
    for (file, kind, lemmas, pointers, gloss), offset in zip(synsets, offsets, strict=True):
        words = " ".join(f"{lemma} 0" for lemma in lemmas)
        ties = "".join(f"{symbol} {offsets[target]:08d} {kind} 0000 " for symbol, target in pointers)
        frames = "01 + 02 00 " if kind == "v" else ""
        yield (
            f"{offset:08d} {LEXNAMES.index(file):02d} {kind} {len(lemmas):02x} {words} "
            f"{len(pointers):03d} {ties}{frames}| {gloss}  \n"
        )


def _offsets(synsets):
    """Byte offsets of the synsets: a line's length does not depend on the numbers in it."""
    offsets, position = [], len(_HEADER)
    for line in _data_lines(synsets, [0] * len(synsets)):
        offsets.append(position)
        position += len(line)
    return offsets


def _index_lines(synsets, offsets, pos):
    places = {}
    for (_, _, lemmas, _, _), offset in zip(synsets, offsets, strict=True):
        for lemma in lemmas:
            places.setdefault(lemma.partition("(")[0].lower(), []).append(offset)
    for lemma, found in sorted(places.items()):
        yield f"{lemma} {pos} {len(found)} 0 {len(found)} 0 {' '.join(f'{o:08d}' for o in found)}  \n"


def write_database(folder: Path, complete: bool) -> Path:
    """Write the database; an incomplete one lacks lexnames, index.sense and the exceptions, as some packages do."""
    folder.mkdir(parents=True)
    parts = {"noun": (_NOUNS, "n"), "adj": (_ADJECTIVES, "a"), "verb": (_VERBS, "v"), "adv": (_ADVERBS, "r")}
    for name, (synsets, pos) in parts.items():
        offsets = _offsets(synsets)
        (folder / f"data.{name}").write_text(_HEADER + "".join(_data_lines(synsets, offsets)), "ascii")
        (folder / f"index.{name}").write_text(_HEADER + "".join(_index_lines(synsets, offsets, pos)), "ascii")
        if complete:
            (folder / f"{name}.exc").write_text("ran run\n" if name == "verb" else "", "ascii")
    if complete:
        (folder / "lexnames").write_text(LEXNAMES_TEXT, "ascii")
    return folder


@pytest.fixture
def wordnet_folder(tmp_path):
    """A bare folder of database files without lexnames."""
    return write_database(tmp_path / "wordnet", complete=False)


@pytest.fixture
def nltk_data(tmp_path, monkeypatch):
    """NLTK's own layout, the only place that NLTK then looks in."""
    root = tmp_path / "nltk_data"
    monkeypatch.setattr(nltk.data, "path", [str(root)])
    write_database(root / "corpora" / "wordnet", complete=True)
    return root
