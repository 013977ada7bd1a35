import pytest
from small_results import made, runs

from mmneglabel.visualization.ablations import ablations


def varied(**values):
    """A run of these scores, each with its facts."""
    return made(scores=tuple(values), facts={"scores": values})


def neglabel(**more):
    return {"type": "NegLabelScore", "groups": 100, "temperature": 0.01, "seed": 0, **more}


def test_scores_that_differ_in_one_number_make_a_curve():
    found = varied(a=neglabel(), b=neglabel(groups=1, seed=5), c=neglabel(groups=10), d=neglabel(temperature=1.0))
    (groups,) = ablations([runs("run", found)])["groups"]
    assert [(value, [score for score, _ in methods]) for value, methods in groups.points.items()] == [
        (1, ["b"]), (10, ["c"]), (100, ["a"]),
    ]  # fmt: skip
    assert list(ablations([runs("run", found)])) == ["groups"]


def test_numbers_of_the_bank_count_too():
    ratios = {"a": 0.1, "b": 0.2, "c": 0.3}
    facts = {
        "scores": {name: neglabel(bank=name) for name in ratios},
        "banks": {name: {"method": "NegMining", "ratio": ratio} for name, ratio in ratios.items()},
    }  # fmt: skip
    found = ablations([runs("run", made(scores=tuple("abc"), facts=facts))])
    assert list(found) == ["bank.ratio"]
    assert list(found["bank.ratio"][0].points) == [0.1, 0.2, 0.3]


def test_runs_make_one_curve_and_seeds_its_spread():
    several = [
        runs(f"g{groups}", *(varied(NegLabel=neglabel(groups=groups, seed=seed)) for seed in (0, 1)))
        for groups in (1, 10, 100)
    ]
    ((found,),) = ablations(several).values()
    assert found.name == "NegLabel"
    assert [len(list(found.parts(value, "auroc"))) for value in found.points] == [2, 2, 2]


@pytest.mark.parametrize(
    "others",
    [
        [neglabel(groups=1), neglabel(groups=2, temperature=1.0)],
        [neglabel(groups=1), neglabel(seed=1)],
        [neglabel(groups=1), neglabel(groups="many")],
        [neglabel(groups=1), neglabel(groups=2, type="Other")],
        [{}, {}],
    ],
    ids=["two numbers", "two values", "no number", "another type", "nothing told"],
)
def test_else_there_is_none(others):
    found = varied(**dict(zip("abc", [neglabel(), *others], strict=True)))
    assert ablations([runs("run", found)]) == {}


def test_other_images_make_no_curve():
    several = [
        runs(f"g{n}", made(scores=("a",), images=n, facts={"scores": {"a": neglabel(groups=n)}})) for n in (40, 41, 42)
    ]
    assert ablations(several) == {}
