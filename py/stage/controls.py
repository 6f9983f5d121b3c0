"""The controls that `update` functions declare, and reading them from a signature.

A control is declared once, in the annotation: `mean: Annotated[float, Slider(-3, 3, 0.1,
label="mean μ")] = 0.0`. The page sends the contents of its form fields as lists of strings; `read`
of each control converts them to a value.
"""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, get_args, get_origin, get_type_hints

from stage import drag
from stage.drag import Drag, Place

Update = Callable[..., str]
PointList = Sequence[tuple[float, float]]
Grid = Sequence[Sequence[float]]


class ControlError(ValueError):
    """A control is missing or incomplete, or a value is outside its range."""


def _number(text: str, low: float, high: float, name: str) -> float:
    """Parse a finite number in [low, high]; ControlError otherwise."""
    try:
        value = float(text)
    except ValueError:
        raise ControlError(f"{name} needs a number, not {text!r}") from None
    slack = 1e-9 * max(abs(low), abs(high))
    if not low - slack <= value <= high + slack:  # false for NaN as well
        raise ControlError(f"{name} must lie between {low:g} and {high:g}, not at {text}")
    return min(max(value, low), high)


def _whole(text: str, low: float, high: float, name: str) -> int:
    """Parse a number and round it to an integer; halves are rounded up, as in the page."""
    return math.floor(_number(text, low, high, name) + 0.5)


def _one(texts: Sequence[str], name: str) -> str:
    if len(texts) != 1:
        raise ControlError(f"{name} needs one value, not {len(texts)}")
    return texts[0]


def _range(low: float, high: float, step: float, label: str) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ControlError(f"{label!r} needs a finite range with its lower end first")
    if not step > 0:
        raise ControlError(f"{label!r} needs a step above 0")


def nearest(value: float, low: float, high: float, step: float) -> float:
    """The step nearest to a value, in [low, high]."""
    return min(max(low + round((value - low) / step) * step, low), high)


@dataclass(frozen=True, kw_only=True)
class Control:
    """The base class of all controls.

    `when` decides in which states the control has an effect; in others it is hidden. It is a
    function of other arguments of `update`, by name: `when=lambda view: view == "two features"`.
    With `more`, the control is behind the button *More*. `guess` marks controls that readers set
    before the answer is shown (see `Check`). `drag` is a handle on the picture.
    """

    kind: ClassVar[str]
    label: str
    when: Callable[..., bool] | None = None
    more: bool = False
    guess: bool = False
    drag: Drag | None = None

    def read(self, texts: Sequence[str]) -> Any:
        """Convert form fields to a value; ControlError if they are invalid."""
        raise NotImplementedError

    def write(self, value: Any) -> list[str]:
        """Convert a value to form fields."""
        raise NotImplementedError

    def nearest(self, value: Any) -> Any:
        """The nearest value that the control can have."""
        raise NotImplementedError(f"a {self.kind} has no handle")


@dataclass(frozen=True)
class Slider(Control):
    """A number in [low, high]. With `log=True` the slider is logarithmic; `step` is in decades.

    `Annotated[int, Slider(1, 9, 1, label="k")]` is an integer: typed or linked values are rounded
    before the demo gets them.
    """

    kind: ClassVar[str] = "slider"
    low: float
    high: float
    step: float
    unit: str = field(default="", kw_only=True)
    log: bool = field(default=False, kw_only=True)
    whole: bool = field(default=False, kw_only=True)  # set by the annotated type

    def __post_init__(self) -> None:
        _range(self.low, self.high, self.step, self.label)
        if self.log and self.low <= 0:
            raise ControlError(f"{self.label!r} is logarithmic, so its range must be above 0")
        if self.whole and (self.log or any(end % 1 for end in (self.low, self.high, self.step))):
            raise ControlError(f"{self.label!r} is an int, so its ends and its step must be whole")

    def read(self, texts: Sequence[str]) -> float:
        if self.whole:
            return _whole(_one(texts, self.label), self.low, self.high, self.label)
        return _number(_one(texts, self.label), self.low, self.high, self.label)

    def write(self, value: float) -> list[str]:
        return [format(float(value), ".12g")]

    def nearest(self, value: float) -> float:
        if not self.log:
            return nearest(value, self.low, self.high, self.step)
        value = min(max(value, self.low), self.high)
        return 10 ** nearest(
            math.log10(value), math.log10(self.low), math.log10(self.high), self.step
        )


class _Count(Control):
    """An integer from 0 to `last`, which subclasses declare as a field."""

    last: int

    def read(self, texts: Sequence[str]) -> int:
        return _whole(_one(texts, self.label), 0, self.last, self.label)

    def write(self, value: int) -> list[str]:
        return [str(value)]


@dataclass(frozen=True)
class Steps(_Count):
    """An integer from 0 to `last` with buttons for play, pause, step, and reset.

    `rate` is the number of steps per second during play.
    """

    kind: ClassVar[str] = "steps"
    last: int
    rate: float = field(default=8.0, kw_only=True)

    def __post_init__(self) -> None:
        _range(0, self.last, self.rate, self.label)


@dataclass(frozen=True)
class Seed(_Count):
    """The seed of random data, 0 to `last`, with a button "new data"."""

    kind: ClassVar[str] = "seed"
    label: str = field(default="seed", kw_only=True)
    last: int = field(default=9999, kw_only=True)


@dataclass(frozen=True)
class Choice(Control):
    """One of a few named options; the value is the option's text."""

    kind: ClassVar[str] = "choice"
    options: tuple[str, ...]

    def __init__(
        self,
        *options: str,
        label: str,
        when: Callable[..., bool] | None = None,
        more: bool = False,
        guess: bool = False,
    ) -> None:
        super().__init__(label=label, when=when, more=more, guess=guess)
        if len(options) < 2 or len(set(options)) < len(options):
            raise ControlError(f"{label!r} needs two or more different options")
        object.__setattr__(self, "options", options)

    def read(self, texts: Sequence[str]) -> str:
        text = _one(texts, self.label)
        if text not in self.options:
            raise ControlError(
                f"{self.label} has no option {text!r}, only {', '.join(self.options)}"
            )
        return text

    def write(self, value: str) -> list[str]:
        return [value]


@dataclass(frozen=True)
class Toggle(Control):
    """On or off."""

    kind: ClassVar[str] = "toggle"

    def read(self, texts: Sequence[str]) -> bool:
        text = _one(texts, self.label)
        if text not in ("0", "1"):
            raise ControlError(f"{self.label} is 0 or 1, not {text!r}")
        return text == "1"

    def write(self, value: bool) -> list[str]:
        return ["1" if value else "0"]


@dataclass(frozen=True)
class Button(Toggle):
    """A button; its value is true for one picture after it was pressed, then false again.

    `update` can write a computed value into other controls: `Caption(…, sets={"theta": best})`.
    """

    kind: ClassVar[str] = "button"


@dataclass(frozen=True)
class Answer:
    """How much of the answer is visible: nothing until the reader has guessed.

    `part` goes from 0 (hidden) to 1 during the animation. `skipped` means that the reader asked for
    the answer without a guess, so there is no score. The answer is truthy once it is visible.
    """

    part: float = 0.0
    skipped: bool = False

    def __bool__(self) -> bool:
        return self.part > 0


@dataclass(frozen=True)
class Check(Control):
    """The buttons below a guess: *Check*, *Skip*, and then *Try again*.

    The value is an `Answer`. While it is false, neither picture nor caption may reveal the answer.
    The controls with `guess=True` are checked, and are locked once the answer is visible.
    """

    kind: ClassVar[str] = "check"
    label: str = field(default="Check", kw_only=True)

    def read(self, texts: Sequence[str]) -> Answer:
        text = _one(texts, self.label)
        if text == "skip":
            return Answer(1.0, True)
        return Answer(_number(text, 0, 1, self.label))

    def write(self, value: Answer) -> list[str]:
        return ["skip" if value.skipped else format(value.part, ".12g")]


@dataclass(frozen=True)
class Matrix(Control):
    """A grid of numbers in [low, high], `rows` × `columns`; the value is a tuple of rows.

    With `handles="columns"` (for two rows), the tip of each column has a handle on the picture, in
    the axes with the index `axes`.
    """

    kind: ClassVar[str] = "matrix"
    rows: int
    columns: int
    low: float
    high: float
    step: float
    handles: str = field(default="", kw_only=True)
    axes: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        _range(self.low, self.high, self.step, self.label)
        if self.handles not in ("", "columns") or (self.handles and self.rows != 2):
            raise ControlError(f"{self.label!r}: handles='columns' needs a matrix with two rows")

    def read(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        if len(texts) != self.rows * self.columns:
            raise ControlError(
                f"{self.label} needs {self.rows}×{self.columns} numbers, not {len(texts)}"
            )
        numbers = [_number(text, self.low, self.high, self.label) for text in texts]
        return tuple(
            tuple(numbers[row * self.columns : (row + 1) * self.columns])
            for row in range(self.rows)
        )

    def write(self, value: Grid) -> list[str]:
        return [format(float(number), ".12g") for row in value for number in row]


@dataclass(frozen=True)
class Points(Control):
    """Points that readers drag on the picture or type; the value is a tuple of (x, y).

    `x` and `y` are the ranges; `step` is a number for both, or a pair. There are `least` to `most`
    points; if these differ, points can be added and removed. `names` are shown on the handles
    (`("a", "b")`). The handles are in the axes with the index `axes`, whose scales must be linear.
    `whole` says for x and y whether only integers are valid, as for a label 0 or 1. With `sliders`,
    each coordinate has a slider next to its number.
    """

    kind: ClassVar[str] = "points"
    x: tuple[float, float]
    y: tuple[float, float]
    step: float | tuple[float, float]
    names: tuple[str, ...] = field(default=(), kw_only=True)
    least: int = field(default=1, kw_only=True)
    most: int = field(default=1, kw_only=True)
    axes: int = field(default=0, kw_only=True)
    whole: tuple[bool, bool] = field(default=(False, False), kw_only=True)
    sliders: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        for (low, high), step in zip((self.x, self.y), self.steps, strict=True):
            _range(low, high, step, self.label)
        if not 0 <= self.least <= self.most:
            raise ControlError(f"{self.label!r} needs 0 ≤ least ≤ most")
        if self.sliders and self.least < self.most:
            raise ControlError(f"{self.label!r}: sliders need least = most, a fixed number")

    @property
    def steps(self) -> tuple[float, float]:
        """The steps along x and along y."""
        return self.step if isinstance(self.step, tuple) else (self.step, self.step)

    def read(self, texts: Sequence[str]) -> tuple[tuple[float, float], ...]:
        if len(texts) % 2:
            raise ControlError(f"{self.label} needs pairs of numbers, not {len(texts)} numbers")
        across, along = (_whole if whole else _number for whole in self.whole)
        points = tuple(
            (across(x, *self.x, self.label), along(y, *self.y, self.label))
            for x, y in zip(texts[::2], texts[1::2], strict=True)
        )
        if not self.least <= len(points) <= self.most:
            raise ControlError(
                f"{self.label} needs {self.least} to {self.most} points, not {len(points)}"
            )
        return points

    def write(self, value: PointList) -> list[str]:
        return [format(float(number), ".12g") for point in value for number in point]


@dataclass(frozen=True)
class Parameter:
    """A parameter of an update function: its name, control, and default."""

    name: str
    control: Control
    default: Any

    @property
    def texts(self) -> list[str]:
        """The default as form fields."""
        return self.control.write(self.default)


def parameters(update: Update) -> dict[str, Parameter]:
    """The parameters of an update function, in order.

    ControlError names an argument with no control, several controls, no default, or a default
    outside its range.
    """
    hints = get_type_hints(update, include_extras=True)
    known = {}
    for name, argument in inspect.signature(update).parameters.items():
        hint = hints.get(name)
        metadata = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
        controls = [item for item in metadata if isinstance(item, Control)]
        if len(controls) != 1:
            raise ControlError(
                f"argument {name!r} has {len(controls) or 'no'} "
                f"control{'s' * (len(controls) > 1)}; "
                f"write {name}: Annotated[float, Slider(0, 1, 0.1, label=…)] = 0.5"
            )
        if argument.default is argument.empty:
            raise ControlError(
                f"argument {name!r} has no default; the demo needs a value to start with"
            )
        control = controls[0]
        if control.drag and not isinstance(control, Slider):
            raise ControlError(
                f"{name!r} has drag=, which only a Slider can have; Points and "
                "Matrix(handles='columns') have handles of their own"
            )
        try:
            if isinstance(control, Slider) and get_args(hint)[0] is int:
                control = replace(control, whole=True)
            parameter = Parameter(name, control, argument.default)
            control.read(parameter.texts)
        except ControlError as error:
            raise ControlError(f"the default of {name!r}: {error}") from None
        known[name] = parameter
    _check_names(known)
    return known


def _check_names(known: Mapping[str, Parameter]) -> None:
    """ControlError if a function in an annotation names an argument that does not exist."""
    for name, parameter in known.items():
        control = parameter.control
        asked = list(drag.named_arguments(control.when, 0)) if control.when else []
        if control.drag:
            asked += [
                *drag.named_arguments(control.drag.at, 1),
                *drag.named_arguments(control.drag.to, 2),
            ]
        for other in asked:
            if other not in known:
                raise ControlError(
                    f"{name!r} has a function that asks for {other!r}, which is not an argument of "
                    f"update; there are {', '.join(known)}"
                )


def effective(known: Mapping[str, Parameter], values: Mapping[str, Any]) -> list[str]:
    """The names of the controls that have an effect in this state."""
    return [
        name
        for name, parameter in known.items()
        if parameter.control.when is None or drag.call(parameter.control.when, (), values)
    ]


def axes_of(control: Control) -> int | None:
    """The index of the axes with the handles of a control; None if it has no handles."""
    if control.drag:
        return control.drag.axes
    if isinstance(control, Points) or (isinstance(control, Matrix) and control.handles):
        return control.axes
    return None


def dragged(
    known: Mapping[str, Parameter], values: Mapping[str, Any], name: str, place: Place
) -> Any:
    """The value of a control after its handle was moved to `place`; ControlError without handle."""
    if name not in known or (handle := known[name].control.drag) is None:
        raise ControlError(f"there is no control with a handle named {name}")
    return known[name].control.nearest(drag.call(handle.to, place, values))


def read(known: Mapping[str, Parameter], fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The values of all parameters, from `fields` or else the defaults; ControlError if invalid."""
    unknown = set(fields) - set(known)
    if unknown:
        raise ControlError(f"there is no control named {', '.join(sorted(unknown))}")
    return {
        name: parameter.control.read(fields[name]) if name in fields else parameter.default
        for name, parameter in known.items()
    }
