"""Multi-matching and NegRefine against vectors made with the authors' code, and against the definition."""

import pytest
import torch
from hashed_text import encode
from torch.nn.functional import normalize

from mmneglabel.scores import MultiMatchingScore, NegLabelScore, NegRefineScore, Similarities, TextFeatures, group_order


@pytest.fixture
def vectors(golden):
    return golden("negrefine_score")


@pytest.fixture
def asked():
    """How many pairs each call asked for."""
    return []


@pytest.fixture
def seen(vectors, asked):
    names, words = vectors["id_labels"], vectors["negative_labels"]

    def pair_features(labels, negatives):
        asked.append(len(labels))
        texts = [f"{names[y]} and {words[n]}" for y, n in zip(labels, negatives, strict=True)]
        return encode(texts, vectors["noun_templates"])

    images, labels = (normalize(vectors[f"{n}_features"], dim=-1) for n in ("image", "id"))
    return Similarities(images, TextFeatures(labels, vectors["negative_features"], pair_features))


@pytest.mark.parametrize(
    ("score", "name"),
    [
        (NegLabelScore(groups=10), "neg_label_score"),
        (MultiMatchingScore(), "multi_matching_score"),
        (NegRefineScore(groups=10), "score"),
    ],
)
def test_golden(seen, vectors, score, name):
    assert torch.equal(group_order(90, int(vectors["n_groups"]), seed=0).flatten(), vectors["group_perm"])
    torch.testing.assert_close(score(seen).double(), vectors[name].double(), rtol=0, atol=1e-5)


def test_is_the_definition(seen):
    expected, (labels, negatives) = [], (seen.texts.labels, seen.texts.negatives)
    for image in seen.images:
        best, worst = ((image @ side.T).topk(2).indices for side in (labels, negatives))
        pairs = [seen.texts.pairs(y[None], n[None])[0] @ image - negatives[n] @ image for y in best for n in worst]
        expected.append((100 * torch.stack(pairs)).sigmoid().max())
    torch.testing.assert_close(MultiMatchingScore(2, 2)(seen), torch.stack(expected), rtol=0, atol=1e-5)


def test_asks_for_each_pair_of_a_batch_once(seen, asked):
    alone = [MultiMatchingScore()(Similarities(image[None], seen.texts)) for image in seen.images]
    assert asked == [25] * 24
    together = MultiMatchingScore()(seen)
    assert asked[-1] < 25 * 24
    torch.testing.assert_close(together, torch.cat(alone), rtol=0, atol=1e-5)


def test_fewer_labels_and_negatives_than_asked_for(seen, asked):
    few = TextFeatures(seen.texts.labels[:2], seen.texts.negatives[:3], seen.texts.pairs)
    assert MultiMatchingScore()(Similarities(seen.images[:1], few)).shape == (1,)
    assert asked == [6]


def test_the_weight_and_the_settings_of_its_parts(seen):
    expected = NegLabelScore(0.02, 7, 3)(seen) + 0.5 * MultiMatchingScore(2, 4)(seen)
    torch.testing.assert_close(NegRefineScore(0.5, 0.02, 7, 3, 2, 4)(seen), expected)
