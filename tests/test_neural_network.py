"""Lesson 17: the laboratory `neural_network` against finite differences and scikit-learn."""

from itertools import product
from typing import Any

import numpy as np
import pytest
import scipy.special
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier
from support.captions import check_captions, check_visible, check_whole, everything

from demos import neural_network as nn
from stage import Caption, network
from stage.artists import Cells
from stage.network import ACTIVATIONS, sigmoid

RANDOM = np.random.default_rng(17)
KINDS = list(product(nn.DATA, ACTIVATIONS))
IN_SKLEARN = {"tanh": "tanh", "ReLU": "relu", "sigmoid": "logistic"}


def random_weights(m: int) -> nn.Weights:
    return nn.Weights(
        RANDOM.normal(size=(m, 2)), RANDOM.normal(size=m), RANDOM.normal(size=m), RANDOM.normal()
    )


def flat(w: nn.Weights) -> Any:
    return np.concatenate([w.W.ravel(), w.b, w.v, [w.c]])


def shaped(values: Any, m: int) -> nn.Weights:
    return nn.Weights(
        values[: 2 * m].reshape(m, 2), values[2 * m : 3 * m], values[3 * m : -1], values[-1]
    )


def test_sigmoid_and_activations_are_those_of_scipy() -> None:
    z = np.concatenate([RANDOM.normal(0, 5, 100), [0, 30, -30, 1e6, -1e6]])
    np.testing.assert_allclose(sigmoid(z), scipy.special.expit(z), rtol=1e-9, atol=1e-15)
    for f, slope in ACTIVATIONS.values():
        x = RANDOM.normal(0, 2, 100)
        differences = (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
        np.testing.assert_allclose(slope(f(x)), differences, atol=1e-8)


def test_loss_is_the_cross_entropy() -> None:
    z, y = RANDOM.normal(0, 3, 50), RANDOM.integers(0, 2, 50).astype(float)
    assert nn.loss(z, y) == pytest.approx(log_loss(y, scipy.special.expit(z)), rel=1e-12)
    assert nn.loss(np.array([1e4, -1e4]), np.array([1.0, 0.0])) == 0
    assert nn.loss(np.array([1e4]), np.array([0.0])) == 1e4


@pytest.mark.parametrize(("name", "activation"), KINDS)
def test_the_gradient_is_that_of_finite_differences(name: str, activation: str) -> None:
    points, y = nn.sample(name)
    for m in (2, 5, 8):
        w = random_weights(m)
        at, step = flat(w), 1e-6
        numeric = []
        for i in range(len(at)):
            move = np.eye(len(at))[i] * step
            ahead, back = (
                nn.loss(nn.forward(points, shaped(at + sign * move, m), activation)[1], y)
                for sign in (1, -1)
            )
            numeric.append((ahead - back) / (2 * step))
        found = flat(nn.backward(points, y, w, activation))
        np.testing.assert_allclose(found, numeric, atol=2e-7)


def by_sklearn(w: nn.Weights, activation: str, eta: float, points: Any, y: Any) -> MLPClassifier:
    """A scikit-learn network with these weights, trained by full-batch gradient descent."""
    network = MLPClassifier(
        (len(w.b),),
        activation=IN_SKLEARN[activation],
        solver="sgd",
        alpha=0,
        momentum=0,
        nesterovs_momentum=False,
        learning_rate_init=eta,
        batch_size=len(y),
        shuffle=False,
        max_iter=1,
    )
    network.partial_fit(points, y, classes=[0, 1])
    network.coefs_[0][:], network.coefs_[1][:] = w.W.T, w.v[:, None]
    network.intercepts_[0][:], network.intercepts_[1][:] = w.b, w.c
    return network


@pytest.mark.parametrize(("name", "activation"), KINDS)
def test_training_is_that_of_sklearn(name: str, activation: str) -> None:
    points, y = nn.sample(name)
    for m, eta in ((2, 0.3), (5, 1.0)):
        walk = nn.train(name, m, activation, eta, 3, 50)
        network = by_sklearn(walk[0], activation, eta, points, y)
        for _ in range(50):
            network.partial_fit(points, y)
        np.testing.assert_allclose(network.coefs_[0].T, walk[50].W, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(network.coefs_[1][:, 0], walk[50].v, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(network.intercepts_[0], walk[50].b, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(network.intercepts_[1][0], walk[50].c, rtol=1e-7, atol=1e-9)
        _, z = nn.forward(points, walk[50], activation)
        p = network.predict_proba(points)[:, 1]
        np.testing.assert_allclose(sigmoid(z), p, rtol=1e-7, atol=1e-9)


def test_the_path_grows_and_is_not_computed_twice() -> None:
    setting = ("moons", 4, "tanh", 0.77, 11)
    short = nn.train(*setting, 5)
    long = nn.train(*setting, 40)
    assert (len(short), len(long)) == (6, 41)
    assert all(one is other for one, other in zip(short, long, strict=False))
    assert nn.train(*setting, 3)[-1] is long[3]
    assert len(nn.training(*setting).walk) == 41


def test_a_small_step_lowers_the_loss() -> None:
    for name, activation in KINDS:
        points, y = nn.sample(name)
        walk = nn.train(name, 6, activation, 0.02, 1, 60)
        losses = [nn.loss(nn.forward(points, w, activation)[1], y) for w in walk]
        np.testing.assert_allclose(nn.losses_of(points, y, walk, activation), losses, rtol=1e-12)
        assert (np.diff(losses) < 0).all()


def test_huge_learning_rates_end_before_numbers_overflow() -> None:
    for activation, eta in product(ACTIVATIONS, (30.0, 1e3, 1e8)):
        setting = ("spirals", 8, activation, eta, 2)
        walk = nn.train(*setting, 200)
        assert all(np.isfinite(flat(w)).all() for w in walk)
        assert (
            len(walk) == 201 or nn.diverged(walk[-1]) or nn.training(*setting).end == "is chaotic"
        )
    assert nn.diverged(nn.train("XOR", 3, "tanh", 1e8, 0, 50)[-1])


def test_the_samples() -> None:
    for name in nn.DATA:
        points, y = nn.sample(name)
        assert points.shape == (200, 2)
        assert abs(points).max() < network.SIZE
        assert y.sum() == 100
    points, y = nn.sample("XOR")
    np.testing.assert_array_equal(points[:, 0] * points[:, 1] < 0, y == 1)
    points, y = nn.sample("circles")
    radius = np.linalg.norm(points, axis=1)
    assert radius[y == 1].max() < 1.2 < 1.6 < radius[y == 0].min()


def test_without_a_unit_its_output_counts_for_nothing() -> None:
    w = random_weights(5)
    points = RANDOM.normal(size=(20, 2))
    h, z = nn.forward(points, nn.without(w, 2), "tanh")
    np.testing.assert_allclose(z, w.c + np.delete(h, 1, axis=1) @ np.delete(w.v, 1))
    np.testing.assert_array_equal(nn.without(w, 0).v, w.v)


def test_equal_units_stay_equal() -> None:
    points, y = nn.sample("moons")
    w = nn.Weights(np.full((3, 2), 0.4), np.full(3, 0.1), np.full(3, 0.3), 0.0)
    for _ in range(30):
        w = nn.step_down(w, nn.backward(points, y, w, "tanh"), 1.0)
    np.testing.assert_allclose(w.W, np.broadcast_to(w.W[0], (3, 2)), rtol=1e-9)
    assert not np.allclose(w.W, 0.4)


def test_in_hidden_space_the_boundary_is_flat() -> None:
    """Points on the positive side of the line are the ones that the network assigns to class 1."""
    for m in range(2, 9):
        for activation in ACTIVATIONS:
            w = random_weights(m)
            h, z = nn.forward(RANDOM.normal(size=(200, 2)) * 2, w, activation)
            places, (start, end) = nn.hidden_view(h, w)
            assert abs(places).max() <= 1 + 1e-12
            along = end - start
            side = along[1] * (places[:, 0] - start[0]) - along[0] * (places[:, 1] - start[1])
            clear = abs(z) > 1e-9
            np.testing.assert_array_equal(side[clear] > 0, z[clear] > 0)


def test_the_view_shows_what_it_says() -> None:
    w = random_weights(2)
    h, _ = nn.forward(RANDOM.normal(size=(50, 2)), w, "tanh")
    np.testing.assert_array_equal(nn.hidden_view(h, w)[0], h)
    w = random_weights(6)
    h, z = nn.forward(RANDOM.normal(size=(80, 2)), w, "sigmoid")
    places, _ = nn.hidden_view(h, w)
    np.testing.assert_allclose(places[:, 0], z / abs(z).max())
    n = w.v / np.linalg.norm(w.v)
    rest = (h - h.mean(axis=0)) @ (np.eye(6) - np.outer(n, n))
    widest = np.linalg.svd(rest)[2][0]
    assert abs(np.corrcoef(rest @ widest, places[:, 1])[0, 1]) == pytest.approx(1)


def test_a_dead_network_has_a_view() -> None:
    h = np.zeros((20, 4))
    for c in (0.0, 1.0):
        places, _ = nn.hidden_view(h, nn.Weights(np.zeros((4, 2)), np.zeros(4), np.zeros(4), c))
        assert np.isfinite(places).all()


CHAOTIC = (
    *(
        ("spirals", 8, "tanh", 6.57, 63),
        ("XOR", 4, "sigmoid", 4.44, 66),
        ("XOR", 3, "tanh", 2.0, 0),
    ),
    *(("circles", 5, "ReLU", 20.4, 15), ("moons", 4, "tanh", 18.7, 39)),
)


@pytest.mark.parametrize("setting", CHAOTIC)
def test_a_chaotic_run_ends_where_the_last_digit_would_decide(setting: Any) -> None:
    run = nn.training(*setting)
    walk, losses = run.up_to(nn.LAST)
    end = len(walk) - 1
    assert run.end == "is chaotic"
    assert end < nn.LAST
    step_by_step = nn.Training(*setting)
    for step in range(0, nn.LAST, 10):
        step_by_step.up_to(step)
    assert len(step_by_step.walk) == end + 1
    # initial weights that differ only in the last bit give the same picture
    points, y = nn.sample(setting[0])
    first = walk[0]
    other = [first._replace(W=np.nextafter(first.W, 9), v=np.nextafter(first.v, -9))]
    while len(other) <= end:
        gradient = nn.backward(points, y, other[-1], setting[2])
        other.append(nn.step_down(other[-1], gradient, setting[3]))
    found = nn.losses_of(points, y, other, setting[2])
    np.testing.assert_allclose(found, losses, atol=2e-5)


def test_a_calm_run_goes_on_to_the_end() -> None:
    for data, eta in (("circles", 1.0), ("moons", 0.3), ("XOR", 0.5)):
        run = nn.training(data, 3, "tanh", eta, 0)
        assert len(run.up_to(nn.LAST)[0]) == nn.LAST + 1
        assert not run.end


def test_the_second_axis_of_the_view_has_no_sign_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """LAPACK may return a vector or its negative, and components may tie except for rounding."""
    w = random_weights(4)
    h = RANDOM.normal(size=(40, 4))
    expected = nn.hidden_view(h, w)[0]
    eigh = np.linalg.eigh
    monkeypatch.setattr(np.linalg, "eigh", lambda matrix: (eigh(matrix)[0], -eigh(matrix)[1]))
    np.testing.assert_array_equal(nn.hidden_view(h, w)[0], expected)
    seen = []
    for noise in (1e-15, -1e-15):
        vector = np.array([0.5 + noise, -0.5, 0.5, 0.5])[:, None]
        monkeypatch.setattr(np.linalg, "eigh", lambda _, vector=vector: (None, vector))
        seen.append(nn.hidden_view(h, w)[0])
    np.testing.assert_allclose(*seen, atol=1e-12)


# The picture and the caption


@pytest.fixture(scope="module", params=[(7.2, 4.5), (3.6, 5.7)])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=request.param)


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return nn.demo(figure)


def test_two_units_never_close_a_ring() -> None:
    """For all initial weights, because the lesson says that some points stay wrong."""
    points, y = nn.sample("circles")
    for seed in range(6):
        _, z = nn.forward(points, nn.train("circles", 2, "tanh", 1.0, seed, 1000)[-1], "tanh")
        assert np.sum((z > 0) == (y == 1)) <= 180


def test_the_picture_shows_the_network(figure: Figure, update: Any) -> None:
    plane, net, space, curve = figure.axes
    (colors,) = [artist for artist in plane.artists if isinstance(artist, Cells)]
    for name, m, activation, step, off in (
        ("moons", 2, "tanh", 120, "none"),
        ("XOR", 5, "ReLU", 200, "3"),
        ("circles", 8, "sigmoid", 30, "none"),
    ):
        state = {"data": name, "m": m, "activation": activation, "step": step, "off": off}
        update(**state, x=((-1.3, 0.4),))
        whole = nn.train(name, m, activation, 1.0, 0, step)[step]
        w = nn.without(whole, 0 if off == "none" else int(off))
        border, lines = plane.collections
        assert isinstance(lines, LineCollection)
        assert isinstance(border, LineCollection)
        kept = [i for i in range(m) if str(i + 1) != off]
        for i, ends in zip(kept, lines.get_segments(), strict=True):
            np.testing.assert_allclose(ends @ w.W[i] + w.b[i], 0, atol=1e-9)
        _, all_z = nn.forward(network.PLANE, w, activation)
        for line in border.get_segments():
            _, z = nn.forward(np.asarray(line), w, activation)
            assert abs(z).max() < 0.1 * abs(all_z).max()
        p = scipy.special.expit(all_z).reshape(57, 57)
        np.testing.assert_allclose(colors.which[::4, ::4], 255 * p, atol=0.51)
        np.testing.assert_allclose(np.diff(colors.which.astype(int)), 0, atol=32)  # smooth
        point = np.array([[-1.3, 0.4]])
        h, z = nn.forward(point, w, activation)
        written = [text.get_text() for text in net.texts if text.get_visible()]
        values = [-1.3, 0.4, sigmoid(z)[0], *h[0]]
        for i, value in enumerate(values):
            if str(i - 2) == off:
                assert "off" in written
            else:
                assert nn._short(float(value)) in written
        edges = net.collections[0]
        assert isinstance(edges, LineCollection)
        assert len(edges.get_segments()) == 3 * m
        widths = np.asarray(edges.get_linewidth())
        order = np.argsort(abs(np.append(whole.W.ravel(), whole.v)))
        assert (np.diff(widths[order]) >= 0).all()

        update(**state, view=nn.HIDDEN)
        assert [ax.get_visible() for ax in figure.axes] == [True, False, True, False]
        points, y = nn.sample(name)
        h, z = nn.forward(points, w, activation)
        places, _ = nn.hidden_view(h, w)
        for line_2d, kind in zip(space.lines[:2], (0, 1), strict=True):
            drawn = np.column_stack([np.asarray(part) for part in line_2d.get_data()])
            np.testing.assert_allclose(drawn, places[y == kind])

        update(**state, view=nn.LOSS)
        last = np.asarray(curve.lines[1].get_ydata())
        _, z = nn.forward(points, whole, activation)
        np.testing.assert_allclose(last, [nn.loss(z, y)])


def test_the_number_of_a_unit_stands_where_its_line_leaves_the_plane(
    figure: Figure, update: Any
) -> None:
    plane = figure.axes[0]
    for m, step, off in ((3, 1000, "none"), (8, 0, "2")):
        update(m=m, step=step, off=off)
        w = nn.train("circles", m, "tanh", 1.0, 0, step)[step]
        shown = [text for text in plane.texts if text.get_visible()]
        assert len(shown) >= 3
        assert off not in {text.get_text() for text in shown}
        for text in shown:
            unit = int(text.get_text()) - 1
            place = np.array(text.get_position())
            assert abs(place).max() > network.SIZE
            on_edge = np.where(abs(place) > network.SIZE, place / 1.055, place)
            assert w.W[unit] @ on_edge + w.b[unit] == pytest.approx(0, abs=1e-6)


def test_a_unit_that_is_not_there_cannot_stay_switched_off(update: Any) -> None:
    assert Caption.of(update(m=3, off="7")).sets == {"off": "none"}
    assert Caption.of(update(m=8, off="7")).sets == {}


def test_stepping_back_shows_what_was(figure: Figure, update: Any) -> None:
    curve = figure.axes[3]
    first = everything(update(step=70, view=nn.LOSS))
    line = np.asarray(curve.lines[0].get_ydata()).copy()
    update(step=400, view=nn.LOSS)
    assert everything(update(step=70, view=nn.LOSS)) == first
    np.testing.assert_array_equal(np.asarray(curve.lines[0].get_ydata()), line)


def test_degenerate_states_get_a_sentence(update: Any) -> None:
    told = everything(update(activation="ReLU", m=2, step=1000))
    assert "1 unit is dead" in told
    assert "dead, which means 0 at every point" in told
    assert "steps are too long" in everything(update(m=3, activation="ReLU", eta=30.0, step=5))
    h, z = np.ones((3, 2)), np.array([1.0, 2, 3])
    shown, more = nn._told(h, z, np.ones(3), "diverges", [0.7, 900.0], 0)
    assert "diverges and stops here, after 1 step." in shown
    assert "3 of 3 points" in more
    assert "switched off" in everything(update(off="3"))
    assert "switched off" not in everything(update(off="8"))


@pytest.mark.whole
def test_every_sentence_is_whole_short_and_tells_one_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"step": x} for x in (1, 2, 59, 60, 999, 1000)),
        *({"data": name, "step": 200} for name in nn.DATA),
        *({"m": x} for x in (2, 3, 8)),
        *({"activation": x} for x in ("ReLU", "sigmoid")),
        *({"eta": x} for x in (0.01, 0.99, 1.01, 30.0)),
        *({"seed": x} for x in (1, 2, 99)),
        *({"off": x} for x in "123"),
        *({"view": x} for x in (nn.HIDDEN, nn.LOSS)),
        *({"x": (x,)} for x in ((0.0, 0.0), (-2.8, 2.8))),
    ]
    check_captions(lambda **values: everything(update(**values)), states, words=75)
    for state in states:
        check_visible(update(**state))


def test_a_chaotic_run_says_so_and_stops(update: Any) -> None:
    state = {"data": "spirals", "m": 8, "eta": 6.57, "seed": 63}
    assert "chaotic" not in everything(update(**state, step=40))
    told = [everything(update(**state, step=step)) for step in (100, 1000)]
    assert "chaotic" in told[0]
    assert told[0] == told[1]
    check_whole(told[0])
