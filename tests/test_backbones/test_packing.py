import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmneglabel.backbones import encode_prompts, packing
from mmneglabel.backbones.packing import pack, plan_rows

# Few letters, so that prompts repeat and begin alike; the tiny tower cuts all but the shortest at its 16 tokens.
WORDS = st.lists(st.sampled_from(["the", "nice", "dog", "doghouse", "yellow-bellied"]), max_size=20).map(" ".join)
PROMPTS = st.lists(WORDS, max_size=12)
# Token rows of a made-up tokenizer: 9 ends a row, 0 pads it.
ROWS = st.lists(st.lists(st.integers(1, 2), max_size=5).map(lambda row: [*row, 9]), min_size=1, max_size=12)


def padded(rows):
    return torch.tensor([row + [0] * (6 - len(row)) for row in rows]), torch.tensor([len(row) for row in rows])


def paths(packed):
    """Each prompt read back: the nodes that its end sees, by depth."""
    seen = [packed.visible[end].nonzero()[:, 0] for end in packed.ends]
    return [nodes[packed.positions[nodes].argsort()] for nodes in seen]


@pytest.mark.parametrize("most_nodes", [20, 256])
@settings(max_examples=30)
@given(prompts=PROMPTS, batch_size=st.integers(1, 12))
def test_features_are_those_of_each_prompt_alone(tower, most_nodes, prompts, batch_size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "MOST_NODES", most_nodes)
        features = encode_prompts(tower, prompts, batch_size=batch_size)
    with torch.no_grad():
        alone = [tower.model.encode_text(tower.tokenize([prompt])) for prompt in prompts]
    torch.testing.assert_close(features, torch.cat([torch.zeros(0, 32), *alone]), rtol=0, atol=1e-5)


@given(ROWS)
def test_a_packed_prompt_reads_back_as_itself(rows):
    packed = pack(*padded(sorted(rows)))
    for row, nodes in zip(sorted(rows), paths(packed), strict=True):
        assert packed.tokens[nodes].tolist() == row
        assert packed.positions[nodes].tolist() == list(range(len(row)))


@given(ROWS)
def test_every_beginning_is_stored_once(rows):
    beginnings = {tuple(row[:i]) for row in rows for i in range(1, len(row) + 1)}
    assert len(pack(*padded(sorted(rows))).tokens) == len(beginnings)


@given(ROWS)
def test_a_node_sees_what_its_parent_sees_and_itself(rows):
    packed = pack(*padded(sorted(rows)))
    for path in paths(packed):
        for depth, node in enumerate(path):
            assert packed.visible[node].nonzero()[:, 0].tolist() == sorted(path[: depth + 1].tolist())


@given(rows=ROWS, batch_size=st.integers(1, 4), most_nodes=st.integers(1, 20))
def test_a_plan_has_each_prompt_once_in_rows_of_the_asked_size(rows, batch_size, most_nodes):
    tokens, lengths = padded(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "MOST_NODES", most_nodes)
        plan = plan_rows(tokens, lengths, batch_size)
    assert torch.cat(plan).sort().values.tolist() == list(range(len(rows)))
    assert max(map(len, plan)) <= batch_size
    assert all(len(row) == 1 or len(pack(tokens[row], lengths[row]).tokens) <= most_nodes for row in plan)


def test_the_drawing_of_the_docstring():
    packed = pack(*padded([[1, 2, 3, 4, 5, 9], [1, 2, 3, 4, 6, 9], [1, 2, 3, 4, 6, 9]]))
    assert packed.tokens.tolist() == [1, 2, 3, 4, 5, 9, 6, 9]
    assert packed.positions.tolist() == [0, 1, 2, 3, 4, 5, 4, 5]
    assert packed.ends.tolist() == [5, 7, 7]
    assert packed.visible[6].tolist() == [True] * 4 + [False, False, True, False]


def test_a_plan_of_nothing():
    assert plan_rows(torch.zeros(0, 6, dtype=torch.long), torch.zeros(0, dtype=torch.long), 4) == []
