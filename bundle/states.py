"""States of figures: the ones that lessons link to, and random ones that readers can reach.

A state is the content of a figure's form: `{"mean": ["1"], "sd": ["0.5"]}`. snapshot.py draws them
to find the functions that figures call; the tests compute what figures say in them.
"""

import html
import importlib
import itertools
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import numpy as np

from bundle import demos
from bundle.project import ROOT

if str(demos.PY) not in sys.path:
    sys.path.insert(0, str(demos.PY))
if TYPE_CHECKING:
    from stage import controls

DEMOS = demos.names()
LINK = re.compile(r'href="[^"#]*#(\w+)\?([^"]*)"')

State = dict[str, list[str]]


def demo_of(name: str) -> Callable[..., "controls.Update"]:
    """The function that draws a figure."""
    demo: Callable[..., controls.Update] = importlib.import_module(f"demos.{name}").demo
    return demo


def parameters(name: str) -> dict[str, "controls.Parameter"]:
    """The controls of a figure."""
    return demos.parameters(demo_of(name))


@cache
def _links() -> dict[str, list[State]]:
    found: dict[str, list[State]] = {name: [] for name in DEMOS}
    for page in sorted((ROOT / "site").rglob("*.html")):
        for name, query in LINK.findall(page.read_text()):
            state = parse_qs(html.unescape(query))
            if name in found and state not in found[name]:
                found[name].append(state)
    return found


def linked(name: str) -> list[State]:
    """All states of a figure that any page links to."""
    return _links()[name]


def at_random(control: "controls.Control", rng: np.random.Generator) -> list[str]:
    """A random value that a reader can set, as the form contains it."""
    from stage import controls  # here: --serve loads it again when it has changed

    def number(low: float, high: float, step: float) -> str:
        steps = round((high - low) / step)
        return format(min(low + rng.integers(steps + 1) * step, high), ".12g")

    match control:
        case controls.Slider(low, high, step, log=log):
            if log:
                return [format(10 ** rng.uniform(np.log10(low), np.log10(high)), ".3g")]
            return [number(low, high, step)]
        case controls.Steps(last) | controls.Seed(last=last):
            return [str(rng.integers(last + 1))]
        case controls.Choice(options=options):
            return [str(rng.choice(options))]
        case controls.Toggle():
            return [str(rng.integers(2))]
        case controls.Check():
            return [str(rng.choice(["0", "0.5", "1", "skip"]))]
        case controls.Matrix(rows, columns, low, high, step):
            return [number(low, high, step) for _ in range(rows * columns)]
        case controls.Points(x, y, least=least, most=most, steps=steps):
            count = int(rng.integers(least, most + 1))
            axes = list(zip((x, y), steps, strict=True))
            return [number(*axis, step) for _ in range(count) for axis, step in axes]
    raise AssertionError(f"a control of no known kind: {control}")


def ends(control: "controls.Control") -> Iterator[list[str]]:
    """The extreme values of a control."""
    from stage import controls

    match control:
        case controls.Slider(low, high):
            yield from ([format(end, ".12g")] for end in (low, high))
        case controls.Steps(last) | controls.Seed(last=last):
            yield from (["0"], [str(last)])
        case controls.Choice(options=options):
            yield from ([option] for option in options)
        case controls.Toggle():
            yield from (["0"], ["1"])
        case controls.Check():
            yield from (["0"], ["1"], ["skip"])
        case controls.Matrix(rows, columns, low, high):
            size = rows * columns
            yield from (
                [format(number, "g")] * size for number in (low, 0, high) if low <= number <= high
            )
        case controls.Points(x, y, least=least, most=most):
            for count in {least, most}:
                yield [format(low, "g") for _ in range(count) for low, _ in (x, y)]
                yield [format(high, "g") for _ in range(count) for _, high in (x, y)]


def random_states(name: str, count: int, seed: int = 0) -> list[State]:
    """`count` random states, the same on every machine.

    Every second state keeps about half of the controls at their defaults, where special cases are.
    """
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    found = []
    for i in range(count):
        chosen = {
            key: at_random(parameter.control, rng) for key, parameter in parameters(name).items()
        }
        kept = rng.random(len(chosen)) < (0.5 if i % 2 else 0)
        found.append({key: chosen[key] for key, keep in zip(chosen, kept, strict=True) if not keep})
    return found


def option_pairs(name: str) -> list[State]:
    """Every pair of options of two choices or toggles; the other controls are random."""
    from stage import controls

    rng = np.random.default_rng(zlib.crc32(name.encode()))
    options = {
        key: list(ends(parameter.control))
        for key, parameter in parameters(name).items()
        if isinstance(parameter.control, controls.Choice | controls.Toggle)
    }
    found = []
    for one, other in itertools.combinations(options, 2):
        for pair in itertools.product(options[one], options[other]):
            rest = {key: at_random(each.control, rng) for key, each in parameters(name).items()}
            found.append(rest | dict(zip((one, other), pair, strict=True)))
    return found


def all_states(name: str, count: int = 50) -> list[State]:
    """The defaults, every linked state, and `count` random ones."""
    return [{}, *linked(name), *random_states(name, count)]


def address(name: str, state: State) -> str:
    """The state as a link: `#normal?mean=1&sd=0.5`."""
    return f"#{name}?" + "&".join(f"{key}={','.join(texts)}" for key, texts in state.items())
