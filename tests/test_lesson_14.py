"""Lesson 14: its figures against scikit-learn and NumPy's polynomials, and its numbers."""

import html
import math
import re
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
from support.captions import check_captions, everything
from support.lessons import check_said, made, numbers_in, page, text_of

from demos import cross_validation as cv
from demos import validation_folds, validation_guess, validation_hidden, validation_spread
from stage import Answer, controls, number
from stage.artists import Cells
from stage.validation import DEGREE, folds, nested_fits, powers

LESSON, GUIDE = page("lessons", 14), page("guide", 14)
SHOWN = Answer(1.0)
SETTINGS = [  # n, noise, k, seed
    *((20, 0.3, 4, 1), (30, 0.3, 5, 2), (33, 0.1, 5, 3), (47, 1.0, 10, 4), (60, 0.55, 3, 5)),
    (60, 0.8, 2, 6),
]


@pytest.mark.parametrize("n", [20, 29, 60])
@pytest.mark.parametrize("k", [2, 3, 7, 10])
def test_folds_are_those_of_scikit_learn(n: int, k: int) -> None:
    for split in range(5):
        labels = folds(n, k, 9, split)
        shuffled = np.random.default_rng([9, split]).permutation(n)
        for fold, (_, hidden) in enumerate(KFold(k).split(shuffled)):
            assert set(np.flatnonzero(labels == fold)) == set(shuffled[hidden])
    assert not np.array_equal(folds(n, k, 9, 0), folds(n, k, 9, 1))


@pytest.mark.parametrize(("n", "noise", "k", "seed"), SETTINGS)
def test_errors_are_those_of_fitted_polynomials(n: int, noise: float, k: int, seed: int) -> None:
    data = cv.drawn(cv.WAVE, n, noise, seed)
    labels = np.array([folds(n, k, seed, split) for split in range(4)])
    seen, hidden = cv.errors(cv.WAVE, data, labels, k)
    for split, label in enumerate(labels):
        for degree in range(DEGREE + 1):
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
    """A pipeline selects features within each fold; selecting before is data leakage."""
    kind = cv.LEAK if leak else cv.NOISE
    data = cv.drawn(kind, n, noise, seed)
    labels = folds(n, k, seed, 0)
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
    found = nested_fits(powers(data.x), data.y, used, powers(at))
    for degree in range(DEGREE + 1):
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
    assert step.up_to(7)[1].shape == (7, DEGREE + 1)
    monkeypatch.setattr(cv, "errors", None)  # nothing is computed again
    for count in range(1, 91):
        assert len(step.up_to(count)[0]) == count


# The picture and the caption


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return cv.demo(figure)


LINKS = {
    "degree=1&fits=1": ("validation error 0.286", "new data 0.291"),
    "degree=8&fits=1": ("training error 0.0467, validation error 0.358", "new data 0.405"),
    "reshuffles=500": ("501 splits", "(90%: 0.0887 to 0.137)", "favors 4, new data 3."),
    "reshuffles=500&k=2": ("(90%: 0.0829 to 0.196)",),
    "kind=pure%20noise&degree=8&noise=1&seed=30&reshuffles=500": (
        *("validation error 1.8 ", "new data 1.8."),
    ),
    "kind=pure%20noise%20with%20a%20leak&degree=8&noise=1&seed=30&reshuffles=500": (
        *("validation error 0.498", "new data 1.8."),
    ),
    "n=60&fits=1": ("60 points",),
}
OF_GUIDE = {
    "degree=2&fits=1": ("validation error 0.317",),
    "fits=1": ("validation error 0.104",),
    "degree=5&fits=1": ("validation error 0.124",),
}


def linked(source: str) -> set[str]:
    found = re.findall(r'href="[^"#]*#cross_validation\?([^"]+)"', source)
    return {html.unescape(link) for link in found}


def test_the_states_that_the_texts_link_to(update: Any) -> None:
    """The texts contain what the laboratory says in these states; the next test checks that."""
    assert "training error 0.0653, validation error 0.104" in everything(update())
    assert "new data 0.11." in everything(update())
    known = controls.parameters(update)
    assert linked(LESSON) == set(LINKS)
    assert linked(GUIDE) <= {*LINKS, *OF_GUIDE}
    for link, said_there in {**LINKS, **OF_GUIDE}.items():
        told = everything(update(**controls.read(known, parse_qs(link))))
        for words in said_there:
            assert words in told, (link, told)


def errors_of(d: int, reshuffles: int = 10, **other: Any) -> tuple[float, float, float]:
    """Training error, validation error, and error on new data, as the laboratory shows them."""
    setting = {"kind": cv.WAVE, "n": 30, "noise": 0.3, "k": 5, "seed": 2} | other
    runs = cv.Splits(*setting.values())
    seen, hidden = runs.up_to(reshuffles + 1)
    new = cv.risk(*(setting[name] for name in ("kind", "n", "noise", "seed")))
    return float(seen[:, d].mean()), float(np.median(hidden[:, d])), float(new[d])


def test_what_the_notes_say() -> None:
    notice, mistake = text_of(LESSON, "notice"), text_of(GUIDE, "misconception")
    three, eight = errors_of(3), errors_of(8)
    falls = [f"{value:.3f}" for pair in zip(three, eight, strict=True) for value in pair]
    check_said(notice, "training error", *falls[:2], "validation error", *falls[2:4], *falls[4:])
    check_said(notice, "Degree 1", f"{errors_of(1)[1]:.3f}")
    for text in (mistake,):
        check_said(text, "training error", *falls[:2], "validation error", *falls[2:4])
    degrees = (1, 2, 3, 5, 8)
    check_said(text_of(GUIDE, "plan"), *(f"{errors_of(d)[1]:.3f}" for d in degrees))
    for k in (5, 2):
        _, hidden = cv.Splits(cv.WAVE, 30, 0.3, k, 2).up_to(501)
        low, high = np.quantile(hidden[:, 3], (0.05, 0.95))
        check_said(notice, f"{low:.3f}", f"{high:.3f}")
        if k == 5:
            check_said(text_of(GUIDE, "questions"), "501", f"{low:.3f}", f"{high:.3f}")
            medians = np.median(hidden, axis=0)
            assert int(np.argmin(medians)) == 4
            assert abs(medians[4] - medians[3]) < (high - low) / 2
    assert int(np.argmin(cv.risk(cv.WAVE, 30, 0.3, 2))) == 3
    noisy = {"reshuffles": 500, "noise": 1.0, "seed": 30}
    honest, leaky = (errors_of(8, kind=kind, **noisy) for kind in (cv.NOISE, cv.LEAK))
    check_said(notice, f"{cv.CANDIDATES}", "is honest", number(honest[1]), f"{leaky[1]:.3f}")
    check_said(mistake, f"{leaky[1]:.3f}", number(leaky[2]), "501 splits", "below 1")
    assert cv.Splits(cv.LEAK, 30, 1.0, 5, 30).up_to(501)[1][:, 8].max() < 1  # no split reveals it


def test_what_the_formulas_say() -> None:
    data, labels = cv.drawn(cv.WAVE, 30, 0.3, 2), folds(30, 5, 2, 0)
    means = []
    for fold in range(5):
        away = labels == fold
        fit = Polynomial.fit(data.x[~away], data.y[~away], 3)
        means.append(float(np.mean((data.y - fit(data.x))[away] ** 2)))
    np.testing.assert_allclose(validation_folds.errors(), means)
    shown = [f"{mean:.4f}" for mean in means]
    assert f"({' + '.join(shown)}) = {np.mean(means):.4f}" in LESSON
    assert np.mean(list(map(float, shown))) == pytest.approx(np.mean(means), abs=5e-5)
    guess = text_of(LESSON, "guess")
    check_said(guess, "five-fold", f"{validation_guess.SPLITS} random splits", "median")
    check_said(guess, "here", number(validation_spread.NOISE), number(validation_spread.NOISE**2))
    assert f"{number(validation_spread.NOISE**2)} + \\live" in LESSON
    assert (validation_guess.FOLDS, validation_spread.SAMPLES) == (5, 12)


def test_questions_and_exercises_compute_right() -> None:
    (right,) = re.findall(r'name="check-1" data-right="(\d+)"', LESSON)
    assert int(right) == 60 - 60 // 5
    check_said(text_of(LESSON, "check"), f"{60 // 5} points", f"other {right}")
    exercises = text_of(LESSON, "exercises")
    y = np.array([2.0, 4.0, 9.0])
    alone = (y.sum() - y) / 2
    squares, training = (y - alone) ** 2, float(np.var(y))
    check_said(exercises, "training error is", f"about {number(training)}")
    check_said(exercises, *map(number, alone), *map(number, squares), f"= {number(squares.mean())}")
    assert ((y - alone) / (y - y.mean())).tolist() == pytest.approx([1.5] * 3)
    for c in (1, 0.5, 0):
        parts = (2 * c - 2) ** 2, 4 * c**2, 4
        check_said(exercises, f"{' + '.join(map(number, parts))} = {number(sum(parts))}")


# The small figures and the guess


def fitted(x: Any, y: Any, degree: int) -> Polynomial:
    return Polynomial.fit(x, y, degree, domain=[0, 1])


def test_the_hidden_points_are_no_part_of_the_fit() -> None:
    x, y, training, curves, _ = validation_hidden.task()
    for degree in range(DEGREE + 1):
        fit = fitted(x[training], y[training], degree)
        squares = (y - fit(x)) ** 2
        found = validation_hidden.errors(degree)
        expected = squares[training].mean(), squares[~training].mean()
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-12)
        at = fit(validation_hidden.LINE)
        np.testing.assert_allclose(curves[:, degree], at, rtol=1e-6, atol=1e-6)
    seen, missed = zip(*map(validation_hidden.errors, range(DEGREE + 1)), strict=True)
    assert seen[8] < 1e-9  # through every training point
    assert missed[8] > 5 * min(missed)
    assert missed[0] > 5 * min(missed)


def test_hidden_errors_are_said_once_they_are_uncovered() -> None:
    _, update = made("validation_hidden")
    missed = number(validation_hidden.errors(4)[1], 3)
    assert missed not in numbers_in(update(degree=4))
    assert missed in numbers_in(update(degree=4, uncover=True))


def test_bias_and_variance_are_those_of_a_simulation() -> None:
    x, sd = validation_spread.X, validation_spread.NOISE
    rng = np.random.default_rng(5)
    y = np.sin(2 * np.pi * x) + sd * rng.standard_normal((4000, len(x)))
    for degree in (0, 1, 3, 8):
        basis = np.polynomial.legendre.legvander(2 * x - 1, degree)
        fits = y @ (basis @ np.linalg.pinv(basis)).T
        bias = np.mean((fits.mean(axis=0) - np.sin(2 * np.pi * x)) ** 2)
        assert validation_spread.squared_bias(degree) == pytest.approx(bias, abs=1e-4)
        assert validation_spread.variance(degree) == pytest.approx(
            fits.var(axis=0).mean(), rel=0.05
        )
        _, update = made("validation_spread")
        whole = sd**2 + bias + fits.var(axis=0).mean()
        assert float(update(degree=degree).numbers["sum"]) == pytest.approx(whole, rel=0.05)


@pytest.mark.parametrize("task", range(len(validation_guess.TASKS)))
def test_a_guess_is_scored(task: int) -> None:
    x, y = validation_guess.data(task)
    seed, missed = validation_guess.TASKS[task][2], np.empty((11, DEGREE + 1))
    for split in range(11):
        labels = folds(30, 5, seed, split)
        for degree in range(DEGREE + 1):
            squares = [
                (y[labels == j] - fitted(x[labels != j], y[labels != j], degree)(x[labels == j]))
                ** 2
                for j in range(5)
            ]
            missed[split, degree] = np.concatenate(squares).mean()
    expected = np.median(missed, axis=0)
    np.testing.assert_allclose(validation_guess.validation(task), expected, rtol=1e-6)
    assert (np.diff(validation_guess.fits(task)[1]) < 1e-12).all()
    best = int(np.argmin(expected))
    assert 0 < best < DEGREE
    _, update = made("validation_guess")

    def told(degree: int, answer: Answer = SHOWN) -> str:
        return str(update(degree=degree, seed=task, answer=answer))

    assert "found" in told(best)
    assert "underfits" in told(0)
    assert "training error" in told(DEGREE)
    for degree in (0, best, DEGREE):
        assert f"{expected[degree]:.3g}" in told(degree)
    skipped = told(0, Answer(1.0, True))
    assert f"degree {best}" in skipped
    assert "underfits" not in skipped


def test_the_strip_and_the_errors_show_the_splits(figure: Figure, update: Any) -> None:
    chart, plane, strip = figure.axes
    (table,) = [artist for artist in strip.artists if isinstance(artist, Cells)]
    for n, noise, k, seed in SETTINGS:
        update(degree=4, n=n, noise=noise, k=k, seed=seed, reshuffles=7, fits=True)
        labels = folds(n, k, seed, 7)
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
    dots = figure.axes[1].lines[1]
    update(kind=cv.LEAK, degree=2, noise=0.5, seed=3, reshuffles=0, fits=True)
    data, labels = cv.drawn(cv.LEAK, 30, 0.5, 3), folds(30, 5, 3, 0)
    chosen = SelectKBest(f_regression, k=2).fit_transform(data.candidates, data.y)
    expected = cross_val_predict(LinearRegression(), chosen, data.y, cv=PredefinedSplit(labels))
    x, y = dots.get_data()
    np.testing.assert_allclose(4 * x - 2, expected, atol=1e-9)
    np.testing.assert_allclose(y, data.y)


def test_extreme_settings_get_a_sentence(update: Any) -> None:
    def told(**values: Any) -> str:
        return everything(update(**values))

    assert "validation error is over 1,000; " in told(n=20, k=2, degree=8)
    assert "1 split:" in told(reshuffles=0)
    assert "σ = 0.1, data set 2, k = 7" in told(noise=0.1, k=7)
    assert "0 features" in told(kind=cv.NOISE, degree=0)
    assert "1 feature:" in told(kind=cv.NOISE, degree=1).replace("feature,", "feature:")
    for kind in (cv.WAVE, cv.NOISE, cv.LEAK):
        for n in (20, 60):
            for k in (2, 10):
                assert told(kind=kind, n=n, k=k, noise=0.1, degree=8).endswith(".")


@pytest.mark.whole
def test_every_description_is_whole_and_of_one_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"degree": d} for d in range(9) if d != 3),
        *({"k": k} for k in range(2, 11) if k != 5),
        *({"n": n} for n in range(20, 61) if n != 30),
        *({"noise": step / 20} for step in range(2, 21) if step != 6),
        *({"seed": seed} for seed in range(40) if seed != 2),
        *({"reshuffles": step} for step in range(60) if step != 10),
        *({"kind": kind, "degree": d} for kind in (cv.NOISE, cv.LEAK) for d in range(9)),
        {"fits": True},
    ]
    check_captions(lambda **values: everything(update(**values)), states, words=70)
