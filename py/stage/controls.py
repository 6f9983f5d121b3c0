"""The controls a demo's update function asks for, and how they are read from its signature.

A control is said once, in the annotation: `mean: Annotated[float, Slider(-3, 3, 0.1, label="mean
μ")] = 0.0`. A page hands over what its form fields hold, as lists of strings; `read` of each
control makes the value of it.
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
    """A control that is missing, incomplete, or given a value outside its range."""


def _number(text: str, low: float, high: float, name: str) -> float:
    """The finite number that `text` holds; ControlError outside [low, high]."""
    try:
        value = float(text)
    except ValueError:
        raise ControlError(f"{name} needs a number, not {text!r}") from None
    slack = 1e-9 * max(abs(low), abs(high))
    if not low - slack <= value <= high + slack:  # false for NaN as well
        raise ControlError(f"{name} must lie between {low:g} and {high:g}, not at {text}")
    return min(max(value, low), high)


def _whole(text: str, low: float, high: float, name: str) -> int:
    """The whole number nearest to the one in `text`; a half is rounded up, as in the page."""
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
    """What all controls have in common.

    `when` decides in which states the control has an effect; it is hidden in the others. It is a
    function of other arguments of `update`, by name: `when=lambda view: view == "two features"`.
    With `more` the control is behind the button *More*. `guess` marks what the reader sets before
    the answer is shown (see `Check`). `drag` is a handle on the picture.
    """

    kind: ClassVar[str]
    label: str
    when: Callable[..., bool] | None = None
    more: bool = False
    guess: bool = False
    drag: Drag | None = None

    def read(self, texts: Sequence[str]) -> Any:
        """The value that the fields of the form hold; ControlError if they hold none."""
        raise NotImplementedError

    def write(self, value: Any) -> list[str]:
        """The texts of the fields for a value."""
        raise NotImplementedError

    def nearest(self, value: Any) -> Any:
        """The value nearest to this one that the control can hold."""
        raise NotImplementedError(f"a {self.kind} has no handle")


@dataclass(frozen=True)
class Slider(Control):
    """A number in [low, high]. With `log=True` the slider is logarithmic; `step` counts decades.

    `Annotated[int, Slider(1, 9, 1, label="k")]` is a whole number: what is typed or linked is
    rounded before the demo sees it.
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


@dataclass(frozen=True)
class Steps(Control):
    """A whole number from 0 to `last` that can play, pause, step both ways, and reset.

    `rate` is the number of steps shown in a second of play.
    """

    kind: ClassVar[str] = "steps"
    last: int
    rate: float = field(default=8.0, kw_only=True)

    def __post_init__(self) -> None:
        _range(0, self.last, self.rate, self.label)

    def read(self, texts: Sequence[str]) -> int:
        return _whole(_one(texts, self.label), 0, self.last, self.label)

    def write(self, value: int) -> list[str]:
        return [str(value)]


@dataclass(frozen=True)
class Seed(Control):
    """The number random data is made from, with a "new data" button beside it."""

    kind: ClassVar[str] = "seed"
    label: str = field(default="seed", kw_only=True)
    last: int = field(default=9999, kw_only=True)

    def read(self, texts: Sequence[str]) -> int:
        return _whole(_one(texts, self.label), 0, self.last, self.label)

    def write(self, value: int) -> list[str]:
        return [str(value)]


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
    """True for the one picture after it was pressed: for a value that the figure computes.

    `update` writes its result into the controls: `Caption(…, sets={"theta": best})`. The page lets
    go of the button by itself.
    """

    kind: ClassVar[str] = "button"


@dataclass(frozen=True)
class Answer:
    """How much of the answer may be seen: none of it until the reader has guessed.

    `part` goes from 0 (hidden) to 1 while the answer comes in; `skipped` if it was asked for
    without a guess, which then gets no score. An answer that may be seen is true.
    """

    part: float = 0.0
    skipped: bool = False

    def __bool__(self) -> bool:
        return self.part > 0


@dataclass(frozen=True)
class Check(Control):
    """The buttons below a guess: *Check*, *Skip*, and then *Try again*.

    The value is an `Answer`. Before it is true, nothing of the answer may be drawn or said. The
    controls with `guess=True` are what is checked; they rest once the answer is there.
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

    With `handles="columns"` (two rows) the tip of each column is also a handle on the picture, in
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
    """Points that are dragged on the picture, or typed; the value is a tuple of (x, y).

    `x` and `y` are the ranges, `step` is one for both, or one each. Between `least` and `most`
    points; where these differ, points can be added and removed. `names` are shown on the handles
    (`("a", "b")`). The handles lie in the axes with the index `axes` of the figure, whose scales
    are linear. `whole` says along which axes only whole numbers make sense, as for a label 0 or 1.
    With `sliders`, each coordinate has a slider beside its number.
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
            raise ControlError(f"{self.label!r}: sliders are for points that stay, least = most")

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
    """One argument of an update function: its name, its control, and the value at the start."""

    name: str
    control: Control
    default: Any

    @property
    def texts(self) -> list[str]:
        """The default as form fields hold it."""
        return self.control.write(self.default)


def parameters(update: Update) -> dict[str, Parameter]:
    """The parameters of an update function, in order.

    ControlError names the argument that has no control, two controls, or a default outside its
    range.
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
                f"argument {name!r} has no default; the demo would not know where to start"
            )
        control = controls[0]
        if control.drag and not isinstance(control, Slider):
            raise ControlError(
                f"{name!r} has drag=, which only a Slider can have; Points and "
                "Matrix(handles='columns') have their handles by themselves"
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
    """ControlError where a function of an annotation asks for an argument that is not there."""
    for name, parameter in known.items():
        control = parameter.control
        asked = list(drag.needs(control.when, 0)) if control.when else []
        if control.drag:
            asked += [*drag.needs(control.drag.at, 1), *drag.needs(control.drag.to, 2)]
        for other in asked:
            if other not in known:
                raise ControlError(
                    f"{name!r} has a function that asks for {other!r}, which is no argument of "
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
    """The index of the axes in which a control has its handles; None if it has none."""
    if control.drag:
        return control.drag.axes
    if isinstance(control, Points) or (isinstance(control, Matrix) and control.handles):
        return control.axes
    return None


def dragged(
    known: Mapping[str, Parameter], values: Mapping[str, Any], name: str, place: Place
) -> Any:
    """The value of a control whose handle was moved to a place. ControlError if it has none."""
    if name not in known or (handle := known[name].control.drag) is None:
        raise ControlError(f"there is no control with a handle named {name}")
    return known[name].control.nearest(drag.call(handle.to, place, values))


def read(known: Mapping[str, Parameter], fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The values of all parameters, from `fields` or else the default. ControlError if wrong."""
    unknown = set(fields) - set(known)
    if unknown:
        raise ControlError(f"there is no control named {', '.join(sorted(unknown))}")
    return {
        name: parameter.control.read(fields[name]) if name in fields else parameter.default
        for name, parameter in known.items()
    }
