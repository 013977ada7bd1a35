"""The table of noun synsets: written from a tiny WordNet and read back, the shipped one, and damaged ones."""

import gzip
import hashlib

import pytest
from test_tools.loading import load_tool

from mmneglabel.corpus.noun_synsets import HEADER, SYNSETS_NAME, load_noun_synsets
from mmneglabel.corpus.wordnet import open_wordnet
from mmneglabel.errors import DataError
from mmneglabel.storage.resources import resource

ROW = "00000001\tnoun.animal\tdog\t\t"


@pytest.fixture
def tiny(wordnet_folder, tmp_path):
    """The table of the tiny WordNet, read back."""
    path = tmp_path / "tiny.tsv.gz"
    path.write_bytes(load_tool("_make_word_lists").noun_synset_table(open_wordnet(wordnet_folder)))
    return load_noun_synsets(path)


@pytest.fixture
def shipped():
    return load_noun_synsets()


def first_lemmas(synsets):
    return [synset.lemmas[0] for synset in synsets]


def test_round_trip(tiny, wordnet_folder):
    expected = list(open_wordnet(wordnet_folder).all_synsets("n"))
    assert len(tiny) == len(expected) == 9
    for synset in expected:
        found = tiny.synset(f"{synset.offset():08d}")
        assert found.lexname == synset.lexname()
        assert list(found.lemmas) == synset.lemma_names()
        assert {int(offset) for offset in found.hypernyms} == {s.offset() for s in synset.hypernyms()}
        assert [int(offset) for offset in found.instance_hypernyms] == [s.offset() for s in synset.instance_hypernyms()]
        assert found.is_instance == (found.lemmas == ("Paris",))


def test_senses_keep_wordnets_order(tiny):
    assert first_lemmas(tiny.synsets("run")) == ["run", "run"]
    assert [len(synset.lemmas) for synset in tiny.synsets("run")] == [2, 1]
    assert [synset.lexname for synset in tiny.synsets("wait")] == ["noun.act", "noun.state"]


def test_closure_has_both_kinds_of_hypernyms(tiny):
    entity, dog, dane, paris = (tiny.synsets(word)[0] for word in ("entity", "dog", "great dane", "paris"))
    assert tiny.closure(dane) == {dane.offset, dog.offset, entity.offset}
    assert tiny.closure(paris) == {paris.offset, entity.offset}


@pytest.mark.parametrize(
    "word",
    [
        "Cox's Orange Pippin",
        "coxs orange pippin",  # as a filter's cleaning leaves it
        "cox's_orange-pippin ",
        "Cox's orange pippins",
    ],
)
def test_spellings_of_one_word(tiny, word):
    assert first_lemmas(tiny.synsets(word)) == ["Cox's_Orange_Pippin"]


@pytest.mark.parametrize("word", ["", "-", "3", "cat", "dogged", "s"])
def test_unknown_words(tiny, word):
    assert tiny.synsets(word) == ()


def test_shipped_table(shipped):
    assert len(shipped) == 82_115
    assert shipped is load_noun_synsets()
    packed = (resource("txtfiles") / SYNSETS_NAME).read_bytes()
    assert shipped.digest == hashlib.sha256(packed).hexdigest()
    assert len(packed) < 2_000_000


def test_shipped_table_is_whole(shipped):
    for offset in shipped._lines:
        synset = shipped.synset(offset)
        for above in synset.hypernyms + synset.instance_hypernyms:
            assert above in shipped._lines


@pytest.mark.parametrize(
    ("word", "offset"),
    [
        ("great white shark", "01484850"),  # ImageNet's n01484850
        ("Shih Tzu", "02086240"),
        ("venuss flytrap", "12782915"),
        ("coffeemaker", "03063338"),
        ("sunglasses", "04356056"),
        ("t-shirts", "03595614"),
    ],
)
def test_shipped_table_knows_class_names(shipped, word, offset):
    assert shipped.synsets(word)[0].offset == offset


def test_exact_spelling_goes_before_its_letters(shipped):
    assert shipped.synsets("black bird") == shipped.synsets("blackbird") != ()
    assert first_lemmas(shipped.synsets("ad"))[0] == "ad"  # not A.D.
    assert shipped.synsets("hsv") == shipped.synsets("hsv-1") != shipped.synsets("hsv-2")  # the first of two
    assert shipped.synsets("-") == ()  # although 0 and 20/20 have no letters either
    assert len(shipped.synsets("re-formation")) == 1
    assert len(shipped.synsets("reformation")) == 3


def test_plurals(shipped):
    for plural, singular in {"churches": "church", "puppies": "puppy", "firemen": "fireman", "boxes": "box"}.items():
        assert shipped.synsets(plural) == shipped.synsets(singular) != ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        gzip.compress(b""),
        gzip.compress(f"{HEADER}\n{ROW}\n".encode())[:-9],
        gzip.compress(f"{ROW}\n".encode()),
        gzip.compress(f"{HEADER}\n{ROW}\tmore\n".encode()),
        gzip.compress(f"{HEADER}\n{ROW.replace('dog', 'dog#x')}\n".encode()),
        gzip.compress(f"{HEADER}\n{ROW.replace('dog', 'doé')}\n".encode()),
    ],
    ids=["nothing", "no gzip", "empty", "cut off", "no header", "a column more", "no sense number", "not ASCII"],
)
def test_damaged_table(tmp_path, content):
    path = tmp_path / "table.tsv.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"table\.tsv\.gz is damaged .*make_word_lists") as error:
        load_noun_synsets(path)
    assert "\n" not in str(error.value)


def test_missing_table(tmp_path):
    with pytest.raises(DataError, match=r"no table of noun synsets .*nowhere\.tsv\.gz"):
        load_noun_synsets(tmp_path / "nowhere.tsv.gz")


def test_dangling_hypernym(tmp_path):
    path = tmp_path / "table.tsv.gz"
    path.write_bytes(gzip.compress(f"{HEADER}\n{ROW.removesuffix(chr(9))}00000002\t\n".encode()))
    table = load_noun_synsets(path)
    with pytest.raises(DataError, match="lacks 00000002"):
        table.closure(table.synsets("dog")[0])
