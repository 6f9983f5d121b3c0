"""The stage: a change redraws only what moved, and every pixel equals a full draw."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.patches import Polygon, Rectangle
from numpy.typing import NDArray

from demos import normal
from stage import (
    Choice,
    Figure,
    Matrix,
    PointList,
    Points,
    Seed,
    Shape,
    Slider,
    Steps,
    Toggle,
    Update,
    artists,
    controls,
    session,
    theme,
)
from stage.controls import ControlError
from stage.drawing import Picture, Stage
from stage.linear_algebra import SQUARE

Pixels = NDArray[np.uint8]

pytestmark = pytest.mark.whole

X = np.linspace(-3, 3, 61)


class Screen:
    """Compose pictures as a page does: put each one in its place, and keep the rest."""

    def __init__(self) -> None:
        self.pixels: Pixels | None = None

    def show(self, picture: Picture) -> Pixels:
        if self.pixels is None:
            assert (picture.width, picture.height) == (picture.across, picture.down)
            self.pixels = np.zeros((picture.down, picture.across, 4), np.uint8)
        assert self.pixels.shape[:2] == (picture.down, picture.across)
        if picture.width and picture.height:
            part = np.frombuffer(picture.pixels, np.uint8)
            part = part.reshape(picture.height, picture.width, 4)
            rows = slice(picture.y, picture.y + picture.height)
            self.pixels[rows, picture.x : picture.x + picture.width] = part
        return self.pixels


def everything(fig: Annotated[Figure, Shape(wide=2, narrow=0.7)]) -> Update:
    """A scene with every kind of change that a figure can make."""
    left, right = fig.subplots(1, 2) if fig.get_figwidth() > 5.6 else fig.subplots(2, 1)
    twin = right.twinx()
    (line,) = left.plot(X, X, zorder=2)
    (other,) = right.plot(X, X**2, color="model", label="square")
    (third,) = twin.plot(X, np.cos(X), color="error", linestyle=":")
    fill = left.fill_between(X, 0, X, alpha=0.3, color="truth")
    image = left.imshow(np.eye(3), extent=(-1, 1, -1, 1), aspect="auto", zorder=1)
    words = left.text(-2.5, 2, "here", clip_on=False)
    note = right.annotate("note", (0, 0), (1, 5), arrowprops={"arrowstyle": "->"})
    points = right.scatter([0, 1], [0, 1], color="data", zorder=4)
    arrows = right.quiver([0], [3], [1], [1], color="gradient")
    title = right.set_title("square")
    legend = right.legend(loc="upper left")
    left.set(xlim=(-3, 3), ylim=(-3, 3))
    twin.set_ylim(-2, 2)
    curve = artists.line(left, X, X, color="gradient", zorder=2.5)
    dots = artists.points(twin, [0], [0], color="ink")
    formula = artists.label(right, 0, 8, r"$x^2$", clip_on=True)
    outside = artists.label(left, 0, -3.6, color="error", ha="center")
    band = artists.area(right, alpha=0.4, color="model")
    extra: list[Artist] = []

    def update(
        a: Annotated[float, Slider(-3, 3, 0.1, label="a")] = 1.0,
        b: Annotated[float, Slider(-3, 3, 0.1, label="b")] = 1.0,
        limit: Annotated[float, Slider(1, 5, 0.5, label="limit")] = 3.0,
        far: Annotated[float, Slider(0, 1, 0.1, label="far")] = 0.0,
        wave: Annotated[float, Slider(0, 6, 0.1, label="wave")] = 0.0,
        marks: Annotated[int, Steps(3, label="marks")] = 0,
        axis: Annotated[bool, Toggle(label="axis")] = True,
        seen: Annotated[bool, Toggle(label="seen")] = True,
        hue: Annotated[str, Choice("data", "gradient", label="hue")] = "data",
        idle: Annotated[bool, Toggle(label="changes nothing")] = False,
    ) -> str:
        line.set_ydata(a * X)
        fill.set_data(X, 0, a * X)
        image.set_data(a * np.eye(3))
        image.set_clim(-3, 3)
        note.xy = (b, b * b)  # doesn't mark anything as stale
        other.set_ydata(b * X**2)
        curve.set_ydata(a * np.sin(X))
        dots.set_data([b, -b], [0, a / 2])
        formula.set(text=rf"$x^{{{b:.1f}}}$", position=(b, 5 + b))
        outside.set(text=f"a is {a:g}", x=a)
        band.set_data(X, b, b + 1)
        points.set_offsets([[b, 1], [1, b]])
        points.set_facecolor(theme.PALETTES["light"][hue])
        arrows.set_UVC([b], [1])
        title.set_text(f"{b:g} times the square")
        legend.get_texts()[0].set_text(f"b = {b:g}")
        third.set_ydata(np.cos(X + wave))
        twin.set_visible(seen)
        words.set_text("far and farther, into what lies beside it" if far else "here")
        words.set_position((-2.5 + 6 * far, 2 - 3 * far))
        if left.get_xlim()[1] != limit:
            left.set_xlim(-limit, limit)
        if right.axison != axis:
            right.set_axis_on() if axis else right.set_axis_off()
        while len(extra) > marks:
            extra.pop().remove()
        while len(extra) < marks:
            extra.append(left.axvline(len(extra) - 1, color="muted", zorder=1.5))
        return f"{a:g} {b:g} {limit:g} {far:g} {wave:g} {marks} {axis} {seen} {hue}"

    return update


def fresh(demo: Any, fields: Mapping[str, list[str]], width: float, palette: str) -> Pixels:
    return Screen().show(Stage(demo, width, 1, palette).draw(dict(fields)))


def texts(control: controls.Control, rng: np.random.Generator) -> list[str]:
    """A random value of a control."""
    if isinstance(control, Slider):
        return control.write(round(rng.uniform(control.low, control.high), 2))
    if isinstance(control, Steps):
        return control.write(int(rng.integers(control.last + 1)))
    if isinstance(control, Choice):
        return control.write(str(rng.choice(control.options)))
    assert isinstance(control, Toggle)
    return control.write(bool(rng.integers(2)))


@pytest.mark.parametrize("palette", ["light", "dark"])
@pytest.mark.parametrize("width", [720, 360])
def test_a_random_walk_gives_the_pixels_of_full_draws(width: int, palette: str) -> None:
    rng = np.random.default_rng(width)
    stage, screen, fields = Stage(everything, width, 1, palette), Screen(), {}
    screen.show(stage.draw(fields))
    names = list(stage.parameters)
    for _ in range(12):
        name = names[rng.integers(len(names))]
        for _ in range(2):  # live the first time, drawn over the background the second time
            fields[name] = texts(stage.parameters[name].control, rng)
            seen = screen.show(stage.draw(fields))
        np.testing.assert_array_equal(seen, fresh(everything, fields, width, palette), str(fields))


@pytest.mark.parametrize(
    "path",
    [
        ["a", "a", "b", "b", "a"],
        ["limit", "a", "limit", "limit"],
        ["axis", "b", "axis", "axis", "b"],
        ["marks", "a", "marks", "b", "marks"],
        ["far", "b", "far", "a", "far"],
        ["seen", "wave", "seen", "wave", "wave"],
        ["hue", "hue", "b", "idle", "idle"],
    ],
    ids="-".join,
)
def test_each_kind_of_change_gives_the_pixels_of_a_full_draw(path: list[str]) -> None:
    rng = np.random.default_rng(len(path))
    stage, screen, fields = Stage(everything, 720, 1, "light"), Screen(), {}
    screen.show(stage.draw(fields))
    for name in path:
        fields[name] = texts(stage.parameters[name].control, rng)
        seen = screen.show(stage.draw(fields))
        np.testing.assert_array_equal(seen, fresh(everything, fields, 720, "light"), str(fields))


@pytest.fixture
def draws(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The number of draws of each kind of artist."""
    count: Counter[str] = Counter()

    def counted(kind: type[Artist]) -> Callable[..., None]:
        draw = kind.draw

        def wrapper(self: Artist, *args: Any, **kwargs: Any) -> None:
            count[type(self).__name__] += 1
            draw(self, *args, **kwargs)

        return wrapper

    from matplotlib.axis import Axis
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    for kind in (Axis, Line2D, Text):
        monkeypatch.setattr(kind, "draw", counted(kind))
    whole = FigureCanvasAgg.draw

    def canvas_draw(self: FigureCanvasAgg) -> None:
        count["everything"] += 1
        whole(self)

    monkeypatch.setattr(FigureCanvasAgg, "draw", canvas_draw)
    return count


def two_lines(fig: Figure) -> Update:
    """Two panels; one line moves."""
    first, second = fig.subplots(1, 2)
    (line,) = first.plot(X, X)
    second.plot(X, X)
    first.set(xlim=(-3, 3), ylim=(-3, 3))

    def update(a: Annotated[float, Slider(-3, 3, 0.1, label="a")] = 1.0) -> str:
        line.set_ydata(a * X)
        return f"{a:g}"

    return update


def test_a_moved_line_leaves_the_other_steps_undrawn(draws: Counter[str]) -> None:
    stage = Stage(two_lines, 720, 1, "light")
    full = stage.draw({})
    for value in ("0.5", "0.6", "0.7"):
        draws.clear()
        picture = stage.draw({"a": [value]})
    assert draws == {"Line2D": 1}  # what lies above it is unchanged
    assert picture.width < 0.6 * full.width  # the other panel isn't sent


def test_what_changes_nothing_sends_no_pixels(draws: Counter[str]) -> None:
    def still(fig: Figure) -> Update:
        fig.subplots()

        def update(on: Annotated[bool, Toggle(label="on")] = False) -> str:
            return f"{on}"

        return update

    stage = Stage(still, 720, 1, "light")
    stage.draw({})
    draws.clear()
    picture = stage.draw({"on": ["1"]})
    assert picture.caption == "True"
    assert len(picture.pixels) == picture.width * picture.height == 0
    assert not draws


def test_the_whole_picture_comes_when_it_is_asked_for() -> None:
    stage, screen = Stage(two_lines, 360, 2, "light"), Screen()
    screen.show(stage.draw({}))
    seen = screen.show(stage.draw({"a": ["2"]})).copy()
    lost = Screen()
    np.testing.assert_array_equal(lost.show(stage.draw({"a": ["2"]}, whole=True)), seen)


def test_after_an_error_in_update_all_is_drawn_anew() -> None:
    def fragile(fig: Figure) -> Update:
        update = two_lines(fig)

        def careful(a: Annotated[float, Slider(-3, 3, 0.1, label="a")] = 1.0) -> str:
            caption = update(a)
            if a > 2:
                raise ZeroDivisionError
            return caption

        return careful

    stage, screen = Stage(fragile, 720, 1, "light"), Screen()
    screen.show(stage.draw({}))
    with pytest.raises(ZeroDivisionError):
        stage.draw({"a": ["3"]})
    with pytest.raises(ControlError, match="between -3 and 3"):
        stage.draw({"a": ["4"]})
    seen = screen.show(stage.draw({"a": ["-1"]}))
    np.testing.assert_array_equal(seen, fresh(fragile, {"a": ["-1"]}, 720, "light"))


@pytest.mark.parametrize(("width", "ratio"), [(720, 1), (719.5, 2), (360, 3), (333.3, 1.25)])
def test_the_canvas_has_whole_pixels_and_the_demos_shape(width: float, ratio: float) -> None:
    picture = Stage(everything, width, ratio, "light").draw({})
    assert picture.across == round(width * ratio)
    assert picture.down == round(picture.across / (2 if width >= 560 else 0.7))
    assert len(picture.pixels) == 4 * picture.across * picture.down


def draggable(fig: Figure) -> Update:
    """A point in the right axes of two."""
    fig.subplots(1, 2)[1].set(xlim=(-2, 2), ylim=(0, 1))

    def update(
        p: Annotated[PointList, Points((-2, 2), (0, 1), 0.1, label="p", axes=1, most=3)] = (
            (0.0, 0.5),
        ),
    ) -> str:
        return f"{p}"

    return update


def test_handles_lie_on_their_axes() -> None:
    stage = Stage(draggable, 720, 1, "light")
    handles = stage.draw({}).handles
    assert handles
    where = handles["p"]
    assert 0.5 < where["left"] < where["right"] <= 1
    assert 0 <= where["top"] < where["bottom"] <= 1
    assert (where["x"], where["y"]) == ((-2, 2), (0, 1))
    assert stage.draw({"p": ["1", "0.5"]}).handles is None  # as before


def test_palettes_differ_and_an_unknown_one_is_refused() -> None:
    pictures = {name: fresh(two_lines, {}, 360, name) for name in theme.PALETTES}
    assert len({pixels.tobytes() for pixels in pictures.values()}) == len(theme.PALETTES)
    with pytest.raises(KeyError):
        Stage(two_lines, 360, 1, "sepia")


def test_a_session_sets_the_scene_anew_only_when_the_look_changes() -> None:
    first = session.draw("normal", {}, 360, 1, "light")
    pixels = bytes(first.pixels)  # valid until the next picture
    again = session.draw("normal", {"sd": ["1.5"]}, 360, 1, "light")
    other = session.draw("normal", {"sd": ["1.5"]}, 360, 1, "dark")
    assert first.caption != again.caption == other.caption
    back = session.draw("normal", {}, 360, 1, "light")
    assert bytes(back.pixels) == pixels


def test_a_prepared_scene_gives_the_page_its_whole_picture_once() -> None:
    session.forget("normal")
    session.prepare("normal", 360)
    first = session.draw("normal", {}, 360, 1, "light")
    assert (first.width, first.height) == (first.across, first.down)
    assert first.handles
    assert bytes(first.pixels) == fresh(normal.demo, {}, 360, "light").tobytes()
    again = session.draw("normal", {}, 360, 1, "light")
    assert not again.pixels.nbytes


def test_a_rehearsal_leaves_the_picture_that_the_page_shows() -> None:
    screen = Screen()
    screen.show(session.draw("normal", {"sd": ["1.5"]}, 360, 1, "light", whole=True))
    session.rehearse("normal")
    lowest = {"sd": ["1.5"], "mean": ["-3"]}  # the values of the first invisible picture
    pixels = screen.show(session.draw("normal", lowest, 360, 1, "light"))
    assert pixels.tobytes() == fresh(normal.demo, lowest, 360, "light").tobytes()
    assert not session.rehearse("a demo without a scene")


# The controls


VALUES = [
    (Slider(-3, 3, 0.1, label="s"), 0.5, ["0.5"]),
    (Slider(0, 1, 0.1, label="s"), 1 / 3, ["0.333333333333"]),
    (Slider(1e-4, 1, 0.1, label="s", log=True), 1e-4, ["0.0001"]),
    (Steps(10, label="n"), 10, ["10"]),
    (Seed(), 9999, ["9999"]),
    (Choice("one", "two", label="c"), "two", ["two"]),
    (Toggle(label="t"), True, ["1"]),
    (Toggle(label="t"), False, ["0"]),
    (Matrix(2, 2, -3, 3, 0.1, label="A"), ((1, 2), (3, -3)), ["1", "2", "3", "-3"]),
    (Matrix(1, 3, -3, 3, 0.1, label="A"), ((1, 2, 3),), ["1", "2", "3"]),
    (Points((0, 4), (0, 4), 1, label="p", least=0, most=2), (), []),
    (Points((0, 4), (0, 4), 1, label="p", most=2), ((1, 2), (3, 4)), ["1", "2", "3", "4"]),
]


@pytest.mark.parametrize(("control", "value", "written"), VALUES)
def test_what_is_written_is_read_again(control: Any, value: Any, written: list[str]) -> None:
    assert control.write(value) == written
    expected = pytest.approx(value) if isinstance(value, float) else value
    assert control.read(written) == expected


def test_a_value_a_hair_outside_is_taken_for_the_end() -> None:
    assert Slider(0, 0.3, 0.1, label="s").read(["0.30000000000000004"]) == 0.3


@pytest.mark.parametrize(
    ("control", "given", "words"),
    [
        (Slider(-3, 3, 0.1, label="mean"), ["4"], "mean must lie between -3 and 3, not at 4"),
        (Slider(-3, 3, 0.1, label="mean"), ["nan"], "must lie between"),
        (Slider(-3, 3, 0.1, label="mean"), ["-inf"], "must lie between"),
        (Slider(-3, 3, 0.1, label="mean"), ["one"], "mean needs a number, not 'one'"),
        (Slider(-3, 3, 0.1, label="mean"), ["1", "2"], "needs one value, not 2"),
        (Slider(-3, 3, 0.1, label="mean"), [], "needs one value, not 0"),
        (Steps(10, label="n"), ["11"], "between 0 and 10"),
        (Seed(), ["-1"], "between 0 and 9999"),
        (Choice("one", "two", label="c"), ["three"], "no option 'three', only one, two"),
        (Toggle(label="t"), ["on"], "t is 0 or 1, not 'on'"),
        (Matrix(2, 2, -3, 3, 0.1, label="A"), ["1", "2", "3"], "2×2 numbers, not 3"),
        (Matrix(2, 2, -3, 3, 0.1, label="A"), ["1", "2", "3", "4"], "between -3 and 3"),
        (Points((0, 4), (0, 4), 1, label="p"), ["1"], "pairs of numbers"),
        (Points((0, 4), (0, 4), 1, label="p"), ["1", "5"], "between 0 and 4"),
        (Points((0, 4), (0, 4), 1, label="p"), ["1", "2", "3", "4"], "1 to 1 points, not 2"),
        (Points((0, 4), (0, 4), 1, label="p", least=2, most=3), ["1", "2"], "2 to 3 points, not 1"),
    ],
)
def test_a_wrong_value_is_refused_in_words(control: Any, given: list[str], words: str) -> None:
    with pytest.raises(ControlError, match=words):
        control.read(given)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Slider(3, -3, 0.1, label="s"), "lower end first"),
        (lambda: Slider(0, float("inf"), 0.1, label="s"), "finite"),
        (lambda: Slider(0, 1, 0, label="s"), "step above 0"),
        (lambda: Slider(0, 1, 0.1, label="s", log=True), "logarithmic"),
        (lambda: Steps(0, label="n"), "lower end first"),
        (lambda: Steps(9, label="n", rate=0), "step above 0"),
        (lambda: Choice("one", label="c"), "two or more"),
        (lambda: Choice("one", "one", label="c"), "different"),
        (lambda: Matrix(3, 2, 0, 1, 0.1, label="A", handles="columns"), "two rows"),
        (lambda: Points((0, 4), (4, 0), 1, label="p"), "lower end first"),
        (lambda: Points((0, 4), (0, 4), 1, label="p", least=2), "least"),
    ],
)
def test_an_incomplete_control_is_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ControlError, match=words):
        make()


def test_the_signature_is_the_control_panel() -> None:
    def update(
        a: Annotated[float, Slider(0, 1, 0.1, label="a")] = 0.5,
        b: Annotated[bool, Toggle(label="b")] = True,
    ) -> str:
        return f"{a} {b}"

    found = controls.parameters(update)
    assert [(p.name, p.control.kind, p.texts) for p in found.values()] == [
        ("a", "slider", ["0.5"]),
        ("b", "toggle", ["1"]),
    ]
    assert controls.read(found, {"a": ["1"]}) == {"a": 1.0, "b": True}
    with pytest.raises(ControlError, match="no control named c"):
        controls.read(found, {"c": ["1"]})


def test_signatures_that_are_no_control_panel() -> None:
    def bare(a: float = 0.5) -> str:
        return f"{a}"

    def twice(
        a: Annotated[float, Slider(0, 1, 0.1, label="a"), Seed()] = 0.5,
    ) -> str:
        return f"{a}"

    def endless(a: Annotated[float, Slider(0, 1, 0.1, label="a")]) -> str:
        return f"{a}"

    def outside(a: Annotated[float, Slider(0, 1, 0.1, label="a")] = 2) -> str:
        return f"{a}"

    for update, told in (
        (bare, "'a' has no control;"),
        (twice, "'a' has 2 controls;"),
        (endless, "'a' has no default"),
        (outside, "a must lie between 0 and 1, not at 2"),
    ):
        with pytest.raises(ControlError, match=told):
            controls.parameters(update)


def test_an_image_that_is_lifted_can_be_hidden_and_is_not_drawn_twice() -> None:
    def demo(fig: Figure) -> Update:
        image = fig.subplots().imshow(np.eye(3), alpha=0.5, zorder=1)

        def update(
            height: Annotated[float, Slider(0, 1, 0.1, label="height")] = 0.5,
            seen: Annotated[bool, Toggle(label="seen")] = True,
        ) -> str:
            image.set_data(height * np.eye(3))
            image.set_visible(seen)
            return f"{height} {seen}"

        return update

    stage, screen = Stage(demo, 300, 1, "light"), Screen()
    for height, seen in (("0.5", "1"), ("0.7", "1"), ("0.9", "1"), ("0.9", "0"), ("0.2", "0")):
        fields = {"height": [height], "seen": [seen]}
        shown = screen.show(stage.draw(fields))
        np.testing.assert_array_equal(shown, fresh(demo, fields, 300, "light"))


def crossing(fig: Figure) -> Update:
    """Overlapping artists of matplotlib and of the course that all move."""
    ax = fig.subplots()
    ax.set(xlim=(-3, 3), ylim=(-3, 3))
    ax.add_patch(Rectangle((-1, -1), 2, 2, color="rule", zorder=1))
    (line,) = ax.plot([], [], "o-", color="data")
    (steps,) = ax.plot([], [], drawstyle="steps", color="error", markevery=2, marker="s")
    (after,) = ax.plot([], [], drawstyle="steps-post", color="model")
    (marked,) = ax.plot([], [], "o-", color="ink", markevery=[1, 3])
    (long,) = ax.plot([], [], color="muted")  # so long that matplotlib draws only the visible part
    curves = LineCollection([], colors="truth", zorder=2.5)
    ax.add_collection(curves)
    cloud = ax.scatter([0, 1], [0, 1], color="model", zorder=2.6)
    many = ax.scatter(X, X, s=30 + 5 * X, c=X, zorder=2.7)
    face = ax.scatter(X, X, c=["data", "model"] * 30 + ["truth"], edgecolors="face", zorder=2.7)
    area = ax.fill_between(X, 0, X, alpha=0.5, color="gradient", zorder=2.8)
    boxes = [artists.polygons(ax, facecolors=["data", "model"], zorder=2.2) for _ in range(3)]
    boxes[1].set(edgecolor="ink", linewidth=1)
    walls = artists.segments(ax, colors=["data", "model"], zorder=2.3)
    both = artists.arrows(ax, ["data", "model"])
    one = artists.arrows(ax, ["truth"])
    table = artists.cells(ax, (-3, -2, -3, -2), [(0, 90, 0), (90, 0, 0)])
    quick = artists.line(ax, color="data", linestyle="--", marker="s")
    stairs = artists.line(ax, drawstyle="steps-mid", color="muted")
    words = artists.label(ax, 0, 0, "here", clip_on=True, zorder=4)
    note = ax.text(0, 0, "there", rotation=30, zorder=4)
    ax.plot(X, -X, ":", color="ink", zorder=5)
    ax.legend([line], ["a line"], loc="upper right")

    def update(
        a: Annotated[float, Slider(-3, 3, 0.1, label="a")] = 1.0,
        n: Annotated[int, Steps(4, label="n")] = 2,
        seen: Annotated[bool, Toggle(label="seen")] = True,
        hue: Annotated[str, Choice("data", "gradient", label="hue")] = "data",
        still: Annotated[float, Slider(0, 1, 0.1, label="still")] = 0.0,
    ) -> str:
        line.set_data(list(range(n)), [a * k for k in range(n)])
        line.set(color=hue, visible=seen)
        steps.set_data(X[: 10 * n], a * X[: 10 * n] ** 2)
        after.set_data(X[: 5 * n], a * np.cos(X[: 5 * n]))
        marked.set_data(range(4), [a, -a, n, 0])
        long.set_data(np.linspace(-3, 3, 400 * n), np.linspace(-a, a, 400 * n))
        curves.set_segments([np.column_stack([X, a * X + k]) for k in range(n)])
        curves.set(linewidths=[1 + abs(a)], visible=seen)
        cloud.set_offsets(np.array([[a, k / 2] for k in range(n)]).reshape(-1, 2))
        cloud.set_facecolor(hue)
        many.set_offsets(np.column_stack([X, a * np.sin(X)]))
        many.set_array(a * X)
        many.set_visible(seen)
        face.set_offsets(np.column_stack([X, a * np.cos(X)]))
        face.set_sizes(40 + 10 * a + X)
        area.set_data(X, 0, a * np.cos(X))
        squares = 0.3 * SQUARE + np.multiply.outer(np.arange(n), (a / 3, 0.5))[:, None]
        for drawn, corners in zip(boxes, (squares, squares[:1], a * squares[-1:]), strict=True):
            drawn.set_verts(corners)
        boxes[1].set_facecolor(hue)
        boxes[2].set_edgecolor([] if seen else hue)
        walls.set_segments(squares[:, 2:] + (0, a))
        both.place(((0, 0), (a, 1)), ((1, 1), (0.01 * a, 0)))
        one.place(((a, -1), (n - 2, n - 2)))
        table.set_cells(np.eye(n + 1, dtype=int))
        quick.set_data(X[: 3 * n], a * np.sin(X[: 3 * n]))
        quick.set_color(hue)
        stairs.set_data(X[: 10 * n], a + np.cos(X[: 10 * n]))
        note.set_position((-a, a / 2))
        one.set_visible(seen)
        words.set(text=f"{a:g}", position=(a, a), size=8 + 2 * n, color=hue)
        return f"{a:g} {n} {seen} {hue} {still:g}"

    return update


@pytest.mark.parametrize("width", [500, 300])
def test_artists_that_cross_have_the_pixels_of_a_full_draw(width: int) -> None:
    rng = np.random.default_rng(width)
    stage, screen, fields = Stage(crossing, width, 1, "light"), Screen(), {}
    screen.show(stage.draw(fields))
    for name in ("a", "a", "a", "n", "a", "n", "n", "seen", "a", "still", "seen", "a", "hue", "a"):
        for _ in range(2):
            fields[name] = texts(stage.parameters[name].control, rng)
            seen = screen.show(stage.draw(fields))
        np.testing.assert_array_equal(seen, fresh(crossing, fields, width, "light"), str(fields))


def test_what_was_hidden_comes_back_as_it_is_then() -> None:
    heights = ((0.0, True), (0.5, True), (0.5, True), (1.0, False), (1.5, True), (2.0, True))

    def demo(fig: Figure) -> Update:
        ax = fig.subplots()
        ax.set(xlim=(-1, 3), ylim=(-1, 3))
        (line,) = ax.plot([], [])
        square = ax.add_patch(Polygon(SQUARE, color="model"))
        words = ax.text(0, 0, "here", clip_on=True)

        def update(at: Annotated[int, Steps(len(heights) - 1, label="at")] = 0) -> str:
            height, seen = heights[at]
            line.set_data([0, 2], [height, 1])
            square.set_xy(SQUARE + np.array((0, height)))
            words.set_position((height, 0))
            for artist in (line, square, words):
                artist.set_visible(seen)
            return f"{height} {seen}"

        return update

    stage, screen = Stage(demo, 300, 1, "light"), Screen()
    for at in range(len(heights)):
        shown = screen.show(stage.draw({"at": [str(at)]}))
        np.testing.assert_array_equal(shown, fresh(demo, {"at": [str(at)]}, 300, "light"))


def follows(demo: Any, name: str, values: list[str]) -> None:
    """Check that each value in turn gives the pixels of a full draw."""
    stage, screen = Stage(demo, 300, 1, "light"), Screen()
    for value in values:
        shown = screen.show(stage.draw({name: [value]}))
        np.testing.assert_array_equal(shown, fresh(demo, {name: [value]}, 300, "light"), value)


def test_a_label_follows_the_limits_of_axes_that_are_switched_off() -> None:
    def demo(fig: Figure) -> Update:
        ax = fig.subplots()
        ax.set_axis_off()
        label = artists.label(ax, 1, 1)

        def update(far: Annotated[float, Slider(2, 9, 0.5, label="far")] = 5.0) -> str:
            ax.set(xlim=(0, far), ylim=(0, far))
            label.set_text(f"to {far:g}")
            return f"{far:g}"

        return update

    follows(demo, "far", ["5", "6", "4", "4.5", "8"])


def test_the_grid_of_an_axis_without_numbers_moves_with_its_tick() -> None:
    def demo(fig: Figure) -> Update:
        ax = fig.subplots()
        ax.set(xlim=(0, 9), ylim=(0, 1), yticks=[])
        ax.grid(True)
        ax.tick_params(labelbottom=False, length=0)

        def update(at: Annotated[float, Slider(1, 8, 1, label="at")] = 1.0) -> str:
            ax.set_xticks([at])
            return f"{at:g}"

        return update

    follows(demo, "at", ["1", "5", "4", "8", "8", "1"])


def test_limits_count_in_axes_that_are_switched_off() -> None:
    def demo(fig: Figure) -> Update:
        ax = fig.subplots()
        ax.set_axis_off()
        line, mark = artists.line(ax, color="data"), ax.text(1, 1, "here")
        line.set_data([0, 1, 2], [0, 2, 1])

        def update(far: Annotated[float, Slider(2, 9, 1, label="far")] = 2.0) -> str:
            ax.set(xlim=(0, far), ylim=(0, far))
            return f"{mark.get_text()} {far:g}"

        return update

    follows(demo, "far", ["2", "9", "4", "5", "2"])


def test_axes_that_take_turns_are_drawn_once(draws: Counter[str]) -> None:
    """Axes that take turns: after each was shown once, a change redraws no axis."""

    def demo(fig: Figure) -> Update:
        cells = fig.add_gridspec(2, 1)
        upper, lower, whole = (fig.add_subplot(cell) for cell in (cells[0], cells[1], cells[:, 0]))
        whole.set(aspect="equal", title="one")
        lower.set(xlabel="two")
        (line,) = whole.plot([0, 1], [0, 1])
        (other,) = upper.plot([0, 1], [0, 1])
        bare = fig.add_subplot(cells[:, 0])
        bare.set_axis_off()

        def update(
            one: Annotated[bool, Toggle(label="one")] = False,
            a: Annotated[float, Slider(0, 1, 0.1, label="a")] = 1.0,
        ) -> str:
            for axes, seen in ((upper, not one), (lower, not one), (whole, one), (bare, one)):
                axes.set_visible(seen)
            (line if one else other).set_ydata([0, a])
            return f"{one} {a:g}"

        return update

    stage, screen = Stage(demo, 400, 1, "light"), Screen()
    turns = [("0", "1"), ("0", "0.5"), *[("1", "0.5"), ("0", "0.5")] * 3]
    for one, a in (*turns, *(("0", f"{a / 10}") for a in range(5))):
        draws.clear()
        shown = screen.show(stage.draw({"one": [one], "a": [a]})).copy()
        drawn = draws["everything"], draws["XAxis"]
        np.testing.assert_array_equal(shown, fresh(demo, {"one": [one], "a": [a]}, 400, "light"))
    assert drawn == (0, 0)


def test_arrows_are_those_of_quiver() -> None:
    rng = np.random.default_rng(7)
    tails = rng.uniform(-3, 3, (12, 2))
    vectors = rng.normal(size=(12, 2)) * np.geomspace(1e-3, 2, 12)[:, None]
    vectors[0] = 0
    pictures = []
    for ours in (True, False):
        fig = Figure(figsize=(4, 4), dpi=100)
        canvas, ax = FigureCanvasAgg(fig), fig.subplots()
        ax.set(xlim=(-4, 4), ylim=(-5, 5))
        if ours:
            artists.arrows(ax, ["data", "model"] * 6).set_arrows(tails, vectors)
        else:
            ax.quiver(
                *(*tails.T, *vectors.T),
                **{"angles": "xy", "scale_units": "xy", "scale": 1, "units": "inches"},
                **{"width": 0.032, "headwidth": 4.2, "headlength": 5, "headaxislength": 4.6},
                color=["data", "model"] * 6,
                zorder=3,
            )
        canvas.draw()
        pictures.append(np.array(canvas.buffer_rgba()))
    np.testing.assert_array_equal(*pictures)


STYLES: list[dict[str, Any]] = [
    {},
    {"linestyle": (0, (4, 2)), "linewidth": 3, "alpha": 0.5},
    {"marker": "s", "markeredgecolor": "model", "linestyle": ":"},
    {"drawstyle": "steps-post"},
    {"marker": "o", "markevery": 7},
]


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("style", STYLES, ids=str)
def test_lines_are_those_of_plot(style: dict[str, Any], scale: str) -> None:
    pictures = []
    for ours in (True, False):
        fig = Figure(figsize=(3, 2), dpi=100)
        canvas, ax = FigureCanvasAgg(fig), fig.subplots()
        ax.set(xlim=(-3, 3), ylim=(0.1, 9), yscale=scale)
        if ours:
            artists.line(ax, color="data", **style).set_data(X, X**2)
        else:
            ax.plot(X, X**2, color="data", **style)
        canvas.draw()
        pictures.append(np.array(canvas.buffer_rgba()))
    np.testing.assert_array_equal(*pictures)


def test_what_an_author_sees_of_a_line_is_its_data() -> None:
    ax = Figure().subplots()
    curve = artists.line(ax, [1, 2], [3, 4])
    curve.set_ydata([5, 6])
    assert [*curve.get_xdata()] == [1, 2]
    assert [*curve.get_data()[1]] == [5, 6]
    assert ax.dataLim.bounds == (1, 3, 1, 1)  # at its initial position, as with plot
    with pytest.raises(ValueError, match="x has 1 values, y has 2"):
        curve.set_data([1], [2, 3])


LABELS: list[dict[str, Any]] = [
    {"s": "plain"},
    {"s": "μ = −0.5 gypsy", "size": 14, "weight": "semibold", "color": "error"},
    {"s": "low gypsy", "va": "bottom", "ha": "right"},
    {"s": "∂ÂÉ gypsy", "va": "center_baseline", "ha": "center", "size": 17},
    {"s": "above", "va": "top"},
    {"s": "pale", "va": "center", "alpha": 0.4, "size": 20},
    {"s": "half of it is outside", "x": 0.9, "clip_on": True},
    {"s": "two\nlines, centered", "ha": "center", "va": "center", "linespacing": 1.6},
    {"s": "on a slope", "rotation": 30, "ha": "right", "rotation_mode": "anchor"},
    {"s": "rough", "antialiased": False},
    {"s": r"$\frac{1}{\sigma}$", "size": 16},
    {"s": "framed", "bbox": {"boxstyle": "round"}},
    {"s": "hidden", "visible": False},
    {"s": "nowhere", "x": float("nan")},
    {"s": ""},
]


def middle(pixels: Pixels) -> NDArray[Any]:
    """The total darkness of a picture and its center."""
    dark = 255 - pixels[..., :3].mean(axis=2)
    total = dark.sum()
    places = np.indices(dark.shape) * dark
    return np.array((total, *(places.sum(axis=(1, 2)) / max(total, 1))))


@pytest.mark.parametrize("given", LABELS, ids=[label["s"][:8] or "empty" for label in LABELS])
def test_labels_look_like_texts(given: dict[str, Any]) -> None:
    """Labels are where matplotlib puts a text, up to its rounding, and report that position."""
    style = {key: value for key, value in given.items() if key not in ("s", "x")}
    pictures = []
    for ours in (True, False):
        fig = Figure(figsize=(3, 2), dpi=130, layout="none")
        canvas, ax = FigureCanvasAgg(fig), fig.add_axes((0, 0, 1, 1))
        ax.set_axis_off()
        place = given.get("x", 0.3), 0.5, given["s"]
        text = artists.label(ax, *place, **style) if ours else ax.text(*place, **style)
        text.set_y(0.4)
        text.set_x(text.get_position()[0] - 0.1)
        canvas.draw()
        pictures.append(np.array(canvas.buffer_rgba()))
        box = text.box(canvas.get_renderer()) if isinstance(text, artists.Label) else None
        if (
            box is not None
            and text.get_visible()
            and given["s"]
            and np.isfinite(text.get_position()).all()
        ):
            expected = text.get_window_extent(canvas.get_renderer()).extents
            np.testing.assert_allclose(np.array(box)[[0, 2]], expected[[0, 2]], atol=3)
    (dark, *place), (expected_dark, *expected_place) = map(middle, pictures)
    assert dark == pytest.approx(expected_dark, rel=0.06)
    assert place == pytest.approx(expected_place, abs=1.2)


def test_cells_fill_their_part_of_the_axes() -> None:
    colors = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]])
    which = np.array([[0, 1, 2], [2, 0, 1]])
    fig = Figure(figsize=(3, 2), dpi=100, layout="none", facecolor="white")
    ax = fig.add_axes((0.1, 0.2, 0.6, 0.5))
    ax.set(xlim=(0.5, 3), ylim=(2, 0))  # y points down; half of the first column is outside
    ax.set_axis_off()
    artists.cells(ax, (0, 3, 0, 2), colors).set_cells(which)
    FigureCanvasAgg(fig).draw()
    pixels = np.asarray(fig.canvas.buffer_rgba())  # type: ignore[attr-defined]
    for (row, column), color in np.ndenumerate(which):
        for x, y in ((column + 0.6, row + 0.1), (column + 0.9, row + 0.9)):
            right, up = ax.transData.transform((x, y))
            assert pixels[int(200 - up), int(right)].tolist() == [*colors[color], 255]
    assert (pixels[:59] == 255).all()
    assert (pixels[:, :29] == 255).all()
