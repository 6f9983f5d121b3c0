"""A figure in a Jupyter notebook: ipywidgets for its controls, and the picture as an image."""

import ast
import io
import math
import random
from collections.abc import Callable, Mapping
from html import escape
from types import ModuleType
from typing import Any

from PIL import Image

from panels.live import Live, decimals
from stage import controls
from stage.controls import Answer, ControlError
from stage.drawing import Demo

NEEDED = (
    "To move a figure in a notebook, ipywidgets is needed: run %pip install ipywidgets, then "
    "restart the kernel."
)
RATIO = 2  # device pixels per CSS pixel
WIDE = "420px"


def panel(demo: Demo, values: Mapping[str, Any] | None = None) -> Any:
    """The widgets of a figure, with its controls at `values`. ImportError without ipywidgets."""
    return Panel(Live(demo, ratio=RATIO, values=values)).root


def bundle(module: ModuleType, **options: Any) -> Any:
    """What a notebook displays for a module of `demos`; without ipywidgets, how to install it."""
    try:
        method = getattr(panel(module.demo), "_repr_mimebundle_")  # noqa: B009 (IPython's name)
    except ImportError as error:
        return {"text/plain": str(error)}
    return method(**options)


class Panel:
    """A figure's picture and caption, with a widget for each control."""

    def __init__(self, live: Live) -> None:
        try:
            import ipywidgets
        except ImportError as error:
            raise ImportError(NEEDED) from error
        self.kit = ipywidgets
        self.live = live
        self.image = ipywidgets.Image(format="png", width=round(live.width))
        self.caption = ipywidgets.HTML()
        self.fields: dict[str, Any] = {}
        self.shows: list[Callable[[], None]] = []
        self._showing = False
        for name in live.parameters:
            self.fields[name] = self._field(name)
        reset = self._button("Reset", live.reset)
        panel = ipywidgets.VBox([*self.fields.values(), reset])
        wraps = ipywidgets.Layout(flex_flow="row wrap")  # in a narrow cell the controls go below
        both = ipywidgets.HBox([self.image, panel], layout=wraps)
        self.root = ipywidgets.VBox([both, self.caption])
        self.refresh()

    def refresh(self) -> None:
        """Show the current picture, caption, and values."""
        self._showing = True
        for name, field in self.fields.items():
            field.layout.display = "" if name in self.live.shown else "none"
        for each in self.shows:
            each()
        self._showing = False
        data = io.BytesIO()
        Image.fromarray(self.live.pixels[:, :, :3]).save(data, "png", compress_level=1)
        self.image.value = data.getvalue()
        self.caption.value = escape(self.live.caption)

    def _do(self, act: Callable[[], object]) -> None:
        """Apply a change and show it; for an invalid value, show the error as the caption."""
        if self._showing:
            return
        try:
            act()
        except (ControlError, SyntaxError, TypeError, ValueError) as error:
            self.caption.value = escape(str(error))
        else:
            self.refresh()

    # A widget for each control

    def _field(self, name: str) -> Any:
        live, control = self.live, self.live.control(name)
        label = control.label
        match control:
            case controls.Slider(log=log, low=low, high=high, step=step, unit=unit, whole=whole):
                label = f"{label} ({unit})" if unit else label
                return self._number(name, 0, label, low, high, step, log=log, whole=whole)
            case controls.Steps(last=last, rate=rate):
                slider = self._number(name, 0, label, 0, last, 1, whole=True)
                play = self.kit.Play(max=last, interval=round(1000 / rate))
                self.kit.jslink((play, "value"), (slider, "value"))
                return self.kit.VBox([slider, play])
            case controls.Seed(last=last):
                number = self._number(name, 0, label, 0, last, 1, whole=True)
                new = self._button("New data", lambda: live.set(name, random.randint(0, last)))
                return self.kit.VBox([number, new])
            case controls.Choice(options=options):
                return self._bound(name, self.kit.Dropdown(options=options), label)
            case controls.Button():
                return self._button(label, lambda: live.set(name, True))
            case controls.Toggle():
                return self._bound(name, self.kit.Checkbox(indent=False), label)
            case controls.Check():
                return self._check(name, label)
            case controls.Matrix(rows=rows, columns=columns, low=low, high=high, step=step):
                lines = [
                    [
                        self._number(name, row * columns + column, "", low, high, step, box=True)
                        for column in range(columns)
                    ]
                    for row in range(rows)
                ]
                boxes = [self.kit.HBox(line) for line in lines]
                return self.kit.VBox([self.kit.Label(label), *boxes])
            case controls.Points(least=least, most=most) if least == most <= 3:
                return self.kit.VBox(
                    [field for index in range(most) for field in self._point(name, index, control)]
                )
            case controls.Points():
                return self._points(name, label)
        raise AssertionError(f"unknown kind of control: {control}")

    def _button(self, label: str, act: Callable[[], object]) -> Any:
        button = self.kit.Button(description=label)
        button.on_click(lambda _: self._do(act))
        return button

    def _styled(self, widget: Any, label: str) -> Any:
        widget.description = label
        widget.style.description_width = "initial"
        widget.layout.width = WIDE
        return widget

    def _bound(self, name: str, widget: Any, label: str) -> Any:
        """Keep a widget's value and the control's value in sync."""

        def display() -> None:
            widget.value = self.live.value(name)
            widget.disabled = self.live.rests(name)

        display()
        widget.observe(lambda change: self._do(lambda: self.live.set(name, change["new"])), "value")
        self.shows.append(display)
        return self._styled(widget, label)

    def _number(
        self, name: str, index: int, label: str, low: float, high: float, step: float,
        *, log: bool = False, whole: bool = False, box: bool = False,
    ) -> Any:  # fmt: skip
        """A slider, or with `box` a text field, for one of a control's numbers."""
        kit, kind = self.kit, int if whole else float
        widget: Any
        if log:
            ends = {"min": math.log10(low), "max": math.log10(high)}
            widget = kit.FloatLogSlider(value=low, step=step, readout_format=".3g", **ends)
        elif box:
            widget = kit.BoundedFloatText(min=low, max=high, step=step)
        elif whole:
            widget = kit.IntSlider(min=int(low), max=int(high), step=int(step))
        else:
            digits = f".{decimals(step)}f"
            widget = kit.FloatSlider(min=low, max=high, step=step, readout_format=digits)

        def display() -> None:
            widget.value = kind(float(self.live.fields[name][index]))
            widget.disabled = self.live.rests(name)

        def changed(change: Mapping[str, Any]) -> None:
            texts = list(self.live.fields[name])
            texts[index] = format(change["new"], ".12g")
            self._do(lambda: self.live.set_texts(name, texts))

        display()
        widget.observe(changed, "value")
        self.shows.append(display)
        self._styled(widget, label)
        if box:
            widget.layout.width = "80px"
        return widget

    def _point(self, name: str, index: int, control: controls.Points) -> list[Any]:
        """Two sliders for a point."""
        label = control.names[index] if control.names else control.label
        sides = zip("xy", (control.x, control.y), control.steps, control.whole, strict=True)
        return [
            self._number(
                name, 2 * index + at, f"{label}: {side}", *ends, 1 if whole else step, whole=False
            )
            for at, (side, ends, step, whole) in enumerate(sides)
        ]

    def _points(self, name: str, label: str) -> Any:
        """A text field with points: (1, 2), (3, 4)."""
        field = self.kit.Textarea(continuous_update=False, rows=4)

        def display() -> None:
            field.value = ", ".join(f"({x:g}, {y:g})" for x, y in self.live.value(name))

        def changed(change: Mapping[str, Any]) -> None:
            self._do(lambda: self.live.set(name, ast.literal_eval(f"[{change['new']}]")))

        display()
        field.observe(changed, "value")
        self.shows.append(display)
        return self._styled(field, label)

    def _check(self, name: str, label: str) -> Any:
        """*Check* and *Skip*, or *Try again* once the answer is visible."""
        live = self.live
        check = self._button(label, lambda: live.set(name, Answer(1.0)))
        skip = self._button("Skip", lambda: live.set(name, Answer(1.0, True)))
        again = self._button("Try again", live.restart)

        def display() -> None:
            answered = bool(live.value(name))
            for button, there in ((check, not answered), (skip, not answered), (again, answered)):
                button.layout.display = "" if there else "none"

        self.shows.append(display)
        return self.kit.HBox([check, skip, again])
