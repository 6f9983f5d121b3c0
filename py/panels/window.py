"""A figure in a matplotlib window, with a widget for each control next to the picture."""

import math
import random
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib import pyplot, widgets
from matplotlib.axes import Axes
from matplotlib.backend_bases import MouseButton, MouseEvent
from matplotlib.lines import Line2D

from panels.live import Live, decimals
from stage import controls
from stage.controls import Answer, ControlError
from stage.layout import DPI

# All lengths are in CSS pixels.
PANEL = 330  # width of the column with the controls
MARGIN = 18  # around that column
LINE = 19  # height of a line of text, or of an option of a choice
CAPTION = 84  # height of the caption
NARROWEST, WIDEST = 280, 1600  # widths of the picture
REACH = 16  # maximum distance of the pointer from a handle to grab it


@dataclass
class Row:
    """A row of widgets for a control, and the function that shows the control's value in them."""

    name: str
    height: float
    cells: list[Any] = field(default_factory=list)  # widgets
    show: Callable[[], None] = lambda: None


class Window:
    """A pyplot figure with the picture of a demo and the widgets for its controls."""

    def __init__(self, live: Live, title: str) -> None:
        self.live = live
        self.figure = pyplot.figure(figsize=self._size(), dpi=DPI, layout="none", num=title)
        self.figure.set_facecolor("surface")
        self._shows: dict[widgets.Slider, Callable[[], None]] = {}
        self.rows: list[Row] = []
        for name in live.parameters:
            self.rows += self._rows(name)
        self.rows.append(Row("", 30, [self._button("Reset", live.reset)]))
        self.image = self.figure.figimage(live.pixels, origin="upper")
        self.rings = Line2D([], [], linestyle="", marker="o", markersize=11, alpha=0.9)
        self.rings.set(markerfacecolor="none", markeredgecolor="ink", markeredgewidth=1.2)
        self.rings.set_transform(self.figure.transFigure)
        self.figure.add_artist(self.rings)
        self.caption = self.figure.text(0, 0, "", va="top", parse_math=False, fontsize=10.5)
        self._held: tuple[str, int] | None = None
        self._timers: dict[str, Any] = {}
        for event, act in {
            "resize_event": lambda _: self._resize(),
            "button_press_event": self._press,
            "motion_notify_event": self._move,
            "button_release_event": self._release,
        }.items():
            self.figure.canvas.mpl_connect(event, act)
        self._resize()

    # Layout

    def _size(self) -> tuple[float, float]:
        """The initial size of the window, in inches."""
        live = self.live
        column = sum(self._height(name) for name in live.shown) + 30 + 2 * MARGIN
        picture = live.width / live.shape.at(live.width / DPI) + CAPTION
        return (live.width + PANEL) / DPI, max(picture, min(column, 860)) / DPI

    def _resize(self) -> None:
        """Fit the picture into the window."""
        ratio = self.figure.dpi / DPI
        across, down = (side / ratio for side in self.figure.bbox.size)
        width = min(across - PANEL, max(down - CAPTION, 1) * self.live.shape.wide)
        self.live.resize(round(min(max(width, NARROWEST), WIDEST)), ratio)
        self.refresh()

    def _lay_out(self) -> None:
        """Stack the widgets of the controls that have an effect."""
        ratio = self.figure.dpi / DPI
        across, down = (side / ratio for side in self.figure.bbox.size)
        shown = [row for row in self.rows if not row.name or row.name in self.live.shown]
        for row in self.rows:
            for cell in row.cells:
                cell.ax.set_visible(row in shown)
                rests = bool(row.name) and self.live.rests(row.name)
                _let(cell, row in shown and not rests)
        needed = sum(row.height for row in shown)
        squeeze = min(1.0, (down - 2 * MARGIN) / needed)
        top = down - MARGIN
        left, room = self.live.width + MARGIN, PANEL - 2 * MARGIN
        for row in shown:
            top -= row.height * squeeze
            width = room / len(row.cells)
            for number, cell in enumerate(row.cells):
                part = 1 if len(row.cells) == 1 else 0.92
                slider = isinstance(cell, widgets.Slider)
                height = row.height * squeeze * (0.5 if slider else 0.82)
                cell.ax.set_position(
                    (
                        (left + number * width) / across,
                        top / down,
                        part * width / across,
                        height / down,
                    )
                )
        self._corner = (0.0, self.figure.bbox.height - self.live.pixels.shape[0])

    def refresh(self) -> None:
        """Show the current picture, caption, and values."""
        self._lay_out()
        for row in self.rows:
            row.show()
        live, (width, height) = self.live, self.figure.bbox.size
        self.image.set_data(live.pixels)
        self.image.ox, self.image.oy = self._corner
        places = [self._on_window(across, down) for *_, across, down in live.places()]
        self.rings.set_data([x / width for x, _ in places], [y / height for _, y in places])
        self.caption.set_position((MARGIN * live.ratio / width, self._corner[1] / height - 0.01))
        self.caption.set_text(textwrap.fill(live.caption, int(live.width / 6.4)))
        self.figure.canvas.draw_idle()

    def _do(self, act: Callable[[], object]) -> None:
        """Apply a change and show it; for an invalid value, show the error as the caption."""
        try:
            act()
        except ControlError as error:
            self.caption.set_text(str(error))
            self.figure.canvas.draw_idle()
        else:
            self.refresh()

    # Handles on the picture

    def _on_window(self, across: float, down: float) -> tuple[float, float]:
        rows, columns, _ = self.live.pixels.shape
        return self._corner[0] + across * columns, self._corner[1] + (1 - down) * rows

    def _on_picture(self, x: float, y: float) -> tuple[float, float]:
        rows, columns, _ = self.live.pixels.shape
        return (x - self._corner[0]) / columns, 1 - (y - self._corner[1]) / rows

    def _press(self, event: Any) -> None:
        if not isinstance(event, MouseEvent) or event.button != MouseButton.LEFT:
            return
        reach = REACH * self.live.ratio
        for name, index, across, down in self.live.places():
            x, y = self._on_window(across, down)
            if (distance := math.hypot(event.x - x, event.y - y)) <= reach:
                reach, self._held = distance, (name, index)

    def _move(self, event: Any) -> None:
        if self._held and isinstance(event, MouseEvent):
            held, place = self._held, self._on_picture(event.x, event.y)
            self._do(lambda: self.live.drag(*held, *place))

    def _release(self, _event: Any) -> None:
        self._held = None

    # A widget for each control

    def _height(self, name: str) -> float:
        match self.live.control(name):
            case controls.Choice(options=options):
                return LINE * (len(options) + 1) + 8
            case controls.Matrix(rows=rows):
                return 44.0 * rows
            case controls.Points(least=least, most=most):
                return 34 if least < most else 44.0 * least if least <= 3 else 0
            case controls.Button() | controls.Check() | controls.Toggle():
                return 34
            case controls.Steps():
                return 44 + 34
        return 44

    def _rows(self, name: str) -> list[Row]:
        """The widgets of a control."""
        live, control = self.live, self.live.control(name)
        label = control.label
        height = self._height(name)
        match control:
            case controls.Slider():
                return [self._row_of_numbers(name, [self._slider(name)])]
            case controls.Steps(last=last, rate=rate):
                numbers = self._row_of_numbers(name, [self._number(name, 0, label, 0, last, 1)])
                return [numbers, Row(name, 34, self._player(name, last, rate))]
            case controls.Seed(last=last):
                number = self._number(name, 0, label, 0, last, 1)
                new = self._button("New data", lambda: live.set(name, random.randint(0, last)))
                return [self._row_of_numbers(name, [number, new])]
            case controls.Choice(options=options):
                return [self._choice(name, label, options, height)]
            case controls.Button():
                return [Row(name, 34, [self._button(label, lambda: live.set(name, True))])]
            case controls.Toggle():
                return [self._toggle(name, label)]
            case controls.Check():
                return [self._check(name, label)]
            case controls.Matrix(rows=rows, columns=columns, low=low, high=high, step=step):
                return [
                    self._row_of_numbers(
                        name,
                        [
                            self._number(
                                name,
                                row * columns + column,
                                f"{label} {row + 1},{column + 1}",
                                *(low, high, step),
                            )
                            for column in range(columns)
                        ],
                    )
                    for row in range(rows)
                ]
            case controls.Points(least=least, most=most) if least == most <= 3:
                return [self._point(name, index, control) for index in range(most)]
            case controls.Points(least=least, most=most) if least == most:
                return []  # these points can only be dragged
            case controls.Points():
                add = self._button("Add a point", lambda: live.add_point(name))
                remove = self._button("Remove one", lambda: live.remove_point(name))
                return [Row(name, 34, [add, remove])]
        raise AssertionError(f"unknown kind of control: {control}")

    def _axes(self) -> Axes:
        axes = self.figure.add_axes((0, 0, 0.1, 0.1))
        axes.set_facecolor("surface")
        return axes

    def _button(self, label: str, act: Callable[[], object]) -> widgets.Button:
        button = widgets.Button(self._axes(), label, color="surface", hovercolor="rule")
        button.label.set_parse_math(False)
        button.drawon = False
        button.ax.spines[:].set(visible=True, edgecolor="muted")
        button.on_clicked(lambda _: self._do(act))
        return button

    def _slider(self, name: str) -> widgets.Slider:
        """A slider for one number; a logarithmic slider moves the exponent."""
        control = self.live.control(name)
        assert isinstance(control, controls.Slider)
        if control.log:
            low, high = math.log10(control.low), math.log10(control.high)
            return self._number(name, 0, control.label, low, high, control.step, log=True)
        return self._number(name, 0, control.label, control.low, control.high, control.step)

    def _number(
        self, name: str, index: int, label: str, low: float, high: float, step: float,
        log: bool = False,
    ) -> widgets.Slider:  # fmt: skip
        """A slider for one of a control's numbers."""
        slider = widgets.Slider(
            self._axes(), label, low, high, valinit=low, valstep=step,
            track_color="rule", color="data", initcolor="none",
        )  # fmt: skip
        slider.drawon = False
        for text, place, side in ((slider.label, 0.0, "left"), (slider.valtext, 1.0, "right")):
            text.set(position=(place, 0.95), va="bottom", ha=side, parse_math=False, fontsize=10)

        def changed(value: float) -> None:
            texts = list(self.live.fields[name])
            texts[index] = format(10**value if log else value, ".12g")
            self._do(lambda: self.live.set_texts(name, texts))

        def show() -> None:
            text = self.live.fields[name][index]
            value = math.log10(float(text)) if log else float(text)
            _silently(slider, lambda: slider.set_val(min(max(value, low), high)))
            unit = getattr(self.live.control(name), "unit", "")
            told = format(float(text), ".4g" if log else f".{decimals(step)}f")
            slider.valtext.set_text(f"{told} {unit}".rstrip().replace("-", "−"))

        slider.on_changed(changed)
        self._shows[slider] = show
        return slider

    def _row_of_numbers(self, name: str, cells: Sequence[widgets.AxesWidget]) -> Row:
        shows = [self._shows[cell] for cell in cells if cell in self._shows]
        return Row(name, 44, list(cells), lambda: _all(shows))

    def _point(self, name: str, index: int, control: controls.Points) -> Row:
        """Two sliders for a point."""
        label = control.names[index] if control.names else control.label
        steps = [1.0 if w else s for w, s in zip(control.whole, control.steps, strict=True)]
        sides = zip(("x", "y"), (control.x, control.y), steps, strict=True)
        cells = [
            self._number(name, 2 * index + at, f"{label}: {side}", *ends, step)
            for at, (side, ends, step) in enumerate(sides)
        ]
        return self._row_of_numbers(name, cells)

    def _choice(self, name: str, label: str, options: Sequence[str], height: float) -> Row:
        axes = self._axes()
        radio = widgets.RadioButtons(axes, options, activecolor="data")
        radio.drawon = False
        axes.spines[:].set_visible(False)
        axes.set_title(label, loc="left", fontsize=10, pad=1, parse_math=False)
        for text in radio.labels:
            text.set(parse_math=False, fontsize=10)

        def chosen(option: str | None) -> None:
            self._do(lambda: self.live.set(name, option))

        def show() -> None:
            at = options.index(self.live.fields[name][0])
            _silently(radio, lambda: radio.set_active(at))

        radio.on_clicked(chosen)
        return Row(name, height, [radio], show)

    def _toggle(self, name: str, label: str) -> Row:
        axes = self._axes()
        box = widgets.CheckButtons(axes, [label])
        box.drawon = False
        axes.spines[:].set_visible(False)
        box.labels[0].set(parse_math=False, fontsize=10)
        box.on_clicked(lambda _: self._do(lambda: self.live.set(name, box.get_status()[0])))

        def show() -> None:
            if box.get_status()[0] != self.live.value(name):
                _silently(box, lambda: box.set_active(0))

        return Row(name, 34, [box], show)

    def _check(self, name: str, label: str) -> Row:
        """*Check* and *Skip*; once the answer is visible, *Check* becomes *Try again*."""
        live = self.live

        def first() -> None:
            if live.value(name):
                live.restart()
            else:
                live.set(name, Answer(1.0))

        check = self._button(label, first)
        skip = self._button("Skip", lambda: live.set(name, Answer(1.0, True)))

        def show() -> None:
            answered = bool(live.value(name))
            check.label.set_text("Try again" if answered else label)
            skip.ax.set_visible(not answered and name in live.shown)
            _let(skip, not answered and name in live.shown)

        return Row(name, 34, [check, skip], show)

    def _player(self, name: str, last: int, rate: float) -> list[Any]:
        """Buttons for step back, play/pause, and step forward."""
        live = self.live

        def step(by: int) -> None:
            live.set(name, min(max(live.value(name) + by, 0), last))

        def tick() -> bool:
            self._do(lambda: step(1))
            if live.value(name) < last:
                return True
            stop()
            return False

        def stop() -> None:
            timer = self._timers.pop(name, None)
            if timer is not None:
                timer.stop()
            play.label.set_text("Play")

        def start() -> None:
            if name in self._timers:
                return stop()
            if live.value(name) >= last:
                live.set(name, 0)
            timer = self.figure.canvas.new_timer(interval=round(1000 / rate))
            timer.add_callback(tick)
            self._timers[name] = timer
            play.label.set_text("Pause")
            timer.start()

        play = self._button("Play", start)
        back, on = self._button("−1", lambda: step(-1)), self._button("+1", lambda: step(1))
        return [back, play, on]


def _silently(widget: Any, act: Callable[[], object]) -> None:
    """Change a widget without triggering its events."""
    widget.eventson = False
    act()
    widget.eventson = True


def _let(widget: widgets.Widget, react: bool) -> None:
    """Enable or disable a widget; some kinds override `set_active` with another meaning."""
    widgets.Widget.set_active(widget, react)


def _all(acts: Iterable[Callable[[], None]]) -> None:
    for act in acts:
        act()
