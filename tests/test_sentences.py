"""Captions of lessons 11–19 in random states: correct grammar, no wrong 0, 1, or 100%."""

import importlib
import re
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from support.captions import check_whole, everything

from bundle import states
from demos import cross_validation, linear_regression, mle
from stage import controls, trees
from stage.classification import fit
from stage.text import count

pytestmark = pytest.mark.whole

DEMOS = (
    *("normal", "central_limit", "bayes", "mle", "cross_validation"),
    *("linear_regression", "logistic", "neural_network", "decision_tree", "kmeans"),
)
STATES = 30
# singular with a plural noun, or the reverse
NUMBER = re.compile(
    r"(?<![\d.,:])1 (points|draws|splits|steps|units|runs|hours|leaves|centers|features|bits)\b"
    r"|(?<![\d.,])1 (\(\S+%\) )?(lie|fall|stay|serve|end|are)\b"
    r"|\b(\d*[2-9]|\d+0|\d*\.\d+) (point|draw|split|step|unit|run|leaf|hour|bit)\b"
)


def updates(name: str) -> tuple[Figure, Any]:
    figure = Figure(figsize=(7.2, 7.2))
    return figure, importlib.import_module(f"demos.{name}").demo(figure)


@pytest.mark.parametrize("name", DEMOS)
def test_no_state_raises_and_every_sentence_is_whole(name: str) -> None:
    figure, update = updates(name)
    known = controls.parameters(update)
    for fields in states.random_states(name, STATES, seed=1):
        told = everything(update(**controls.read(known, fields)))
        check_whole(told)
        assert not NUMBER.search(told), told
        for text in figure.findobj(Text):
            assert not re.search(r"\de[+-]?\d|nan|−0(?![.\d])", text.get_text()), text.get_text()


@pytest.mark.parametrize(
    ("name", "state", "right", "wrong"),
    [
        (
            "normal",
            {"mean": -3.0, "sd": 1.35, "a": -6.0, "b": 2.1, "n": 300},
            "1 falls outside",
            "1 fall ",
        ),
        (
            "bayes_test",
            {"sensitivity": 1, "specificity": 99},
            "finds 1 ill person and raises 1 false alarm.",
            "people",
        ),
        (
            "cross_validation",
            {
                "kind": cross_validation.LEAK,
                "degree": 8,
                "k": 2,
                "n": 20,
                "noise": 0.1,
                "seed": 0,
                "reshuffles": 0,
            },
            "4.13·10⁻⁵",
            "e-",
        ),
        (
            "logistic",
            {"w": 3.0, "b": 15.0, "x": 9.0},
            "probability above 0.999 becomes above 0.999",
            "probability 1",
        ),
        (
            "logistic",
            {"w": -3.0, "b": -15.0, "x": 9.0},
            "probability below 0.001",
            "probability 0 ",
        ),
        ("logistic", {"w": 0.1, "b": -0.3, "x": 3.0}, "log-odds 0 becomes", "log-odds below"),
        ("decision_tree", {"data": "twins", "t": 0.0}, "gains 0 of 1 bit.", "1 bits"),
        ("decision_tree", {"data": "one class"}, "of 0 bits", "0 bit."),
        ("kmeans", {"k": 1, "step": 0}, "1 of the points serves", "serve "),
        ("central_limit", {"source": "uniform", "n": 50}, "at most 0.0", "at most 0."[:9] + "."),
    ],
)
def test_right_words_and_numbers(name: str, state: dict[str, Any], right: str, wrong: str) -> None:
    _, update = updates(name)
    told = everything(update(**state))
    assert right in told, told
    assert wrong not in told.replace(right, ""), told


def test_shares_of_a_sample_are_all_or_none_only_where_they_are() -> None:
    from demos.normal import _sample

    inside, outside = np.zeros(1999), np.full(1, 3.0)
    assert "1999 (above 99.9%) lie" in _sample(np.append(inside, outside), -1, 1)
    assert "2000 (100%) lie" in _sample(np.zeros(2000), -1, 1)
    assert "1 (0.1%) lies" in _sample(np.append(inside + 4, outside - 3), -1, 1)
    assert "0 (0%) lie" in _sample(inside + 4, -1, 1)
    assert "Of 1 draw, 1 (100%) lies from a to b; its mean" in _sample(np.zeros(1), -1, 1)


def test_counts() -> None:
    assert [count(n, "point") for n in (0, 1, 2)] == ["0 points", "1 point", "2 points"]
    assert count(2, "leaf", "leaves") == "2 leaves"


def test_ties_have_a_rule() -> None:
    """Values that are equal except for rounding count as equal, whichever is slightly larger."""
    for noise in (1e-15, -1e-15):
        errors = np.array([0.5, 0.3 * (1 + noise), 0.3, 0.4])
        assert cross_validation._best(errors) == 1
    # y = ±1 at x = 0 and 1: every slope from −2 to 2 minimizes the absolute loss
    x = np.array([0.0, 0.0, 1.0, 1.0])
    for noise in (1e-14, -1e-14):
        y = np.array([1.0, -1.0, 1.0 + noise, -1.0])
        assert linear_regression.least_absolute(x, y).b1 == pytest.approx(-2)
    # symmetric students: w is 0, without a sign
    found = fit(((4.0,), (5.0,), (6.0,)), (1.0, 0.0, 1.0), 0.1)
    assert found.w == (0.0,)
    labels = np.array([0, 1] * 4)
    assert trees.gain(np.arange(8.0) // 2, labels, [0.5, 1.5, 2.5]).tolist() == [0, 0, 0]
    assert mle.best_bernoulli([1.0, -1.0]).at == (0.5,)
