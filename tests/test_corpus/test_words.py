"""read_corpus: order, de-duplication, exclusion and every error."""

import os
import tempfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmneglabel.corpus.words import DEFAULT_EXCLUDE, LABEL_FILES, Corpus, read_corpus
from mmneglabel.errors import ConfigError, DataError

FILES = {
    "noun.act.txt": "run\nthe wait\n",
    "adj.all.txt": "good\nrun\n",
    "noun.Tops.txt": "entity\nthing\n",
    "noun.animal.txt": "dog\nthing\n",
}


def test_files_in_bytewise_order_first_wins(write_files):
    corpus = read_corpus(write_files(FILES), exclude=())
    assert corpus == Corpus(nouns=("entity", "thing", "the wait", "dog"), adjectives=("good", "run"))


def test_default_leaves_out_animals_and_food(write_files):
    assert "dog" not in read_corpus(write_files(FILES)).nouns


def test_authors_folder_without_animals_and_food(write_files):
    files = {name: text for name, text in FILES.items() if name != "noun.animal.txt"}
    assert read_corpus(write_files(files)).nouns == ("entity", "thing", "the wait")


def test_tolerates_windows_line_ends_marks_blanks_and_other_files(write_files):
    folder = write_files(
        {
            "noun.act.txt": b"\xef\xbb\xbf run \r\n\r\n\t\r\nwait\r\n",
            "README.md": "no words",
            "verb.motion.txt": "walk\n",
            "noun.act.txt.bak": "old\n",
            ".noun.act.txt": "hidden\n",
        }
    )
    assert read_corpus(folder) == Corpus(nouns=("run", "wait"), adjectives=())


def test_odd_characters_do_not_cut_words(write_files):
    folder = write_files({"noun.act.txt": "café\u2028bar\nCox's 7\x0c8\n"})
    assert read_corpus(folder).nouns == ("café\u2028bar", "Cox's 7\x0c8")


def test_plain_list_is_all_nouns(write_files):
    folder = write_files({"my list.txt": "cat\ngood\ncat\n"})
    assert read_corpus(folder / "my list.txt") == Corpus(nouns=("cat", "good"), adjectives=())


def test_shipped_lists_are_the_default():
    corpus = read_corpus()
    assert (len(corpus.nouns), len(corpus.adjectives)) == (56_788, 14_006)
    everything = read_corpus(exclude=())
    assert (len(everything.nouns), len(everything.adjectives)) == (65_397, 14_006)
    assert set(corpus.nouns).isdisjoint(corpus.adjectives)
    assert corpus.adjectives[:2] == ("able", "unable")
    assert corpus.nouns[0] == "entity"


def test_exclude_words_whatever_their_case(write_files):
    folder = write_files(FILES)
    assert read_corpus(folder, exclude_words=["DOG", " Good", "absent"]).adjectives == ("run",)
    listing = write_files({"banned.txt": "\nThing\nRUN\n"}, "more") / "banned.txt"
    expected = Corpus(nouns=("entity", "the wait"), adjectives=("good",))
    assert read_corpus(folder, exclude_words=listing) == expected
    assert read_corpus(folder, exclude_words=str(listing)) == expected


def test_exclude_words_with_blanks_or_underscores(write_files):
    folder = write_files({"noun.act.txt": "polar_bear\nsea lion\nrun\n"})
    assert read_corpus(folder, exclude_words=["polar_bear", "Sea_lion"]).nouns == ("run",)


def test_excluding_any_of_wordnets_files_is_legal(write_files):
    assert read_corpus(write_files(FILES), exclude=LABEL_FILES[4:]).nouns == ("entity", "thing")


def test_excluding_a_file_of_ones_own(write_files):
    folder = write_files({"noun.mine.txt": "one\n", "noun.act.txt": "two\n"})
    assert read_corpus(folder, exclude=["noun.mine"]).nouns == ("two",)


@pytest.mark.parametrize("name", ["noun.animals", "Noun.Animal", "noun.animal.txt"])
def test_unknown_exclude_suggests_the_name(write_files, name):
    with pytest.raises(ConfigError, match=r"did you mean .*'noun\.animal'"):
        read_corpus(write_files(FILES), exclude=[name])


@pytest.mark.parametrize("value", ["noun.animal", None, [3]])
def test_exclude_must_be_a_list_of_strings(write_files, value):
    with pytest.raises(ConfigError, match="exclude must be a list of strings"):
        read_corpus(write_files(FILES), exclude=value)


@pytest.mark.parametrize("value", ["", " ", "_"])
def test_a_word_is_not_blank(write_files, value):
    with pytest.raises(ConfigError, match=f"exclude_words holds '{value}', which is no word"):
        read_corpus(write_files(FILES), exclude_words=["run", value])


@pytest.mark.parametrize("value", [None, [3]])
def test_exclude_words_must_be_a_list_of_strings(write_files, value):
    with pytest.raises(ConfigError, match="exclude_words must be a list of strings"):
        read_corpus(write_files(FILES), exclude_words=value)


@pytest.mark.parametrize(
    ("files", "kwargs", "message"),
    [
        ({}, {}, r"no files named noun\.\*\.txt"),
        ({"noun.act.txt": "\n \n"}, {}, "no words left"),
        ({"noun.animal.txt": "dog\n"}, {}, "no words left"),
        ({"noun.act.txt": "run\n"}, {"exclude_words": ["Run"]}, "no words left"),
        ({"noun.act.txt": b"caf\xe9\n"}, {}, r"noun\.act\.txt is not UTF-8 \(byte 3\)"),
        ({"noun.act.txt": "run\n"}, {"exclude_words": os.devnull}, "list of excluded words /dev/null is empty"),
        ({"noun.act.txt": "run\n"}, {"exclude_words": "nowhere.txt"}, r"excluded words nowhere\.txt cannot be read"),
    ],
)
def test_data_errors(write_files, files, kwargs, message):
    with pytest.raises(DataError, match=message) as error:
        read_corpus(write_files(files), **kwargs)
    assert "\n" not in str(error.value)


def test_missing_source(tmp_path):
    with pytest.raises(DataError, match="nowhere cannot be read"):
        read_corpus(tmp_path / "nowhere")


def test_folder_in_place_of_a_list(write_files):
    folder = write_files({})
    (folder / "noun.act.txt").mkdir()
    with pytest.raises(DataError, match=r"noun\.act\.txt cannot be read"):
        read_corpus(folder)


def test_unreadable_folder(write_files):
    folder = write_files(FILES)
    denied = mock.patch.object(Path, "iterdir", side_effect=PermissionError(13, "Permission denied"))
    with denied, pytest.raises(DataError, match="Permission denied"):
        read_corpus(folder)


_WORDS = st.lists(st.text("abÉ '", max_size=4), max_size=8)
_FOLDERS = st.dictionaries(st.sampled_from([*LABEL_FILES, "noun.x-y", "noun.x"]), _WORDS, min_size=1, max_size=6)


@settings(database=None, deadline=None, max_examples=60)
@given(_FOLDERS, st.randoms(use_true_random=False))
def test_corpus_properties(files, random):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, words in files.items():
            (folder / f"{file}.txt").write_text("\n".join(words), encoding="utf-8")
        wanted = {word.strip() for words in files.values() for word in words} - {""}
        if not wanted:
            with pytest.raises(DataError):
                read_corpus(folder, exclude=())
            return
        corpus = read_corpus(folder, exclude=())
        words = corpus.nouns + corpus.adjectives
        assert len(set(words)) == len(words)
        assert set(words) == wanted

        shuffled = list(folder.iterdir())
        random.shuffle(shuffled)
        with mock.patch.object(Path, "iterdir", return_value=iter(shuffled)):
            assert read_corpus(folder, exclude=()) == corpus

        left = {word.strip() for file, ws in files.items() if file not in DEFAULT_EXCLUDE for word in ws} - {""}
        if left:
            default = read_corpus(folder)
            assert {*default.nouns, *default.adjectives} == left


def test_an_underscore_is_a_space_as_in_wordnet(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("guide_dog\nguide dog\nred_fox\n")
    assert read_corpus(path).nouns == ("guide dog", "red fox")
