"""Draw a demo, and after a change redraw only the artists that have changed.

A picture is a sequence of artists, in matplotlib's drawing order. After a change, the artists that
matplotlib has marked as stale are *live*, and so is every artist drawn over a live one. All others
form a saved *background*, on which the live ones are redrawn in order. The result is identical to a
full draw, because everything on top of a change is redrawn, too. Authors need not do anything for
this; `artists.py` has artists that redraw faster. `session.py` calls this module in the browser,
`panels` on the reader's computer, `bundle/demos.py` at build time.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.spines import Spine
from matplotlib.text import Annotation
from numpy.typing import NDArray

from stage import controls, drag, theme
from stage.artists import NOWHERE, Box, Cells, Fast, Label
from stage.caption import Caption
from stage.layout import DPI, shape_of
from stage.matplotlib_private import Call, aligned, record, settle_title

Demo = Callable[[Figure], controls.Update]

PAD = 2  # pixels by which antialiasing and snapping can exceed an artist's extent
STATES = 8  # of each axis, whose looks are kept: the next one costs 5 ms or more


@dataclass(frozen=True)
class Picture:
    """The changed part of the canvas, RGBA of the rectangle at (x, y), with its caption.

    `across` and `down` are the size of the whole canvas; all lengths are in device pixels.
    `handles` has, for each draggable control with an effect and visible axes, the box of its axes
    (left, top, right, bottom, as fractions of the canvas), their limits (x, y), and the position of
    the handle (at) if it differs from the control's value; it is None if nothing of that has
    changed. `shown` names the controls that have an effect. `fields` has the texts of controls
    whose value was set by a handle or by `update`.
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
        """Everything except the pixels, as JSON: the caption with its data, and the controls."""
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


@dataclass
class _Look:
    """How an artist was drawn: its renderer calls, and the area that they cover, once measured."""

    calls: list[Call]
    box: Box | None = None

    def draw(self) -> None:
        for method, arguments in self.calls:
            method(*arguments)


class _Item:
    """An artist in drawing order, and what the stage knows about it."""

    def __init__(self, artist: Any, axes: Axes | None) -> None:
        self.artist = artist
        self.axes = axes  # its parent, if any
        self.zorder: float = artist.get_zorder()
        # children of composite artists, such as an axis, may lie outside its clip box
        whole = not artist.get_children()
        self.clipped = whole and artist.get_clip_on() and artist.get_clip_box() is not None
        self.box: Box | None = None  # the area that it covers, once measured
        self.measured = False  # whether `box` is up to date
        self.look: _Look | None = None  # its recorded look, if it has not changed since
        self.looks: dict[object, _Look] = {}  # those of an axis in its latest states
        self.ready = False  # whether its axes have not moved since it was drawn

    def visible(self) -> bool:
        return self.artist.get_visible() and (self.axes is None or self.axes.get_visible())

    def measure(self, renderer: Any) -> Box:
        """The area that the artist covers, with a margin for antialiasing."""
        if self.look and self.look.box:
            return self.look.box
        box = None
        if self.clipped:
            box = self.artist.get_clip_box().extents
        elif not self.visible():
            return NOWHERE
        elif isinstance(self.artist, Label):
            box = self.artist.box(renderer)
        if box is None:
            bounds = self.artist.get_tightbbox(renderer)
            known = bounds is not None and np.isfinite(bounds.extents).all()
            box = bounds.extents if known else NOWHERE
        if box is not NOWHERE:
            x0, y0, x1, y1 = map(float, box)
            box = min(x0, x1) - PAD, min(y0, y1) - PAD, max(x0, x1) + PAD, max(y0, y1) + PAD
        if isinstance(self.artist, Axis):  # it also draws the grid
            box = _union(box, self.artist.axes.bbox.extents)
            if self.look:
                self.look.box = box
        return box

    def draw(self, renderer: Any, changed: bool) -> None:
        """Draw the artist: with its cached look, with recorded calls, or through matplotlib."""
        if not self.visible():
            return
        fast = isinstance(self.artist, Fast)
        if fast and self.artist.look is not None and self.ready:
            self.artist.redraw(renderer)
        elif self.look:
            self.look.draw()
        elif isinstance(self.artist, Axis):
            self._draw_axis(renderer)
        elif changed or (fast and not self.ready) or isinstance(self.artist, Cells):
            self.artist.draw(renderer)  # cells write pixels without Agg
        else:
            self.look = _Look(record(self.artist, renderer))
        self.ready = True

    def _draw_axis(self, renderer: Any) -> None:
        """Draw an axis as the last time in this state, or else through matplotlib (slow)."""
        state = _state(self.artist)
        self.look = self.looks.pop(state, None)
        if self.look:
            self.look.draw()
        else:
            self.look = _Look(record(self.artist, renderer))
            self.listen(self.touch)  # there may be new ticks
        if state:
            self.looks[state] = self.look  # the latest comes last
            if len(self.looks) > STATES:
                del self.looks[next(iter(self.looks))]

    def listen(self, touch: Callable[["_Item"], None]) -> None:
        """Call `touch` when matplotlib marks a part, such as a tick or a text in a legend."""
        self.touch = touch
        for part in self.artist.findobj(include_self=False):
            part.stale_callback = lambda _part, _: touch(self)


@dataclass
class _Group:
    """Live items that may share pixels, and their bounding box. Groups do not overlap."""

    box: Box
    items: list[_Item]


def _in_order(artists: Iterable[Artist]) -> list[Artist]:
    return sorted(artists, key=lambda artist: artist.get_zorder())


def _items(figure: Figure) -> list[_Item]:
    """Everything that is drawn on the figure's patch, in matplotlib's drawing order."""
    items = []
    for member in _in_order(child for child in figure.get_children() if child is not figure.patch):
        if not isinstance(member, Axes):
            items.append(_Item(member, None))
            continue
        framed = member.axison and member.get_frame_on()
        hidden: set[Artist] = set() if framed else set(member.spines.values())
        if not member.axison:
            hidden |= {member.xaxis, member.yaxis}
        inside = [child for child in member.get_children() if child is not member.patch]
        drawn = [member.patch] * framed + _in_order(
            child for child in inside if child not in hidden
        )
        items += [_Item(artist, member) for artist in drawn]
    return items


def _state(axis: Any) -> tuple[object, ...] | None:
    """What determines how an axis with unchanged parts is drawn; None if that is unknown.

    The parts are its label and ticks; `Stage` notices it when they are changed.
    """
    axes = axis.axes
    if not axes.transData.is_affine or axis.get_agg_filter():
        return None
    state = [*axes.transAxes.get_matrix().flat, *axes.transData.get_matrix().flat]
    for ticks in (axis.major, axis.minor):
        places = ticks.locator()
        texts = ticks.formatter.format_ticks(places)
        state += [len(places), *places, *texts, ticks.formatter.get_offset()]
    return (*state, axis.labelpad, axis.remove_overlapping_locs, *axis.get_children())


def _structure(parent: Figure | Axes) -> tuple[object, ...]:
    """The state of a figure or axes that determines the order of its children."""
    own: tuple[object, ...]
    if isinstance(parent, Axes):
        own = (parent.axison, parent.get_frame_on(), parent.get_zorder())
    else:
        own = (*parent.bbox.size, parent.get_facecolor())
    return (*own, *parent.get_children())


def _position(axes: Axes) -> tuple[float, ...]:
    return *axes.get_position(original=True).bounds, *axes.get_position().bounds


def _unmarked(artist: Any) -> tuple[object, ...]:
    """State of an artist that can be set without matplotlib marking it as stale."""
    if isinstance(artist, Annotation):
        return (*artist.xy, *artist.xyann)
    return (artist.get_path(),) if isinstance(artist, PathPatch) else ()


class Stage:
    """One demo on one canvas, in the colors of `palette`.

    `width` is in CSS pixels, `ratio` is the number of device pixels per CSS pixel.
    """

    def __init__(self, demo: Demo, width: float, ratio: float, palette: str) -> None:
        theme.use(palette)
        self.palette = palette
        across = round(width * ratio)
        down = round(across / shape_of(demo).at(width / DPI))
        dpi = DPI * ratio
        # slightly more than whole pixels, because matplotlib rounds down
        self.figure = Figure(figsize=((across + 1e-3) / dpi, (down + 1e-3) / dpi), dpi=dpi)
        self.canvas = FigureCanvasAgg(self.figure)
        self.update = demo(self.figure)
        self.parameters = controls.parameters(self.update)
        self.defaults = {name: parameter.default for name, parameter in self.parameters.items()}
        # Fix the layout of the defaults: the axes do not move, and equal values give equal pictures
        # whatever values came before.
        self.update(**self.defaults)
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")
        for axes in self.figure.axes:  # the last digits of the layout solver vary between runs
            axes.set_position(np.round(axes.get_position(original=True).bounds, 6).tolist())
        self._values: dict[str, Any] | None = None
        self._moving: set[str] = set()
        self._touched: set[Any] = set()  # artists that matplotlib has marked as stale
        self._restyled: set[_Item] = set()  # items of which it has marked a part
        self._items: list[_Item] = []
        self._live: set[_Item] = set()
        self._groups: list[_Group] = []
        self._group_of: dict[_Item, _Group] = {}
        self._background = self._pixels()
        self._known_handles: dict[str, dict[str, Any]] | None = None
        self._places: dict[int, dict[str, Any]] = {}  # boxes and limits of axes, by index

    def draw(
        self,
        fields: Mapping[str, list[str]],
        whole: bool = False,
        moved: tuple[str, float, float] | None = None,
    ) -> Picture:
        """Draw the picture for the form's fields; return the changed part, or the `whole` picture.

        `moved` is the handle that the reader is dragging: the name of its control, and the position
        (x, y) of the pointer in data coordinates. ControlError for values out of range.
        """
        theme.use(self.palette)
        values = controls.read(self.parameters, fields)
        computed = {}
        if moved:
            name, *place = moved
            computed[name] = controls.dragged(self.parameters, values, name, (place[0], place[1]))
            values |= computed
        before = self._values
        self._values = None  # if update fails, the next picture is a full draw
        if whole or before is None:
            self._known_handles = None
        caption = Caption.of(self.update(**values))
        pressed = [name for name, value in values.items() if value and self._is_button(name)]
        computed |= {**dict.fromkeys(pressed, False), **caption.sets}
        values |= computed
        moving = {name for name in values if before is None or values[name] != before[name]}
        boxes = None if before is None else self._draw_changes(moving)
        if boxes is None:
            self._draw_all()
        self._touched.clear()
        self._restyled.clear()
        self._values, self._moving = values, moving or self._moving
        written = {name: self.parameters[name].control.write(computed[name]) for name in computed}
        return self._picture(caption, written, None if whole else boxes)

    def _is_button(self, name: str) -> bool:
        return isinstance(self.parameters[name].control, controls.Button)

    def _draw_all(self) -> None:
        """Let matplotlib draw everything, and record the items and their structure."""
        self.canvas.draw()
        self._items = _items(self.figure)
        self._item_of = {item.artist: item for item in self._items}
        self._live, self._groups = set(), []
        self._places.clear()
        parents: list[Any] = [self.figure, *self.figure.axes]
        self._structures = {parent: _structure(parent) for parent in parents}
        self._shown = {axes: axes.get_visible() for axes in self.figure.axes}
        self._positions = {axes: _position(axes) for axes, seen in self._shown.items() if seen}
        self._aligned = aligned(self.figure)
        self._unmarked = {a: now for a in self._item_of if (now := _unmarked(a))}
        touch = self._touched.add
        # limits also matter for axes that are switched off
        axes_of_all = [axis for axes in self.figure.axes for axis in (axes.xaxis, axes.yaxis)]
        for artist in {*parents, *axes_of_all, *self._item_of}:
            artist.stale_callback = lambda artist, _: touch(artist)
        for item in self._items:
            item.ready = item.visible()
            item.listen(self._restyled.add)

    def _draw_changes(self, moving: set[str]) -> list[Box] | None:
        """Draw what update changed; the boxes with new pixels, or None if a full draw is needed."""
        laid_out = self._lay_out_changed()
        changed, revealed = self._changed(), self._revealed()
        if changed is None or (laid_out and self._aligned):
            return None
        renderer = self.canvas.get_renderer()
        for item in changed:
            item.look, item.measured = None, item.clipped and item.box is not None
        if laid_out:  # redrawing what is unchanged is faster than measuring the axes
            for item in laid_out:
                item.look, item.ready = None, False
            for item in {*laid_out, *changed, *revealed}:
                item.box, item.measured = None, False
            self._draw_background([])
            return [self._canvas_box()]
        wanted = changed | revealed
        for item in wanted:
            if not item.measured:
                item.box = _union(item.box or NOWHERE, item.measure(renderer))
                item.measured = item.clipped or item.visible()
        same = not moving or moving == self._moving  # another control changes other artists
        kept = self._live if same else set()
        if not wanted <= kept or not all(map(self._fits, wanted)):
            live = self._covering(wanted | kept)
            if set(live) != self._live or not all(map(self._fits, wanted)):
                self._draw_background(live)
                for group in self._groups:
                    for item in group.items:
                        item.draw(renderer, item in changed)
                return [self._canvas_box()]
        drawn = [group for group in self._groups if not wanted.isdisjoint(group.items)]
        pixels = self._pixels()
        for group in drawn:
            rows, columns = _slices(group.box, pixels.shape)
            pixels[rows, columns] = self._background[rows, columns]
            for item in group.items:
                item.draw(renderer, item in changed)
        return [group.box for group in drawn]

    def _lay_out_changed(self) -> list[_Item]:
        """Lay out axes with another position, limits or ticks; all items in these axes."""
        touched = self._touched
        touched.update(item.artist for item in self._restyled)
        for axes in self._shown:
            _ = axes.viewLim  # makes matplotlib compute pending autoscale limits
        framed = {artist.axes for artist in touched if isinstance(artist, Spine)}
        for item in self._items:
            if item in self._restyled or item.axes in framed:
                item.looks.clear()
        laid_out = set[Axes]()
        while new := [
            axes
            for axes in self._shown
            if axes not in laid_out
            and (
                not touched.isdisjoint((axes.xaxis, axes.yaxis, *axes.spines.values()))
                or (
                    axes in touched
                    and axes.get_visible()
                    and _position(axes) != self._positions.get(axes)
                )
                or (laid_out and axes.get_axes_locator() is not None)  # such as a twin
            )
        ]:
            for axes in new:
                self._lay_out(axes)
            laid_out.update(new)
        return [  # artists may refer to other axes
            item
            for item in self._items
            if laid_out and (item.axes in laid_out or not isinstance(item.artist, Axis))
        ]

    def _changed(self) -> set[_Item] | None:
        """The items that update has changed; None if only a full draw is safe."""
        changed = set()
        for artist in tuple(self._touched):
            item = self._item_of.get(artist)
            if item is not None:
                if artist.get_zorder() != item.zorder:
                    return None
                changed.add(item)
            elif not isinstance(artist, Axis) and _structure(artist) != self._structures[artist]:
                return None
        for artist, before in self._unmarked.items():
            now = _unmarked(artist)
            if now != before:
                self._unmarked[artist] = now
                changed.add(self._item_of[artist])
        return changed

    def _revealed(self) -> set[_Item]:
        """The items of axes whose visibility has changed."""
        revealed = set()
        for axes, before in self._shown.items():
            if (now := axes.get_visible()) != before:
                self._shown[axes] = now
                self._places.clear()
                revealed.update(self._inside(axes))
        return revealed

    def _inside(self, axes: Axes | None) -> list[_Item]:
        return [item for item in self._items if item.axes is axes]

    def _lay_out(self, axes: Axes) -> None:
        """Lay out axes as matplotlib does before drawing them."""
        renderer = self.canvas.get_renderer()
        locator: Any = axes.get_axes_locator()
        axes.apply_aspect(locator(axes, renderer) if locator else None)
        settle_title(axes, renderer)
        self._places.clear()
        self._positions[axes] = _position(axes)

    def _fits(self, item: _Item) -> bool:
        """Whether a live item is inside the box of its group."""
        assert item.box
        group = self._group_of.get(item)
        return group is not None and _union(group.box, item.box) == group.box

    def _covering(self, seed: set[_Item]) -> list[_Item]:
        """The items of `seed`, and all items that are drawn over one of them."""
        renderer = self.canvas.get_renderer()
        live, boxes = [], list[Box]()
        for item in self._items:
            if item not in seed:
                if not boxes or not item.visible():
                    continue
                item.box = item.box or item.measure(renderer)
                if not any(_overlap(item.box, box) for box in boxes):
                    continue
            assert item.box
            live.append(item)
            if item.box not in boxes:
                boxes.append(item.box)
        return live

    def _draw_background(self, live: list[_Item]) -> None:
        """Draw and save everything except the live items, and group the live items."""
        renderer = self.canvas.get_renderer()
        renderer.clear()
        self.figure.patch.draw(renderer)
        self._live = set(live)
        for item in self._items:
            if item not in self._live:
                item.draw(renderer, changed=False)
        self._background = self._pixels().copy()
        self._groups = []
        for item in live:
            assert item.box
            self._groups.append(_Group(item.box, [item]))
        self._groups = _merged(self._groups)
        order = {item: number for number, item in enumerate(self._items)}
        for group in self._groups:
            group.items.sort(key=order.__getitem__)
        self._group_of = {item: group for group in self._groups for item in group.items}

    def _pixels(self) -> NDArray[np.uint32]:
        """A writable view of the canvas, one number per pixel."""
        return np.asarray(self.canvas.buffer_rgba()).view(np.uint32)[:, :, 0]

    def _canvas_box(self) -> Box:
        down, across = self._pixels().shape
        return 0, 0, across, down

    def _picture(
        self, caption: Caption, written: dict[str, list[str]], boxes: list[Box] | None
    ) -> Picture:
        assert self._values is not None  # `draw` has just set them
        values = self._values
        shown = controls.effective(self.parameters, values)
        pixels = self._pixels()
        down, across = pixels.shape
        if boxes is None:
            rows, columns = slice(0, down), slice(0, across)
        else:
            rows, columns = _slices(reduce(_union, boxes, NOWHERE), pixels.shape)
            if columns.stop - columns.start > 0.75 * across:
                columns = slice(0, across)  # whole rows are contiguous and need no copy
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
        """For each handle the box and the limits of its axes, and the handle's position."""
        width, height = self.figure.bbox.size
        handles: dict[str, dict[str, Any]] = {}
        for name in shown:
            control = self.parameters[name].control
            if (index := controls.axes_of(control)) is not None:
                axes = self.figure.axes[index]
                if not axes.get_visible():
                    continue
                if index not in self._places:
                    box = axes.bbox
                    self._places[index] = {
                        "left": box.x0 / width,
                        "top": 1 - box.y1 / height,
                        "right": box.x1 / width,
                        "bottom": 1 - box.y0 / height,
                        "x": tuple(map(float, axes.get_xlim())),
                        "y": tuple(map(float, axes.get_ylim())),
                    }
                handles[name] = dict(self._places[index])
                if control.drag:
                    at = drag.call(control.drag.at, (values[name],), values)
                    handles[name]["at"] = tuple(map(float, at))
        return handles


def _union(one: Box, other: Box) -> Box:
    return (
        *(min(one[0], other[0]), min(one[1], other[1])),
        *(max(one[2], other[2]), max(one[3], other[3])),
    )


def _overlap(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _merged(groups: list[_Group]) -> list[_Group]:
    """Merge groups whose boxes overlap."""
    merged: list[_Group] = []
    for group in groups:
        while shared := [other for other in merged if _overlap(other.box, group.box)]:
            for other in shared:
                merged.remove(other)
                group = _Group(_union(group.box, other.box), group.items + other.items)
        merged.append(group)
    return merged


def _slices(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The rows and columns of the canvas that a box touches."""
    down, across = shape
    if box[0] > box[2]:
        return slice(0, 0), slice(0, 0)
    left, right = max(0, math.floor(box[0])), min(across, math.floor(box[2]) + 1)
    top, bottom = max(0, down - math.floor(box[3]) - 1), min(down, down - math.floor(box[1]))
    return slice(top, max(top, bottom)), slice(left, max(left, right))
