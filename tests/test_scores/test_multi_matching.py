"""Multi-matching and NegRefine against vectors made with the authors' code, and against the definition."""

import pytest
import torch
from hashed_text import encode
from torch.nn.functional import normalize

from mmneglabel.errors import ConfigError
from mmneglabel.scores import MultiMatchingScore, NegLabelScore, NegRefineScore, Similarities, similarities


@pytest.fixture
def vectors(golden):
    return golden("negrefine_score")


@pytest.fixture
def compared(vectors):
    order = vectors["group_perm"]
    words = [vectors["negative_labels"][i] for i in order]
    asked = []

    def pair_features(labels, negatives):
        asked.append(len(labels))
        texts = [f"{vectors['id_labels'][y]} and {words[n]}" for y, n in zip(labels, negatives, strict=True)]
        return encode(texts, vectors["noun_templates"])

    images, labels = (normalize(vectors[f"{n}_features"], dim=-1) for n in ("image", "id"))
    negatives = vectors["negative_features"][order]
    made = Similarities(images, labels, negatives, int(vectors["n_groups"]), pair_features=pair_features)
    return made, asked


def test_golden(compared, vectors):
    for score, name in (
        (NegLabelScore(), "neg_label_score"),
        (MultiMatchingScore(), "multi_matching_score"),
        (NegRefineScore(), "score"),
    ):
        expected = vectors[name].double()
        torch.testing.assert_close(score(compared[0]).double(), expected, rtol=0, atol=1e-5)


def test_is_the_definition(compared):
    made, _ = compared
    expected = []
    for image in made.images:
        labels, negatives = ((image @ side.T).topk(2).indices for side in (made.labels, made.negatives))
        pairs = [made.pair_features(y[None], n[None])[0] @ image - made.negatives[n] @ image
                 for y in labels for n in negatives]  # fmt: skip
        expected.append((100 * torch.stack(pairs)).sigmoid().max())
    torch.testing.assert_close(MultiMatchingScore(2, 2)(made), torch.stack(expected), rtol=0, atol=1e-5)


def test_asks_for_each_pair_of_a_batch_once(compared):
    made, asked = compared
    alone = [MultiMatchingScore()(Similarities(image[None], made.labels, made.negatives, 10,
             pair_features=made.pair_features)) for image in made.images]  # fmt: skip
    assert asked == [25] * 24
    together = MultiMatchingScore()(made)
    assert asked[-1] < 25 * 24
    torch.testing.assert_close(together, torch.cat(alone), rtol=0, atol=1e-5)


@pytest.mark.parametrize("block", [1, 40, 10**6])
def test_the_best_negatives_in_blocks_of_any_size(compared, monkeypatch, block):
    made, _ = compared
    monkeypatch.setitem(similarities._BLOCK, "cpu", block)
    expected = (made.images @ made.negatives.T).topk(7, dim=1).indices
    assert torch.equal(made.top_negatives(7), expected)


def test_fewer_labels_and_negatives_than_asked_for(compared):
    made, asked = compared
    few = Similarities(made.images[:1], made.labels[:2], made.negatives[:3], 1, pair_features=made.pair_features)
    assert MultiMatchingScore()(few).shape == (1,)
    assert asked == [6]


def test_the_weight(compared):
    made, _ = compared
    expected = NegLabelScore()(made) + 0.5 * MultiMatchingScore()(made)
    torch.testing.assert_close(NegRefineScore(alpha=0.5)(made), expected)


@pytest.mark.parametrize("score", [MultiMatchingScore(), NegRefineScore()])
def test_without_a_text_tower(compared, score):
    made, _ = compared
    with pytest.raises(ConfigError, match="needs negatives and a text tower"):
        score(Similarities(made.images, made.labels, made.negatives, 10))


@pytest.mark.parametrize(
    ("score", "settings", "message"),
    [
        (MultiMatchingScore, {"top_labels": 0}, "top_labels must be an integer above 0"),
        (NegRefineScore, {"top_negatives": 0}, "top_negatives must be an integer above 0"),
        (NegRefineScore, {"alpha": -1}, "alpha must be finite and not negative"),
        (NegRefineScore, {"temperature": 0}, "temperature must be positive"),
    ],
)
def test_bad_settings(score, settings, message):
    with pytest.raises(ConfigError, match=message):
        score(**settings)
