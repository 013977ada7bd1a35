import pytest
import torch

from mmneglabel.backbones import encode_words
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.mining import NegMining, RandomWords, farthest, notes, quantile_similarity


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
