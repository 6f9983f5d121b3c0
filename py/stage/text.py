"""Format numbers for figures and captions, in one style for the whole course.

The text must not depend on the last digits of a result, which differ between processors, and
between native Python and the browser. So a tie, such as 0.125 with two decimals, is rounded away
from zero, within a relative tolerance of 1e-11; and a value below 1e-9 counts as 0 plus a rounding
error. Any other nonzero value is never written as 0.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NOTHING = 1e-9  # smaller values count as 0
_TIE = 1 + 1e-11
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def rounded(value: float, decimals: int = 2) -> float:
    """Round to `decimals`, ties away from zero, never −0."""
    return round(value * _TIE, decimals) + 0.0


def number(value: float, decimals: int = 2) -> str:
    """At most `decimals` decimals, no trailing zeros, a true minus sign, and never −0.

    A value too small for that gets one significant digit: `0.0007`, `3·10⁻⁶`.
    """
    text = f"{value * _TIE:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text in ("0", "-0"):
        return power(value, 1) if abs(value) >= NOTHING else "0"
    return text.replace("-", "−")


def coordinate(value: float, decimals: int = 2) -> str:
    """A coordinate of a point: as `number`, but rounded to 0 next to 0."""
    return number(rounded(value, decimals), decimals)


def pair(v: Sequence[float] | NDArray[np.float64], decimals: int = 2) -> str:
    """Two numbers as a point or a vector: `(1, −2.5)`."""
    return f"({number(float(v[0]), decimals)}, {number(float(v[1]), decimals)})"


def power(value: float, digits: int = 3) -> str:
    """With `digits` significant digits, also for small numbers: `0.25`, `0.0007`, `3.2·10⁻⁶`."""
    if not value:
        return "0"
    mantissa, _, exponent = f"{value * _TIE:.{digits - 1}e}".partition("e")
    size = int(exponent)
    if size >= -4:
        return number(value, max(digits - 1 - size, 0))
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    ten = f"10{str(size).translate(_RAISED)}"
    text = {"1": ten, "-1": f"-{ten}"}.get(mantissa, f"{mantissa}·{ten}")
    return text.replace("-", "−")


def apart(value: float, decimals: int, *marks: float) -> str:
    """`number`, with more decimals if it would look equal to one of `marks` but is not: `89.998`.

    A value within 1e-9 of a mark counts as equal to it.
    """
    text = number(value, decimals)
    for more in range(decimals, 10):
        text = number(value, more)
        if all(abs(value - mark) < NOTHING or text != number(mark, more) for mark in marks):
            break
    return text


def percent(share: float, decimals: int = 2) -> str:
    """A share as `80%`, or as a bound if it would be rounded to 0% or 100%: `above 99.99%`."""
    least = 10.0**-decimals
    if NOTHING < share < least / 200:
        return f"below {number(least, decimals)}%"
    if least / 200 * _TIE >= 1 - share > NOTHING:  # half a step would be rounded to 100%
        return f"above {number(100 - least, decimals)}%"
    return f"{number(100 * share, decimals)}%" if share > NOTHING else "0%"


def degrees(angle: float, decimals: int = 1, turn: float = 360) -> str:
    """An angle from 0° to below `turn`, also after rounding: 359.98 is `0°`."""
    return f"{number(rounded(angle % turn, decimals) % turn, decimals)}°"


def count(n: int, one: str, many: str = "") -> str:
    """`1 point`, `2 points`; `many` is the plural if it is not `one` with an s."""
    return f"{n} {one if n == 1 else many or one + 's'}"
