import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from mmpretrain.registry import TRANSFORMS

from mmneglabel.datasets.jigsaw import JIGSAW_SEED, ShuffleTiles, shuffle_tiles, tile_order
from mmneglabel.errors import ConfigError


def noise(height, width, channels=3):
    return np.random.default_rng(0).integers(0, 256, (height, width, channels), dtype=np.uint8)


@given(st.integers(2, 64), st.lists(st.integers(0, 2**70), min_size=1, max_size=4))
def test_order_is_a_permutation_that_moves_something(tiles, seed):
    order = tile_order(tiles, seed)
    assert sorted(order) == list(range(tiles)) != list(order)
    assert (order == tile_order(tiles, seed)).all()


def test_orders_are_even_but_for_the_identity():
    counts = np.zeros((4, 4))
    for seed in range(4600):
        counts[np.arange(4), tile_order(4, [seed])] += 1
    # Of the 23 orders left, 5 keep a given tile and 6 send it to each other place.
    assert np.allclose(counts / 4600, np.where(np.eye(4), 5, 6) / 23, atol=0.025)


def test_order_is_the_same_in_all_versions_of_numpy():
    assert tile_order(9, [1, 2, 3]).tolist() == [8, 1, 3, 7, 5, 2, 0, 4, 6]


def test_tiles_keep_their_pixels():
    image = noise(6, 9)
    order = tile_order(9, [5])
    made = shuffle_tiles(image, 3, order)
    for place, tile in enumerate(order):
        (y, x), (v, u) = divmod(place, 3), divmod(tile, 3)
        want = image[2 * v : 2 * v + 2, 3 * u : 3 * u + 3]
        assert (made[2 * y : 2 * y + 2, 3 * x : 3 * x + 3] == want).all()
    assert (shuffle_tiles(made, 3, np.argsort(order)) == image).all()


def test_grey_pictures_and_tiles_of_one_pixel():
    image = np.arange(4, dtype=np.uint8).reshape(2, 2)
    assert shuffle_tiles(image, 2, [3, 2, 1, 0]).tolist() == [[3, 2], [1, 0]]


def test_only_what_is_marked_is_shuffled():
    step = TRANSFORMS.build({"type": "ShuffleTiles", "grid": 4})
    image = noise(8, 8)
    assert step({"img": image})["img"] is image
    made = step({"img": image, JIGSAW_SEED: (0, 3)})
    assert (made["img"] == shuffle_tiles(image, 4, tile_order(16, (0, 3)))).all()
    assert JIGSAW_SEED not in made
    assert made["img_shape"] == (8, 8)


def test_the_authors_jigsaws(golden):
    data = golden("jigsaw")
    for prefix in ("", "cifar_"):
        picture = data["cifar_picture" if prefix else "squashed"].numpy()
        order = data[f"{prefix}permutation"].tolist()
        made = shuffle_tiles(picture, int(data[f"{prefix}grid"]), order)
        assert (made == data[f"{prefix}jigsaw"].numpy()).all()


def test_size_squashes_jigsaws_alone(golden):
    data = golden("jigsaw")
    picture, theirs, grid = data["picture"].numpy(), data["squashed"], int(data["grid"])
    step = ShuffleTiles(grid, size=len(theirs))
    assert step({"img": picture})["img"] is picture
    made = step({"img": picture, JIGSAW_SEED: (1,)})["img"]
    back = shuffle_tiles(made, grid, np.argsort(tile_order(grid**2, (1,))))
    torch.testing.assert_close(torch.from_numpy(back).int(), theirs.int(), atol=1, rtol=0)


def test_a_grid_that_does_not_divide_names_size_and_grid():
    message = "a picture of 9x8 pixels cannot be cut into 4x4 equal tiles; give ShuffleTiles a size (a multiple of 4)"
    with pytest.raises(ConfigError, match=re.escape(message)) as info:
        ShuffleTiles(4)({"img": noise(8, 9), JIGSAW_SEED: (0,)})
    assert "\n" not in str(info.value)
    assert ShuffleTiles(4)({"img": noise(8, 9)})["img"].shape == (8, 9, 3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"grid": 1}, "grid=1; give the number of tiles a side"),
        ({"grid": 2.0}, "grid=2.0"),
        ({"grid": True}, "grid=True"),
        ({"grid": 4, "size": 30}, "size=30 is no multiple of grid=4"),
        ({"grid": 4, "size": 0}, "size=0"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(ConfigError, match=message):
        ShuffleTiles(**settings)
