"""Where the texts of classes come from: a file, WordNet, a template; and what a file may hold."""

import re

import pytest
from paths import authors

from mmneglabel.building import build
from mmneglabel.corpus import DescriptionFile, PlainPrompts, WordNetGlosses, read_class_list, resource
from mmneglabel.corpus.descriptions import read_descriptions, write_descriptions
from mmneglabel.corpus.noun_synsets import is_wordnet_id
from mmneglabel.errors import ConfigError, DataError


@pytest.fixture
def release(wordnet_folder):
    """The same database under the name of a release; every place in it stays where it is."""

    def named(version):
        for path in wordnet_folder.glob("data.*"):
            text = path.read_text()
            stand_in = "This stands in for the licence, which every file begins with"
            path.write_text(text.replace(stand_in, f"WordNet {version} Copyright".ljust(len(stand_in))))
        return wordnet_folder

    return named


def offset(folder, lemma):
    """The id of the synset that has a lemma."""
    (line,) = re.findall(rf"^(\d{{8}}) .* {lemma} ", (folder / "data.noun").read_text(), re.MULTILINE)
    return f"n{line}"


def test_a_file_serves_a_subset_in_the_order_of_the_classes(write_files):
    path = write_files({"a.tsv": "dog\tA dog.\naquarium fish\tA fish.\ncat\tA cat.\n"}) / "a.tsv"
    source = build({"type": "DescriptionFile", "path": str(path)})
    assert source.describe(["cat", "aquarium_fish", "cat"]) == ("A cat.", "A fish.", "A cat.")


def test_missing_classes_are_counted_and_the_first_named(write_files):
    path = write_files({"a.tsv": "beagle\tA dog.\ncat\tA cat.\n"}) / "a.tsv"
    with pytest.raises(DataError, match=r"lacks 2 of 3 classes, first 'Beagle' \(did you mean 'beagle'\?\)"):
        DescriptionFile(path).describe(["cat", "Beagle", "emu"])


def test_shipped_files_are_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (text,) = DescriptionFile("txtfiles/descriptions/cifar10.tsv").describe(["frog"])
    assert text.startswith("A frog is")
    with pytest.raises(DataError, match="cannot be read"):
        DescriptionFile("txtfiles/descriptions/cifar11.tsv").describe(["frog"])
    own = tmp_path / "txtfiles" / "descriptions" / "cifar10.tsv"
    own.parent.mkdir(parents=True)
    own.write_text("frog\tMine.\n")
    assert DescriptionFile("txtfiles/descriptions/cifar10.tsv").describe(["frog"]) == ("Mine.",)


def test_glosses_by_id_and_by_first_noun_sense(release):
    folder = release("3.0")
    source = build({"type": "WordNetGlosses", "folder": str(folder)})
    ids = [offset(folder, "Great_Dane"), "dogs", ""]
    assert source.describe(["big_dog", "dog", "wait"], ids) == (
        "big dog: a very large dog",
        "dog: a canine",
        "wait: the act of waiting",
    )
    assert source.describe(["Great Dane"]) == ("Great Dane: a very large dog",)


def test_nltk_data_gives_the_same_glosses(nltk_data):
    assert WordNetGlosses().describe(["dog"]) == ("dog: a canine",)


@pytest.mark.parametrize("wordnet_id", ["n00000003", "n99999999", ""])
def test_a_class_that_wordnet_lacks(release, wordnet_id):
    source = WordNetGlosses(release("3.0"))
    with pytest.raises(DataError, match=rf"no noun for 1 of 2 classes, first 'good' \(id {wordnet_id or 'none'}\)"):
        source.describe(["dog", "good"], ["", wordnet_id])


def test_ids_want_the_release_that_they_are_of(release):
    folder = release("2.1")
    with pytest.raises(DataError, match=r"release 2\.1, and ids such as n\d+ are places in release 3\.0"):
        WordNetGlosses(folder).describe(["wait", "dog"], ["", offset(folder, "domestic_dog")])
    assert WordNetGlosses(folder).describe(["dog"], ["dogs"]) == ("dog: a canine",)


def test_missing_and_damaged_wordnet(tmp_path, release):
    with pytest.raises(DataError, match="no WordNet folder"):
        WordNetGlosses(tmp_path / "nowhere").describe(["dog"])
    folder = release("3.0")
    wait = offset(folder, "Great_Dane")
    data = (folder / "data.noun").read_text()
    (folder / "data.noun").write_text(data.replace("Great_Dane 0 001", "Great_Dane 0 00x"))
    with pytest.raises(DataError, match="damaged"):
        WordNetGlosses(folder).describe(["dane"], [wait])


def test_plain_prompts():
    assert build({"type": "PlainPrompts"}).describe(["aquarium_fish"], ["fish"]) == ("a photo of a aquarium fish",)
    assert PlainPrompts("{}").describe(["cat"]) == ("cat",)
    for template in ("a photo", "{} and {}"):
        with pytest.raises(ConfigError, match=re.escape(repr(template))):
            PlainPrompts(template)


@pytest.mark.parametrize("text", ["n0208407", "n020840711", "02084071", "n0208407x", "", "n0208407\u0661"])
def test_what_is_no_wordnet_id(text):
    assert not is_wordnet_id(text)
    assert is_wordnet_id("n02084071")


IDS = {"American dipper": "n01601694", "jay": "n01580077", "cardigan": "n02963159"}
FILE = "Water ouzel:a bird in a brook\njay:a blue bird\nCardigan:a garment\n"


def test_wordnets_other_names_pair_ids_with_lines(write_files):
    path = write_files({"a.txt": FILE}) / "a.txt"
    texts = DescriptionFile(path).describe(list(IDS), list(IDS.values()))
    assert texts == ("a bird in a brook", "a blue bird", "a garment")


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        (FILE, {"American dipper": "dippers", "jay": "jays", "cardigan": "cardigans"}),  # no ids
        (FILE + "robin:a red bird\n", IDS),  # more lines than classes: one may be meant for another class
        (FILE, {"American dipper": "n01601694", "cardigan": "n02963159"}),  # and fewer
        (FILE.replace("jay", "magpie"), IDS),
        # Both are a "missile" of WordNet's.
        ("missile:it flies\nrocket:it flies high\n", {"guided weapon": "n03773504", "shot": "n04008634"}),
    ],
)
def test_other_names_that_leave_a_doubt(write_files, text, classes):
    path = write_files({"a.txt": text}) / "a.txt"
    with pytest.raises(DataError, match=r"a\.txt lacks"):
        DescriptionFile(path).describe(list(classes), list(classes.values()))


@pytest.mark.parametrize(
    ("file", "listed"),
    [
        ("cifar10_description", "cifar10"),
        ("cifar100_description", "cifar100"),
        ("Imagenet100_description", "imagenet100_tagfog_1"),
        ("Imagenet100_general_description", "imagenet100_tagfog_2"),
    ],
)
def test_the_authors_files_pair_as_their_code_does(file, listed):
    """By the number of the line, which is the label of the class."""
    path = authors(f"{file}.txt")
    classes = read_class_list(f"txtfiles/classes/{listed}.txt")
    texts = DescriptionFile(path).describe([entry.name for entry in classes], [entry.folder for entry in classes])
    for line, text in zip(path.read_text(encoding="utf-8").splitlines(), texts, strict=True):
        assert line.strip().endswith(text)


LISTS = [
    resource("txtfiles") / "classes" / f"{path.stem}.txt" for path in resource("txtfiles").glob("descriptions/*.tsv")
]


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_shipped_descriptions_fit_their_class_list(path):
    from open_clip import SimpleTokenizer

    from mmneglabel.backbones import cut_texts

    names = [listed.name.replace("_", " ") for listed in read_class_list(path)]
    texts = DescriptionFile(resource("txtfiles") / "descriptions" / f"{path.stem}.tsv").describe(names)
    assert len(set(texts)) == len(names)
    assert all(20 <= len(text.split()) <= 45 for text in texts)
    assert [n for n, text in zip(names, texts, strict=True) if n.split(" /")[0].lower() not in text.lower()] == []
    assert cut_texts(SimpleTokenizer(), texts) == []


def test_lists_share_their_descriptions():
    first, second = (f"txtfiles/descriptions/imagenet100_tagfog_{number}.tsv" for number in (1, 2))
    assert DescriptionFile(first).describe(["ladle"]) == DescriptionFile(second).describe(["ladle"])
    assert len(LISTS) >= 4


def test_comments_blanks_and_underscores(write_files):
    text = "\ufeff# by hand\r\n\r\naquarium_fish\t A fish in a tank.  \r\ncat\tA cat; #1 pet.\r\n"
    path = write_files({"a.tsv": text}) / "a.tsv"
    assert read_descriptions(path) == {"aquarium fish": "A fish in a tank.", "cat": "A cat; #1 pet."}


@pytest.mark.parametrize(
    "text",
    [
        "maple_tree: a tree: red in autumn\ncat: a pet that is small\n",  # a text may hold what parts
        "maple tree:a tree: red in autumn\n\ncat:a pet that is small",
        "maple tree is a tree: red in autumn\ncat is a pet that is small\n",
    ],
)
def test_forms_that_tagfogs_authors_released(write_files, text):
    path = write_files({"a.txt": text}) / "a.txt"
    assert read_descriptions(path) == {"maple tree": "a tree: red in autumn", "cat": "a pet that is small"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cat\n", "line 1 is 'cat'"),
        ("# x\n\ncat\t\n", "line 3 is 'cat'"),
        ("\tA cat.\n", "line 1 is 'A cat.'"),
        ("cat\tA cat.\tfelis\n", "one tab"),
        ("my_cat\tA cat.\ndog\tA dog.\nmy cat\tA cat.\n", "'my cat' on lines 1 and 3"),
        ("# nothing\n", "is empty"),
        ("cat\tA cat: small.\ndog: a dog\n", "line 2 is 'dog: a dog'"),
        ("cat is a pet\ndog: a dog\n", "line 1 is 'cat is a pet'"),
        ("cat:\ndog: a dog\n", "line 1 is 'cat:'"),
        (b"caf\xe9\tA place.\n", "not UTF-8"),
    ],
)
def test_what_is_refused_is_named_with_its_place(write_files, text, words):
    path = write_files({"a.tsv": text}) / "a.tsv"
    with pytest.raises(DataError) as caught:
        read_descriptions(path)
    assert words in str(caught.value)
    assert "a.tsv" in str(caught.value)


def test_missing_file(tmp_path):
    with pytest.raises(DataError, match=r"description file .*nowhere\.tsv cannot be read"):
        read_descriptions(tmp_path / "nowhere.tsv")


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / "a.tsv"
    descriptions = {"dog": "A dog.", "aquarium fish": "A fish: blue, \u201cquoted\u201d."}
    write_descriptions(path, descriptions.items(), ["# one", "# two"])
    assert list(read_descriptions(path).items()) == list(descriptions.items())
    assert path.read_text().splitlines()[:2] == ["# one", "# two"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_never_breaks_its_line(tmp_path):
    write_descriptions(tmp_path / "a.tsv", [("dog", "A\tdog\nbarks.")])
    assert read_descriptions(tmp_path / "a.tsv") == {"dog": "A dog barks."}
