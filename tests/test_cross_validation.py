"""Lesson 14: the mathematics of `cross_validation` against scikit-learn and NumPy's polynomials."""

import html
import math
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.polynomial import Polynomial
from numpy.typing import NDArray
from sklearn.feature_selection import SelectKBest, f_regression  # type: ignore[import-untyped]
from sklearn.linear_model import LinearRegression  # type: ignore[import-untyped]
from sklearn.model_selection import (  # type: ignore[import-untyped]
    KFold,
    PredefinedSplit,
    cross_val_predict,
)
from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
from support.captions import check_captions

from demos import cross_validation as cv
from stage import controls
from stage.artists import Cells

LESSON = Path(__file__).parent.parent / "site" / "lessons" / "14-cross-validation.html"
SETTINGS = [  # n, noise, k, seed
    *((20, 0.3, 4, 1), (30, 0.3, 5, 2), (33, 0.1, 5, 3), (47, 1.0, 10, 4), (60, 0.55, 3, 5)),
    (60, 0.8, 2, 6),
]


@pytest.mark.parametrize("n", [20, 29, 60])
@pytest.mark.parametrize("k", [2, 3, 7, 10])
def test_folds_are_those_of_scikit_learn(n: int, k: int) -> None:
    for split in range(5):
        labels = cv.folds(n, k, 9, split)
        shuffled = np.random.default_rng([9, split]).permutation(n)
        for fold, (_, hidden) in enumerate(KFold(k).split(shuffled)):
            assert set(np.flatnonzero(labels == fold)) == set(shuffled[hidden])
    assert not np.array_equal(cv.folds(n, k, 9, 0), cv.folds(n, k, 9, 1))


@pytest.mark.parametrize(("n", "noise", "k", "seed"), SETTINGS)
def test_errors_are_those_of_fitted_polynomials(n: int, noise: float, k: int, seed: int) -> None:
    data = cv.drawn(cv.WAVE, n, noise, seed)
    labels = np.array([cv.folds(n, k, seed, split) for split in range(4)])
    seen, hidden = cv.errors(cv.WAVE, data, labels, k)
    for split, label in enumerate(labels):
        for degree in range(cv.DEGREE + 1):
            inside, outside = [], []
            for fold in range(k):
                away = label == fold
                fit = Polynomial.fit(data.x[~away], data.y[~away], degree, domain=[0, 1])
                squares = (data.y - fit(data.x)) ** 2
                inside += squares[~away].tolist()
                outside += squares[away].tolist()
            assert seen[split, degree] == pytest.approx(np.mean(inside), rel=1e-6)
            assert hidden[split, degree] == pytest.approx(np.mean(outside), rel=1e-6)


@pytest.mark.parametrize("leak", [False, True])
@pytest.mark.parametrize(("n", "noise", "k", "seed"), SETTINGS[:4])
def test_errors_on_noise_are_those_of_scikit_learn(
    n: int, noise: float, k: int, seed: int, leak: bool
) -> None:
    """A pipeline chooses within each fold; choosing before it is the leak."""
    kind = cv.LEAK if leak else cv.NOISE
    data = cv.drawn(kind, n, noise, seed)
    labels = cv.folds(n, k, seed, 0)
    _, hidden = cv.errors(kind, data, labels[None], k)
    for size in (1, 3, 8):
        choose, model = SelectKBest(f_regression, k=size), LinearRegression()
        features: NDArray[np.float64] = data.candidates
        if leak:
            features = choose.fit_transform(features, data.y)
        else:
            model = make_pipeline(choose, model)
        foretold = cross_val_predict(model, features, data.y, cv=PredefinedSplit(labels))
        assert hidden[0, size] == pytest.approx(np.mean((data.y - foretold) ** 2), rel=1e-8)


def test_nested_fits_predict_elsewhere_too() -> None:
    data = cv.drawn(cv.WAVE, 40, 0.4, 7)
    at = np.linspace(0, 1, 17)
    used = np.arange(40) % 3 > 0
    found = cv.nested_fits(cv.powers(data.x), data.y, used, cv.powers(at))
    for degree in range(cv.DEGREE + 1):
        fit = Polynomial.fit(data.x[used], data.y[used], degree)
        np.testing.assert_allclose(found[:, degree], fit(at), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("kind", [cv.WAVE, cv.NOISE, cv.LEAK])
def test_the_risk_is_the_error_on_new_data(kind: str) -> None:
    rng = np.random.default_rng(14)
    n, noise, seed, many = 30, 0.5, 8, 200_000
    data, found = cv.drawn(kind, n, noise, seed), cv.risk(kind, n, noise, seed)
    for degree in (0, 3, 6):
        if kind == cv.WAVE:
            x = rng.random(many)
            foretold = Polynomial.fit(data.x, data.y, degree)(x)
            y = np.sin(2 * np.pi * x)
        else:
            chosen = cv.best_features(data, np.ones(n, dtype=bool))[:, 1 : degree + 1]
            model = LinearRegression().fit(np.column_stack([chosen, np.zeros(n)]), data.y)
            x = np.column_stack([rng.standard_normal((many, degree)), np.zeros(many)])
            foretold, y = model.predict(x), np.zeros(many)
        new = np.mean((y + noise * rng.standard_normal(many) - foretold) ** 2)
        assert found[degree] == pytest.approx(new, rel=0.02)
        assert found[degree] > noise**2


def test_data_grow_without_changing() -> None:
    few, many = (cv.drawn(cv.WAVE, n, 0.3, 5) for n in (20, 60))
    assert set(zip(few.x, few.y, strict=True)) <= set(zip(many.x, many.y, strict=True))
    assert (np.diff(many.x) > 0).all()
    noise = cv.drawn(cv.NOISE, 60, 0.3, 5).y
    np.testing.assert_allclose(many.y - np.sin(2 * np.pi * many.x), noise, atol=1e-12)


def test_splits_are_the_same_in_whichever_order_they_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    step, jump = (cv.Splits(cv.WAVE, 30, 0.3, 5, 2) for _ in range(2))
    for count in (1, 2, 7, 40, 90):
        step.up_to(count)
    for one, other in zip(step.up_to(90), jump.up_to(90), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    assert step.up_to(7)[1].shape == (7, cv.DEGREE + 1)
    monkeypatch.setattr(cv, "errors", None)  # nothing is worked out again
    for count in range(1, 91):
        assert len(step.up_to(count)[0]) == count


# The picture and its sentence


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return cv.demo(figure)


def test_the_lessons_numbers(update: Any) -> None:
    told = update()
    for said in ("0.0653 on points fitted to, 0.104 on hidden ones", "0.11 on new data"):
        assert said in told
    known = controls.parameters(update)
    noise = "degree=8&noise=1&seed=30&reshuffles=500"
    expected = {
        "reshuffles=0": ("1 split:", "0.128 on hidden ones"),
        "degree=1": ("0.286 on hidden ones", "0.291 on new data"),
        "degree=8": ("0.0467 on points fitted to, 0.358 on hidden", "0.405 on new data"),
        "reshuffles=500": ("501 splits", "(90%: 0.0887 to 0.137)", "favour 4, new data 3."),
        "reshuffles=500&k=2": ("(90%: 0.0829 to 0.196)",),
        "reshuffles=500&k=10": ("(90%: 0.0923 to 0.121)",),
        f"kind=pure%20noise&{noise}": ("1.8 on hidden ones", "1.8 on new data"),
        f"kind=pure%20noise%20with%20a%20leak&{noise}": ("0.498 on hidden ones", "1.8 on new"),
        "n=60": ("60 points",),
    }
    text = LESSON.read_text()
    linked = re.findall(r'href="#cross_validation\?([^"]+)"', text)
    assert {html.unescape(link) for link in linked} == set(expected)
    for link, said_there in expected.items():
        told = update(**controls.read(known, parse_qs(link)))
        for words in said_there:
            assert words in told, (link, told)

    data, labels = cv.drawn(cv.WAVE, 30, 0.3, 2), cv.folds(30, 5, 2, 0)
    means = []
    for fold in range(5):
        away = labels == fold
        fit = Polynomial.fit(data.x[~away], data.y[~away], 3)
        means.append(float(np.mean((data.y - fit(data.x))[away] ** 2)))
    shown = [f"{mean:.4f}" for mean in means]
    assert f"({' + '.join(shown)}) = {np.mean(means):.4f}" in text
    assert np.mean(list(map(float, shown))) == pytest.approx(np.mean(means), abs=5e-5)
    assert cv.risk(cv.WAVE, 30, 0.3, 2)[3] - 0.3**2 == pytest.approx(0.020, abs=5e-4)
    leaky = cv.Splits(cv.LEAK, 30, 1.0, 5, 30).up_to(501)[1]
    assert leaky[:, 8].max() < 1  # no split gives it away


def test_the_strip_and_the_errors_show_the_splits(figure: Figure, update: Any) -> None:
    plane, strip, chart = figure.axes
    (table,) = [artist for artist in strip.artists if isinstance(artist, Cells)]
    for n, noise, k, seed in SETTINGS:
        update(degree=4.0, n=float(n), noise=noise, k=float(k), seed=seed, reshuffles=7)
        labels = cv.folds(n, k, seed, 7)
        np.testing.assert_array_equal(table.which, labels == np.arange(k)[:, None])
        runs = cv.Splits(cv.WAVE, n, noise, k, seed).up_to(8)
        floor, fresh, inside, outside = chart.lines[:4]
        for line, values in (
            (fresh, cv.risk(cv.WAVE, n, noise, seed)),
            (inside, runs[0].mean(0)),
            (outside, np.median(runs[1], axis=0)),
        ):
            expected = np.log10(values.clip(1e-4, 1e3))
            np.testing.assert_allclose(np.asarray(line.get_ydata()), expected, atol=1e-9)
        assert np.asarray(floor.get_ydata())[0] == pytest.approx(2 * math.log10(noise))
        (fits,) = [art for art in plane.collections if isinstance(art, LineCollection)]
        assert len(fits.get_segments()) == k
        away = labels == k - 1
        data = cv.drawn(cv.WAVE, n, noise, seed)
        expected = Polynomial.fit(data.x[~away], data.y[~away], 4)(cv.LINE).clip(-9, 9)
        np.testing.assert_allclose(fits.get_segments()[-1][:, 1], expected, atol=1e-6)


def test_of_noise_the_hidden_predictions_are_shown(figure: Figure, update: Any) -> None:
    dots = figure.axes[0].lines[1]
    update(kind=cv.LEAK, degree=2.0, noise=0.5, seed=3, reshuffles=0)
    data, labels = cv.drawn(cv.LEAK, 30, 0.5, 3), cv.folds(30, 5, 3, 0)
    chosen = SelectKBest(f_regression, k=2).fit_transform(data.candidates, data.y)
    expected = cross_val_predict(LinearRegression(), chosen, data.y, cv=PredefinedSplit(labels))
    x, y = dots.get_data()
    np.testing.assert_allclose(4 * x - 2, expected, atol=1e-9)
    np.testing.assert_allclose(y, data.y)


def test_extreme_settings_get_a_sentence(update: Any) -> None:
    far = update(n=20.0, k=2.0, degree=8.0)
    assert "over 1000 on hidden ones, " in far
    assert "1 split:" in update(reshuffles=0)
    assert "σ = 0.1, k = 7" in update(noise=0.1, k=7.0)
    assert "0 features" in update(kind=cv.NOISE, degree=0.0)
    assert "1 feature," in update(kind=cv.NOISE, degree=1.0)
    for kind in (cv.WAVE, cv.NOISE, cv.LEAK):
        for n in (20.0, 60.0):
            for k in (2.0, 10.0):
                assert update(kind=kind, n=n, k=k, noise=0.1, degree=8.0).endswith(".")


def test_every_sentence_is_whole_and_tells_one_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"degree": float(d)} for d in range(9) if d != 3),
        *({"k": float(k)} for k in range(2, 11) if k != 5),
        *({"n": float(n)} for n in range(20, 61) if n != 30),
        *({"noise": step / 20} for step in range(2, 21) if step != 6),
        *({"seed": seed} for seed in range(40) if seed != 2),
        *({"reshuffles": step} for step in range(60) if step != 10),
        *({"kind": kind, "degree": float(d)} for kind in (cv.NOISE, cv.LEAK) for d in range(9)),
    ]
    check_captions(update, states, words=45)
