"""How numbers are written, and that captions of lessons 1 to 10 are never wrong."""

import importlib
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from support.captions import everything

from bundle import states
from demos import matrix_transform, pca, vector_addition
from stage import (
    Caption,
    Figure,
    apart,
    controls,
    coordinate,
    degrees,
    number,
    optimization,
    percent,
    power,
    rounded,
    theme,
)

NAMES = (
    "vector_addition",
    "matrix_transform",
    "matrix_product",
    "dot_product",
    "pca",
    "derivative",
    "gradient_field",
    "gradient_descent",
    "backprop",
    "optimizers",
)
STATES = 150  # random states for each figure
# Forbidden in captions: not a number, −0, a full turn, a power such as 1e-05
NONSENSE = re.compile(
    r"\bnan\b|\binf\b|\bNone\b(?! of)|−0(?![.\d])|(?<![\d.])0 (less|above|below|times) "
    r"|points to 360°|\de[+-]\d|\b1 (points|steps) "
)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.125, 2, "0.13"),  # halves are rounded away from zero…
        (-0.125, 2, "−0.13"),
        (2.675, 2, "2.68"),
        (1.1 * 1.1 - 1.205, 2, "0.01"),  # … even if the last digits of float64 are slightly off
        (-0.0, 2, "0"),
        (1e-17, 2, "0"),
        (0.0007, 2, "0.0007"),
        (-0.004, 2, "−0.004"),
        (3.2e-6, 2, "3·10⁻⁶"),
        (1200.0, 0, "1200"),
    ],
)
def test_a_number(value: float, decimals: int, text: str) -> None:
    assert number(value, decimals) == text


def test_only_zero_is_written_as_zero() -> None:
    for exponent in np.linspace(-8.9, 3, 400):
        for sign in (1, -1):
            for write in (number, power):
                assert write(sign * float(10**exponent)) not in ("0", "−0")


def test_a_last_digit_changes_no_text() -> None:
    """Exact halves, which binary numbers miss slightly, with errors in the last digits."""
    for thousandths in range(5, 4000, 10):
        value = thousandths / 1000
        texts = {number(value * (1 + k * 2.0**-50)) for k in range(-4, 5)}
        assert texts == {number((thousandths + 5) // 10 / 100)}


def test_powers() -> None:
    found = [power(x) for x in (0.25, 0.00071, 3.25e-6, 1e-8, -1e-8, 0, 162755)]
    assert found == ["0.25", "0.00071", "3.25·10⁻⁶", "10⁻⁸", "−10⁻⁸", "0", "162755"]


def test_percent_is_0_or_100_only_where_it_is() -> None:
    shares = (0, 1, 0.5, 1e-6, 1 - 1e-6, 1 / 3)
    assert [percent(share) for share in shares] == [
        *("0%", "100%", "50%"),
        *("below 0.01%", "above 99.99%", "33.33%"),
    ]
    assert percent(0.9996, 0) == "above 99%"


def test_marks_and_turns() -> None:
    assert [apart(x, 1, 0, 90, 180) for x in (90, 89.998, 179.99996, 0.0012, 45.04)] == [
        *("90", "89.998", "179.99996", "0.001", "45"),
    ]
    assert [degrees(x) for x in (359.98, -1e-16, 360, 12.34)] == ["0°", "0°", "0°", "12.3°"]
    assert (coordinate(-0.004), rounded(-0.001)) == ("0", 0)
    assert math.copysign(1, rounded(-0.001)) == 1


def update_of(name: str) -> tuple[Callable[..., str], dict[str, controls.Parameter]]:
    theme.use("light")
    update = importlib.import_module(f"demos.{name}").demo(Figure(figsize=(7.2, 5)))
    return update, controls.parameters(update)


def says(name: str, **state: Any) -> str:
    return update_of(name)[0](**state)


def describes(name: str, **state: Any) -> str:
    """The caption and the description of the picture."""
    return everything(says(name, **state))


@pytest.mark.parametrize("name", NAMES)
def test_no_random_state_says_nonsense(name: str) -> None:
    update, known = update_of(name)
    for state in [*states.linked(name), *states.random_states(name, STATES, seed=1)]:
        caption = update(**controls.read(known, state))
        assert caption.endswith("."), caption
        assert not NONSENSE.search(caption), (states.address(name, state), caption)


def test_a_cloud_without_width_has_no_negative_variance() -> None:
    """Once, the square root of −1e-17 raised an error."""
    update, _ = update_of("pca")
    for tilt in range(0, 181, 5):
        caption = update(theta=float((tilt + 90) % 180), tilt=float(tilt), across=0.0)
        assert "keeps 0% of the variance" in caption
    flat = pca.covariance(pca.cloud(2, 0, 5, 60, 41))
    assert (pca.captured(flat, np.linspace(0, 180, 1801)) >= 0).all()


def test_vectors_that_are_almost_parallel_are_not_called_parallel() -> None:
    caption = describes("vector_addition", points=((5.0, 4.9), (4.9, 4.8)))
    assert "almost as long as the two together" in caption
    assert "The angle between a and b is 0.01°." in caption
    assert "the same way" in describes("vector_addition", points=((2.0, 4.0), (1.0, 2.0)))


def test_a_very_flat_oval_has_a_width() -> None:
    caption = describes("matrix_transform", matrix=((2.0, 1.9), (1.9, 1.8)))
    # σ₂/σ₁ = |det| / σ₁², and σ₁² + σ₂² is the sum of the squared entries
    assert pytest.approx(0.0007, abs=5e-5) == 0.01 / (2 * 2 + 2 * 1.9 * 1.9 + 1.8 * 1.8)
    assert "0.0007 times as wide" in caption


def test_the_singular_values_are_those_of_the_definition() -> None:
    """A times the kept direction is σ₁ times the line, kept ⟂ lost, and the sign is fixed."""
    rng = np.random.default_rng(2)
    for _ in range(300):
        matrix = rng.integers(-20, 21, (2, 2)) / 10
        found = matrix_transform.squash(matrix)
        sizes = np.linalg.svd(matrix, compute_uv=False)
        np.testing.assert_allclose(matrix @ found.kept, sizes[0] * found.line, atol=1e-12)
        assert np.linalg.norm(matrix @ found.lost) == pytest.approx(sizes[1], abs=1e-12)
        assert found.flat == pytest.approx(sizes[1] / sizes[0] if sizes[0] else 0, abs=1e-12)
        assert (round(found.line[0], 9), found.line[1]) >= (0, 0)


def test_of_two_points_that_land_in_one_place_the_left_one_is_named() -> None:
    """(1.5, 2) and (2.5, 0) are equally close to the middle; once, machines disagreed."""
    caption = describes("matrix_transform", matrix=((1.0, 0.5), (1.0, 0.5)), x=((2.0, 1.0),))
    assert "such as x and (1.5, 2)" in caption


def test_the_way_to_a_target_is_least_squares() -> None:
    rng = np.random.default_rng(3)
    for i in range(300):
        a, b, t = rng.integers(-50, 51, (3, 2)) / 10
        if i % 3 == 0:
            b = a * rng.integers(-2, 3)
        found = vector_addition.reach(a, b, t)
        solved = np.linalg.lstsq(np.column_stack([a, b]), t, rcond=1e-9)
        np.testing.assert_allclose(found.coefficients, solved[0], atol=1e-9)
        assert found.rank == solved[2]


def test_a_direction_is_below_360_degrees() -> None:
    caption = describes("gradient_field", surface="two peaks", point=((-2.9, 1.1),), show=True)
    assert "points to 0°" in caption


def test_a_score_beside_a_level_is_told_apart_from_it() -> None:
    caption = Caption.of(says("dot_product", x=((1.752, 0.0),), w=((2.0, 0.0),), c=3.5))
    assert "w·x is 3.504, above" in caption
    assert "w·x = 3.504, 0.004 above the level 3.5" in caption.detail


def test_what_rounding_decides_is_told_in_words() -> None:
    """RMSProp is chaotic in a rotated valley: its last digits are rounding errors."""
    told = everything(says("optimizers", theta=45.0, eta=0.0603, step=100))
    assert re.search(r"RMSProp too sensitive to rounding to predict after step 8\d\b", told)
    caption = says("gradient_descent", f="saddle", eta=1.7, start=((0.2, 0.3),), step=100)
    assert re.search("step 24, the path is too sensitive to rounding", caption)
    rests = says("gradient_descent", f="Rosenbrock", eta=0.18, start=((1.0, 1.0),), step=100)
    assert "sensitive" not in rests


def test_a_final_loss_is_given_only_if_rounding_does_not_decide() -> None:
    rng = np.random.default_rng(5)
    for place in (optimization.valley(100), optimization.valley(100, 45)):
        losses = optimization.final_losses(place, optimization.RATES, 100)
        x, y = place.start
        for method, rule in enumerate(optimization.rules()):
            for column in rng.choice(np.flatnonzero(np.isfinite(losses[method])), 4):
                eta, ends = float(optimization.RATES[column]), []
                for nudge in (1 + 2.0**-49, 1 - 2.0**-49):
                    start = (x * nudge, y / nudge)
                    walked = optimization.run(rule, place, eta, [(0.0, 0.0)] * 100, start)
                    ends.append(walked.losses[-optimization.TAIL :].mean())
                assert ends[0] == pytest.approx(ends[1], rel=1e-3, abs=1e-4)
                assert losses[method, column] == pytest.approx(ends[0], rel=1e-3, abs=1e-4)
