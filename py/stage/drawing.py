"""Draw a demo, and after a change only what moved.

A picture is a sequence of drawing steps in matplotlib's own order: the axes and the figure's own
artists by z-order, and within each axes its artists by z-order. What `update` touched is stale
afterwards. From the first touched step on, a sequence is *lifted*: it is left out of a saved
background and drawn on it at each change. Since the steps on the background come first and have not
changed, the pixels are those of a full draw. Axes that share no pixel are sequences of their own.
Authors write nothing for it.
"""

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import attrgetter
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import PathPatch
from matplotlib.text import Annotation, Text
from numpy.typing import NDArray

from stage import controls, drag, ink, theme, words
from stage.caption import Caption
from stage.ink import Ink
from stage.layout import DPI, shape_of

Demo = Callable[[Figure], controls.Update]
Step = int  # which of the artists of a sequence
Extent = words.Extent

_zorder = attrgetter("zorder")
NOWHERE = (-2.0, -2.0, -1.0, -1.0)  # the extent of what is not drawn
PAD = 2  # pixels by which antialiasing and snapping can exceed an artist's extent


@dataclass(frozen=True)
class Picture:
    """What changed on the canvas: RGBA of the rectangle at (x, y), and the sentence that tells it.

    `across` and `down` are the size of the whole canvas, in device pixels like all lengths here.
    `handles` tells for each draggable control where its axes lie (left, top, right, bottom, as
    fractions of the canvas) and their limits (x, y), and the place of a handle that is not that of
    the control's own numbers (at), unless the axes are hidden or the control has no effect; None
    where all that is as in the picture before. `shown` names the controls that have an effect,
    `fields` has the texts of those whose value came about here: by a handle, or by `update` itself.
    """

    caption: Caption
    across: int
    down: int
    x: int
    y: int
    width: int
    height: int
    pixels: memoryview
    handles: dict[str, dict[str, Any]] | None
    shown: list[str]
    fields: dict[str, list[str]]

    def for_page(self) -> str:
        """What is no pixel, as JSON: the caption with its detail and numbers, the controls."""
        caption = self.caption
        return json.dumps(
            {
                "caption": caption,
                "detail": caption.detail,
                "numbers": dict(caption.numbers),
                "handles": self.handles,
                "shown": self.shown,
                "fields": self.fields,
            }
        )


def _steps(axes: Axes) -> list[Artist]:
    """The artists of an axes in the order in which `Axes.draw` draws them, its patch left out."""
    hidden: set[Artist] = {axes.patch}
    if not (axes.axison and axes.get_frame_on()):
        hidden.update(axes.spines.values())
    if not axes.axison:
        hidden.update((axes.xaxis, axes.yaxis))
    shown = (artist for artist in axes.get_children() if artist not in hidden)
    return sorted(shown, key=lambda artist: artist.get_zorder())


def _state(axes: Axes) -> tuple[object, ...]:
    """What can change in an axes without an artist of it being touched."""
    children = axes.get_children()
    return (
        axes.axison,
        axes.get_frame_on(),
        axes.get_zorder(),
        axes.viewLim.get_points().tobytes(),
        axes.get_position(original=True).get_points().tobytes(),
        children,
        [*map(_zorder, children)],
    )


def _unmarked(artist: Artist) -> tuple[object, ...]:
    """What can change in an artist without its being marked stale."""
    if isinstance(artist, Annotation):
        return (*artist.xy, *artist.xyann)
    return (artist.get_path(),) if isinstance(artist, PathPatch) else ()


class _Sequence:
    """Axes and figure artists that may share pixels, in drawing order; what of them is lifted."""

    def __init__(self, members: list[Artist], extent: Extent) -> None:
        self.members = members
        self.extent = extent
        self.lift(None)

    def lift(self, step: Step | None) -> None:
        """Lift what is drawn from `step` on. The steps are counted anew: artists come and go."""
        self.lifted = step
        self.steps: list[Artist] = []
        self.bounds: list[tuple[Step, Step]] = []  # of each member: its first step, the next one's
        for member in self.members:
            own = [member.patch, *_steps(member)] if isinstance(member, Axes) else [member]
            self.bounds.append((len(self.steps), len(self.steps) + len(own)))
            self.steps += own
        self.inks: dict[Step, Ink | None] = {}
        self.shown = [member.get_visible() for member in self.members]

    def owners(self) -> Iterable[tuple[Artist, Step]]:
        """What is drawn in a step, with the step from which all changes with it."""
        for first, end in self.bounds:
            for step in range(first, end):
                # new ticks or limits move all
                yield self.steps[step], first if isinstance(self.steps[step], Axis) else step

    def artist(self, step: Step) -> Artist:
        """What is drawn anew if `step` is touched: all of an axes if it begins there."""
        for member, (first, _) in zip(self.members, self.bounds, strict=True):
            if step == first:
                return member
        return self.steps[step]

    def overlay(self) -> list[Artist]:
        """What is lifted: members as a whole, and artists of the one that is parted."""
        if self.lifted is None:
            return []
        found: list[Artist] = []
        for member, (first, end) in zip(self.members, self.bounds, strict=True):
            if first >= self.lifted:
                found.append(member)
            elif end > self.lifted:
                found += self.steps[self.lifted : end]
        return found

    def turned(self) -> set[Step]:
        """The first steps of members that were hidden or shown since this was asked before."""
        found = set()
        for i, member in enumerate(self.members):
            if member.get_visible() == self.shown[i]:
                continue
            self.shown[i] = not self.shown[i]
            found.add(self.bounds[i][0])
            if isinstance(member, Axes) and self.shown[i]:
                _lay_out(member)
        return found

    def draw(self, renderer: RendererAgg, touched: Collection[Step]) -> None:
        """Draw what is lifted: anew what is touched, from its ink what is not."""
        if self.lifted is None:
            return
        for member, (first, end) in zip(self.members, self.bounds, strict=True):
            steps = range(max(first, self.lifted), end)
            whole = isinstance(member, Axes) and first in touched
            for step in steps:
                if whole or (step in touched and not member.get_visible()):
                    self.inks.pop(step, None)
            if not steps or not member.get_visible():
                continue
            if whole:
                member.draw(renderer)
                continue
            for step in steps[_is_bare(member) and steps.start == first :]:
                self._draw_step(step, renderer, touched)

    def _draw_step(self, step: Step, renderer: RendererAgg, touched: Collection[Step]) -> None:
        known = self.inks.get(step)
        if step in touched:
            self.inks[step] = ink.redraw(self.steps[step], known, renderer)
        elif known:
            ink.repeat(known)
        else:
            self.inks[step] = ink.draw(self.steps[step], renderer)


def _teller(owner: Any) -> Callable[[Artist, bool], None]:
    """What parts of an artist call when they are touched: it is stale then, too."""

    def tell(_part: Artist, _stale: bool) -> None:
        owner._stale = True

    return tell


def _lay_out(axes: Any) -> None:
    """What axes do before they draw."""
    axes.apply_aspect()
    axes._update_title_position(axes.get_figure(root=True).canvas.get_renderer())


def _is_bare(member: Artist) -> bool:
    """Whether it is an axes without a frame, whose paper is not drawn."""
    return isinstance(member, Axes) and not (member.axison and member.get_frame_on())


class Stage:
    """One demo on one canvas, in the colours of `palette`.

    `width` is in CSS pixels, `ratio` device pixels to each.
    """

    def __init__(self, demo: Demo, width: float, ratio: float, palette: str) -> None:
        theme.use(palette)
        self.palette = palette
        across = round(width * ratio)
        down = round(across / shape_of(demo).at(width / DPI))
        dpi = DPI * ratio
        # a hair more than whole pixels, for matplotlib rounds down
        self.figure = Figure(figsize=((across + 1e-3) / dpi, (down + 1e-3) / dpi), dpi=dpi)
        self.canvas = FigureCanvasAgg(self.figure)
        self.update = demo(self.figure)
        self.parameters = controls.parameters(self.update)
        self.defaults = {name: parameter.default for name, parameter in self.parameters.items()}
        # The layout is that of the defaults, whatever values come: the axes stand still, and equal
        # values give equal pictures in whichever order they were reached.
        self.update(**self.defaults)
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")
        for axes in self.figure.axes:  # the solver's last digits differ from run to run
            axes.set_position(np.round(axes.get_position(original=True).bounds, 6).tolist())
        self._values: dict[str, Any] | None = None
        self._moving: set[str] = set()
        self._sequences: list[_Sequence] = []
        # of axes and of the figure's artists; what is hidden keeps the one it had
        self._extents: dict[Artist, Extent] = {}
        self._known_handles: dict[str, dict[str, Any]] | None = None

    def draw(
        self,
        fields: Mapping[str, list[str]],
        whole: bool = False,
        moved: tuple[str, float, float] | None = None,
    ) -> Picture:
        """Draw the picture for what the form holds; give what changed, or the `whole` of it.

        `moved` is a handle that the reader is dragging: its control, and the place (x, y) of the
        pointer in the data of its axes. ControlError for values out of range.
        """
        theme.use(self.palette)
        values = controls.read(self.parameters, fields)
        computed = {}
        if moved:
            name, *place = moved
            computed[name] = controls.dragged(self.parameters, values, name, (place[0], place[1]))
            values |= computed
        before = self._values
        self._values = None  # stays so if update fails: then all is drawn anew
        if whole or before is None:
            self._known_handles = None
        caption = Caption.of(self.update(**values))
        pressed = [name for name, value in values.items() if value and self._is_button(name)]
        computed |= {**dict.fromkeys(pressed, False), **caption.sets}
        values |= computed
        moving = {name for name in values if before is None or values[name] != before[name]}
        if before is None:
            self._draw_background([])
            drawn = self._sequences
        else:
            drawn = self._draw_changes(moving)
        self._values, self._moving = values, moving or self._moving
        written = {name: self.parameters[name].control.write(computed[name]) for name in computed}
        return self._picture(caption, written, self._sequences if whole else drawn)

    def _is_button(self, name: str) -> bool:
        return isinstance(self.parameters[name].control, controls.Button)

    def _draw_changes(self, moving: set[str]) -> list[_Sequence]:
        """Draw what update touched; the sequences that have new pixels."""
        turned = [sequence.turned() for sequence in self._sequences]
        touched = self._touched(turned)
        if touched is None or self._collide(touched, turned):
            self._draw_background([])
            return self._sequences
        lift = [sequence.lifted for sequence in self._sequences]
        if moving and moving != self._moving:  # other controls move other things
            lift = [None] * len(lift)
        wanted = [
            min([*own, *other, *([] if now is None else [now])], default=None)
            for own, other, now in zip(touched, turned, lift, strict=True)
        ]
        if wanted != [sequence.lifted for sequence in self._sequences]:
            self._draw_background(wanted)
            return self._sequences
        drawn = []
        pixels = self._pixels()
        for number, (own, other) in enumerate(zip(touched, turned, strict=True)):
            if own or other:
                sequence = self._sequences[number]
                rows, columns = _box(sequence.extent, pixels.shape)
                pixels[rows, columns] = self._background[rows, columns]
                sequence.draw(self.canvas.get_renderer(), own)
                drawn.append(sequence)
        if drawn:
            self._settle()
        return drawn

    def _touched(self, turned: list[set[Step]]) -> list[set[Step]] | None:
        """For each sequence the steps that update touched; None where only a full draw is safe."""
        if self._figure_state() != self._known_figure:
            return None
        found: list[set[Step]] = [set() for _ in self._sequences]
        renderer = self.canvas.get_renderer()
        inside: Iterable[Any] = self._owners  # the property would cost more than all the rest
        for artist in [artist for artist in inside if artist._stale]:
            number, step, zorder = self._owners[artist]
            if artist.zorder != zorder:
                return None
            sequence = self._sequences[number]
            own = sequence.steps[step] is artist  # an axis draws all of its axes anew
            if not (own and ink.stands(artist, sequence.inks.get(step), renderer)):
                found[number].add(step)
        for artist, before in self._unmarked.items():
            now = _unmarked(artist)
            if now != before:
                self._unmarked[artist] = now
                number, step, _ = self._owners[artist]
                found[number].add(step)
        for axes, (state, number, step) in self._axes.items():
            if not axes.stale:
                continue
            current = _state(axes)
            if current != state or not (found[number] or turned[number]):
                self._axes[axes] = (current, number, step)
                found[number].add(step)
        return found

    def _figure_state(self) -> tuple[object, ...]:
        figure = self.figure
        return (*figure.bbox.size, figure.get_facecolor(), *map(id, figure.get_children()))

    def _draw_background(self, lift: list[Step | None]) -> None:
        """Draw all; with `lift`, save what is not lifted as the background, draw the rest on it."""
        if not lift:
            self._sequences = self._disjoint_sequences()
            lift = [None] * len(self._sequences)
        for sequence, step in zip(self._sequences, lift, strict=True):
            sequence.lift(step)
        overlay = [artist for sequence in self._sequences for artist in sequence.overlay()]
        # matplotlib leaves out what is animated, but not images
        images = [artist for artist in overlay if isinstance(artist, AxesImage)]
        images = [image for image in images if image.get_visible()]
        for artist in overlay:
            artist.set_animated(True)
        for image in images:
            image.set_visible(False)
        self.canvas.draw()
        for artist in overlay:
            artist.set_animated(False)
        for image in images:
            image.set_visible(True)
        self._background = self._pixels().copy()
        self._remember()
        for sequence in self._sequences:
            sequence.draw(
                self.canvas.get_renderer(), range(sequence.lifted or 0, len(sequence.steps))
            )
        self._settle()

    def _disjoint_sequences(self) -> list[_Sequence]:
        """The axes and figure artists, in drawing order, parted where they share no pixel."""
        renderer = self.canvas.get_renderer()
        members = [
            artist for artist in self.figure.get_children() if artist is not self.figure.patch
        ]
        members.sort(key=lambda artist: artist.get_zorder())
        order = {member: place for place, member in enumerate(members)}
        for member in members:
            if extent := _extent(member, renderer):
                self._extents[member] = extent
        parts = [([member], self._extents.get(member, NOWHERE)) for member in members]
        while pair := next(
            (two for two in combinations(parts, 2) if _overlap(two[0][1], two[1][1])), None
        ):
            (one, extent), (other, more) = pair
            parts = [part for part in parts if part not in pair]
            parts.append((sorted(one + other, key=order.__getitem__), _union(extent, more)))
        return [_Sequence(group, extent) for group, extent in parts]

    def _remember(self) -> None:
        """Take down who draws what, and the state to which the next one is compared."""
        self._owners: dict[Artist, tuple[int, Step, float]] = {}
        self._axes: dict[Axes, tuple[tuple[object, ...], int, Step]] = {}
        for number, sequence in enumerate(self._sequences):
            for i, member in enumerate(sequence.members):
                if isinstance(member, Axes):
                    self._axes[member] = (_state(member), number, sequence.bounds[i][0])
            for owner, step in sequence.owners():
                tell = _teller(owner)
                for part in owner.findobj():
                    if isinstance(part, Axes):
                        self._axes[part] = (_state(part), number, step)
                    elif part is not owner:
                        part.stale_callback = tell
                if not isinstance(owner, Axes):
                    self._owners[owner] = (number, step, owner.zorder)
                    # at each touch it would tell its axes, and these their figure
                    owner.stale_callback = None
        self._unmarked = {
            artist: _unmarked(artist)
            for artist in self._owners
            if isinstance(artist, (Annotation, PathPatch))
        }
        self._known_figure = self._figure_state()

    def _settle(self) -> None:
        """Much stays stale after a draw (ticks, empty texts): from here on, stale means touched."""
        inside: Iterable[Any] = (*self._owners, *self._axes)
        for artist in inside:
            artist._stale = False  # the setter does no more

    def _pixels(self) -> NDArray[np.uint32]:
        """The canvas, which can be written to; a number for each pixel."""
        return np.asarray(self.canvas.buffer_rgba()).view(np.uint32)[:, :, 0]

    def _collide(
        self, touched: Sequence[Collection[Step]], turned: Sequence[Collection[Step]]
    ) -> bool:
        """Whether what was touched has come into another sequence. Its own extent grows with it."""
        if len(self._sequences) == 1:
            return False
        renderer = self.canvas.get_renderer()
        for sequence, steps, shown in zip(self._sequences, touched, turned, strict=True):
            artists = {sequence.artist(step) for step in steps}
            for artist in artists:
                self._extents.pop(artist, None)
            artists |= {sequence.artist(step) for step in shown} - self._extents.keys()
            for artist in artists:
                if artist.get_clip_on() and artist.get_clip_box() is not None:
                    continue  # it stays inside its axes
                if extent := _extent(artist, renderer):
                    if isinstance(artist, Axes):
                        self._extents[artist] = extent
                    sequence.extent = _union(sequence.extent, extent)
        return any(
            _overlap(one.extent, other.extent) for one, other in combinations(self._sequences, 2)
        )

    def _picture(
        self, caption: Caption, written: dict[str, list[str]], drawn: list[_Sequence]
    ) -> Picture:
        assert self._values is not None  # `draw` has just set them
        values = self._values
        shown = controls.effective(self.parameters, values)
        pixels = self._pixels()
        down, across = pixels.shape
        if not drawn:
            rows, columns = slice(0, 0), slice(0, 0)
        elif len(drawn) < len(self._sequences):
            box = reduce(_union, (sequence.extent for sequence in drawn))
            rows, columns = _box(box, pixels.shape)
            if columns.stop - columns.start > 0.75 * across:
                columns = slice(0, across)  # whole rows need not be copied here
        else:
            rows, columns = slice(0, down), slice(0, across)
        before, handles = self._known_handles, self._handles(shown, values)
        self._known_handles = handles
        part = np.ascontiguousarray(pixels[rows, columns]).view(np.uint8).reshape(-1)
        return Picture(
            caption=caption,
            across=across,
            down=down,
            x=columns.start,
            y=rows.start,
            width=columns.stop - columns.start,
            height=rows.stop - rows.start,
            pixels=part.data,
            handles=None if handles == before else handles,
            shown=shown,
            fields=written,
        )

    def _handles(self, shown: list[str], values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Where each handle lies: the box and the limits of its axes, and the handle's place."""
        width, height = self.figure.bbox.size
        found: dict[str, dict[str, Any]] = {}
        for name in shown:
            control = self.parameters[name].control
            if (index := controls.axes_of(control)) is not None:
                axes = self.figure.axes[index]
                if not axes.get_visible():
                    continue
                box = axes.bbox
                found[name] = {
                    "left": box.x0 / width,
                    "top": 1 - box.y1 / height,
                    "right": box.x1 / width,
                    "bottom": 1 - box.y0 / height,
                    "x": tuple(map(float, axes.get_xlim())),
                    "y": tuple(map(float, axes.get_ylim())),
                }
                if control.drag:
                    at = drag.call(control.drag.at, (values[name],), values)
                    found[name]["at"] = tuple(map(float, at))
        return found


def _extent(artist: Artist, renderer: Any) -> Extent | None:
    """What an artist covers, in pixels, with those that antialiasing may add; None: nothing."""
    if type(artist) is Text and artist.get_visible() and artist.get_text():
        extent = words.extent(artist, renderer)  # none of these is clipped
    else:
        box = artist.get_tightbbox(renderer) if artist.get_visible() else None
        if box is None:
            return None
        extent = words.plain(box)
    if not all(map(math.isfinite, extent)):
        return None
    if isinstance(artist, Axes):  # what is clipped to it may come anywhere inside
        extent = _union(extent, words.plain(artist.bbox))
    left, low, right, high = extent
    return left - PAD, low - PAD, right + PAD, high + PAD


def _union(one: Extent, other: Extent) -> Extent:
    return (
        *(min(one[0], other[0]), min(one[1], other[1])),
        *(max(one[2], other[2]), max(one[3], other[3])),
    )


def _overlap(one: Extent, other: Extent) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _box(extent: Extent, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The rows and columns of a canvas of this shape that an extent touches."""
    down, across = shape
    x0, y0, x1, y1 = map(int, extent)
    left, right = max(0, x0), min(across, x1 + 1)
    top, bottom = max(0, down - y1 - 1), min(down, down - y0)
    return slice(top, max(top, bottom)), slice(left, max(left, right))
