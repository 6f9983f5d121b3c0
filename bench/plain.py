"""The baseline of `python bench`: the demo `normal` with pyplot, as a PNG of 640 × 400 pixels.

plain.js runs it in Pyodide and calls `draw` for each input.
"""

import io
import math

import matplotlib
import numpy as np
from numpy.typing import NDArray

matplotlib.use("agg")

from matplotlib import pyplot as plt

SAMPLE = np.random.default_rng(38).standard_normal(200)
Z = np.linspace(-6, 6, 361)
BINS = np.linspace(-5, 5, 41)
INTERVAL = np.linspace(-1, 1, 161)


def pdf(x: NDArray[np.float64] | float, mean: float, sd: float) -> NDArray[np.float64]:
    """The normal density."""
    z = (np.asarray(x) - mean) / sd
    return np.exp(-0.5 * z**2) / (sd * math.sqrt(2 * math.pi))


def cdf(x: float, mean: float, sd: float) -> float:
    """The probability of a value up to x."""
    return 0.5 * math.erfc((mean - x) / (sd * math.sqrt(2)))


CDF_Z = [cdf(z, 0, 1) for z in Z]

fig, (density, cumulative) = plt.subplots(
    2, 1, sharex=True, height_ratios=(1.75, 1), figsize=(6.4, 4), dpi=100
)
density.set(xlim=(-7, 7), ylim=(0, 2.2), ylabel="density f(x)")
cumulative.set(ylim=(0, 1.04), ylabel="F(x)", xlabel="x")
for axes in (density, cumulative):
    axes.grid(True)
bars = density.stairs(np.zeros(len(BINS) - 1), BINS, fill=True, alpha=0.35)
area = density.fill_between(INTERVAL, INTERVAL, alpha=0.4)
(bell,) = density.plot([], [])
(peak,) = density.plot([], [], "o")
height = density.text(0, 0, "", ha="center", va="bottom")
(counted,) = cumulative.plot([], [], drawstyle="steps-post")
(rise,) = cumulative.plot([], [])
(levels,) = cumulative.plot([], [], ":")


def draw(mean: float, sd: float) -> bytes:
    """The picture for a mean and a standard deviation, as a PNG file in bytes."""
    top = pdf(mean, mean, sd)
    bell.set_data(mean + sd * Z, pdf(mean + sd * Z, mean, sd))
    rise.set_data(mean + sd * Z, CDF_Z)
    peak.set_data([mean], [top])
    height.set_text(f"{top:.2f}")
    height.set_position((mean, top + 0.04))
    area.set_data(INTERVAL, 0, pdf(INTERVAL, mean, sd))
    below_a, below_b = cdf(-1, mean, sd), cdf(1, mean, sd)
    levels.set_data(
        [-1, -1, -7, math.nan, 1, 1, -7], [0, below_a, below_a, math.nan, 0, below_b, below_b]
    )
    counts, _ = np.histogram(SAMPLE, BINS)
    bars.set_data(counts / (len(SAMPLE) * np.diff(BINS) * sd), mean + sd * BINS)
    values = np.concatenate([[-99], np.sort(mean + sd * SAMPLE), [99]])
    counted.set_data(values, np.append(np.arange(len(SAMPLE) + 1), len(SAMPLE)) / len(SAMPLE))
    density.set_title(f"P(−1 ≤ X ≤ 1) = {below_b - below_a:.4f}")
    png = io.BytesIO()
    fig.savefig(png, format="png")
    return png.getvalue()
