"""open_wordnet on a tiny database, in NLTK's layout and as a bare folder."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mmneglabel.corpus import wordnet
from mmneglabel.corpus.wordnet import open_wordnet
from mmneglabel.corpus.words import LABEL_FILES, LEXNAMES
from mmneglabel.errors import DataError


def test_known_files():
    assert len(LEXNAMES) == 45
    assert sum(name.startswith("noun.") for name in LABEL_FILES) == 26
    assert sum(name.startswith("adj.") for name in LABEL_FILES) == 3
    assert LEXNAMES.index("noun.person") == 18
    assert LEXNAMES.index("adj.ppl") == 44


def lemmas(reader):
    return [(synset.lexname(), synset.lemma_names()) for synset in reader.all_synsets()]


def test_a_bare_folder_and_nltks_own_folder_and_zip_hold_the_same(nltk_data, wordnet_folder):
    unpacked = lemmas(open_wordnet())
    assert unpacked == lemmas(open_wordnet(str(wordnet_folder)))
    corpora = nltk_data / "corpora"
    shutil.make_archive(str(corpora / "wordnet"), "zip", corpora, "wordnet")
    shutil.rmtree(corpora / "wordnet")
    assert lemmas(open_wordnet()) == unpacked


def test_reader_answers_what_training_asks(wordnet_folder):
    reader = open_wordnet(wordnet_folder)
    dane, paris = reader.synset("great_dane.n.01"), reader.synset("paris.n.01")
    assert [s.name() for s in dane.hypernyms()] == ["dog.n.01"]
    assert [s.name() for s in paris.instance_hypernyms()] == ["entity.n.01"]
    assert dane.hypernyms()[0].lemma_names() == ["dog", "domestic_dog"]
    assert dane.definition() == "a very large dog"
    assert reader.synset("dog.n.01").examples() == ["the dog barked"]
    assert dane.lexname() == "noun.animal"
    assert len(reader.synsets("run")) == 4
    assert reader.morphy("dogs") == "dog"
    assert sum(1 for _ in reader.all_synsets()) == 15


def test_opening_a_folder_leaves_nltk_alone(wordnet_folder):
    import nltk

    before = list(nltk.data.path)
    open_wordnet(wordnet_folder)
    assert nltk.data.path == before


def test_missing_nltk_data_names_the_mend(nltk_data):
    shutil.rmtree(nltk_data)
    with pytest.raises(DataError, match=r"nltk\.download\('wordnet'\)"):
        open_wordnet()


def test_missing_folder(tmp_path):
    with pytest.raises(DataError, match=r"no WordNet folder .*nowhere"):
        open_wordnet(tmp_path / "nowhere")


def test_incomplete_folder_names_what_it_lacks(wordnet_folder):
    (wordnet_folder / "data.adv").unlink()
    with pytest.raises(DataError, match=r"it lacks data\.adv"):
        open_wordnet(wordnet_folder)


@pytest.mark.parametrize("text", ["dog\n", "dog n x\n", "dog n 2 0 1 0 00000001\n"])
def test_broken_index(wordnet_folder, text):
    (wordnet_folder / "index.noun").write_text(text)
    with pytest.raises(DataError, match=r"the WordNet in .*wordnet is damaged or none") as error:
        open_wordnet(wordnet_folder)
    assert "\n" not in str(error.value)


def test_optional_file_is_missed_only_when_asked_for(wordnet_folder):
    with pytest.raises(DataError, match=r"index\.sense cannot be read"):
        open_wordnet(wordnet_folder).lemma_from_key("dog%1:05:00::")


def test_corpus_room_is_pure():
    code = (
        "import sys, types\n"
        # The package's own __init__ may import OpenMMLab: the room must not.
        "package = sys.modules['mmneglabel'] = types.ModuleType('mmneglabel'); package.__path__ = [sys.argv[1]]\n"
        "import mmneglabel.corpus\n"
        "heavy = {'torch', 'nltk', 'open_clip', 'mmengine', 'mmcv', 'mmpretrain'} & sys.modules.keys()\n"
        "sys.exit(str(heavy) if heavy else 0)\n"
    )
    package = Path(wordnet.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code, package], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
