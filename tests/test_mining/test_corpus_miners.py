import pytest
import torch

from mmneglabel.backbones import encode_words
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.mining import LabelsOnly, NegMining, RandomWords, farthest, notes, quantile_similarity


def test_nouns_and_adjectives_apart_nouns_first_farthest_first(mine, words):
    bank = mine(NegMining(corpus=words, ratio=0.25, groups=5))
    assert bank.parts_of_speech == ("noun",) * 15 + ("adj",) * 10
    assert (bank.distances[:15].diff() <= 0).all()
    assert (bank.distances[15:].diff() <= 0).all()


def test_selection_is_negmining(mine, words):
    from stand_in import StandInBackbone

    tower = StandInBackbone()
    nouns = [f"noun {i}" for i in range(60)]
    labels = encode_words(tower, ["the nice cat", "the nice dog", "the nice cat"])
    similarity = quantile_similarity(encode_words(tower, [f"the nice {n}" for n in nouns]), labels, 0.95)
    expected = [nouns[i] for i in farthest(similarity, 0.25).tolist()]
    assert list(mine(NegMining(corpus=words, ratio=0.25, groups=5)).negatives[:15]) == expected


def test_scoring_order_follows_the_words(mine, words):
    from stand_in import StandInBackbone

    bank = mine(NegMining(corpus=words, ratio=0.25, groups=5))
    prompts = [("the nice {}" if p == "noun" else "This is a {} photo").format(w)
               for w, p in zip(bank.negatives, bank.parts_of_speech, strict=True)]  # fmt: skip
    torch.testing.assert_close(bank.negative_features, encode_words(StandInBackbone(), prompts)[bank.order])


def test_random_words_are_as_many_and_seeded(mine, words):
    first, again, other = (mine(RandomWords(corpus=words, ratio=0.25, groups=5, seed=s)) for s in (0, 0, 1))
    assert first.parts_of_speech == ("noun",) * 15 + ("adj",) * 10
    assert len(set(first.negatives)) == 25
    assert first.negatives == again.negatives != other.negatives


def test_the_global_random_state_is_not_touched(mine, words):
    state = torch.get_rng_state()
    mine(RandomWords(corpus=words, groups=5))
    assert torch.equal(torch.get_rng_state(), state)


def test_words_count_in_the_fingerprint_not_their_path(words, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in words.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    one, two = (NegMining(corpus=folder).fingerprint(("cat",), "tower") for folder in (words, copy))
    fewer = NegMining(corpus=words, exclude_words=["noun 3"]).fingerprint(("cat",), "tower")
    assert one == two != fewer


def test_refuses_more_groups_than_negatives(mine, words):
    with pytest.raises(ConfigError, match="groups=16 for 15 negatives"):
        mine(NegMining(corpus=words, groups=16))


def test_the_default_groups_are_cut_to_the_negatives(mine, words):
    bank = mine(NegMining(corpus=words))
    assert (bank.groups, len(bank.negatives)) == (15, 15)
    assert notes(bank, NegMining(corpus=words))[-1].startswith("15 groups of one negative, not 100")
    assert not any("groups" in note for note in notes(bank, NegMining(corpus=words, groups=15)))


def test_refuses_a_ratio_that_leaves_nothing(mine, words):
    with pytest.raises(ConfigError, match="No negatives to group"):
        mine(NegMining(corpus=words, ratio=0.001))


def test_refuses_an_empty_corpus(mine, tmp_path):
    (tmp_path / "words.txt").write_text("\n \n")
    with pytest.raises(DataError):
        mine(NegMining(corpus=tmp_path / "words.txt"))


@pytest.mark.parametrize("miner", [NegMining, RandomWords])
def test_words_without_features_are_left_out(words, caplog, miner):
    """Zeros have cosine 0 to every label, and would be the farthest of all."""
    mute = {f"the nice noun {i}" for i in range(10)}

    def encode(texts, templates=("{}",)):
        given = torch.tensor([[1.0, 0.1 * len(text)] for text in texts])
        filled = [templates[0].format(text) for text in texts]
        return torch.nn.functional.normalize(given) * torch.tensor([[float(text not in mute)] for text in filled])

    bank = miner(corpus=words, ratio=1.0, groups=5).mine(("cat", "dog"), encode, "tower")
    assert {*bank.negatives} == {f"noun {i}" for i in range(10, 60)} | {f"adj {i}" for i in range(40)}
    assert (bank.negative_features.norm(dim=1) > 0.99).all()
    said = [line for line in caplog.messages if "left out" in line]
    assert len(said) == 1
    assert said[0].startswith("10 of 100 candidates are left out, such as 'noun ")


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
@pytest.mark.parametrize("miner", [NegMining, LabelsOnly])
def test_class_names_without_features_are_refused(words, miner, value):
    def encode(texts, templates=("{}",)):
        return torch.tensor([[value, value] if text == "dog" else [1.0, 0.0] for text in texts])

    with pytest.raises(DataError, match="gives 1 of 2 class names no features, such as 'dog'"):
        miner(**({"corpus": words} if miner is NegMining else {})).mine(("cat", "dog"), encode, "tower")
