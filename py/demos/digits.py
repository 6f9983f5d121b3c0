"""Rebuild a handwritten digit from its first k principal components."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from stage import Caption, Drag, Figure, Seed, Slider, Small, Update, artists
from stage.linear_algebra import Numbers
from stage.text import count

# 1,797 digits of 8 × 8 pixels, from 0 (paper) to 16 (ink): E. Alpaydin and C. Kaynak, "Optical
# Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998, license CC BY 4.0;
# the test set, as distributed by scikit-learn. Read at import, because a restored snapshot of
# Python does not have the file.
IMAGES = np.load(Path(__file__).parent / "data" / "digits.npz")["images"].astype(np.float64)
MEAN = IMAGES.mean(axis=0)
SHADES = 65
TITLE: Any = {"size": 10.5, "weight": "semibold"}


@lru_cache(maxsize=1)
def components() -> tuple[Numbers, Numbers]:
    """The principal components as columns, (64, 64), and their shares of the variance, (64,).

    The eigenvectors of the covariance matrix in descending order of their eigenvalues. The sign of
    a column is the solver's choice; a reconstruction does not depend on it.
    """
    values, vectors = np.linalg.eigh(np.cov(IMAGES.T))
    order = np.argsort(-values, kind="stable")
    found = np.maximum(values[order], 0)
    return vectors[:, order], found / found.sum()


def rebuilt(image: Numbers, k: int) -> Numbers:
    """The mean plus the projection of a centered image on the first k components, shape (64,)."""
    first = components()[0][:, :k]
    found: Numbers = MEAN + first @ (first.T @ (image - MEAN))
    return found


def explained(k: int) -> float:
    """The share of the variance that the first k components explain."""
    return float(components()[1][:k].sum())


def shade_of(pixels: Numbers) -> NDArray[np.int64]:
    """The index of the shade of each pixel, clipped to the range from paper (0) to ink."""
    share = np.clip(pixels / 16, 0, 1)
    return (share * (SHADES - 1)).round().astype(np.int64)


def demo(fig: Annotated[Figure, Small(1.1)]) -> Update:
    """Set the scene: the digit, what k components keep of it, and the share they explain."""
    grid = fig.add_gridspec(2, 2, height_ratios=(1.7, 1))
    strip = fig.add_subplot(grid[1, :])
    panels = [fig.add_subplot(grid[0, i]) for i in (0, 1)]
    paper, ink = (np.array(to_rgb(color)) for color in ("surface", "ink"))
    shades = 255 * (paper + np.linspace(0, 1, SHADES)[:, np.newaxis] * (ink - paper))
    pictures, titles = [], []
    for ax in panels:
        ax.set(xlim=(0, 8), ylim=(0, 8), aspect="equal", xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color="rule")
        pictures.append(artists.cells(ax, (0, 8, 8, 0), shades.round()))
        titles.append(artists.label(ax, 0, 1.04, "64 pixels", transform=ax.transAxes, **TITLE))
    strip.set(xlim=(0, 65), ylim=(0, 1.05), xlabel="number of components k")
    strip.set_yticks([0, 1], ["0%", "100%"])
    shares = [explained(k) for k in range(65)]
    curve = artists.line(strip, color="model")
    at = artists.points(strip, color="model", markersize=9, clip_on=False)

    def update(
        k: Annotated[int, Slider(0, 64, 1, label="components k", drag=Drag.along(explained))] = 2,
        seed: Annotated[int, Seed(label="digit", last=len(IMAGES) - 1)] = 0,
    ) -> str:
        image = IMAGES[seed]
        for picture, pixels in zip(pictures, (image, rebuilt(image, k)), strict=True):
            picture.set_cells(shade_of(pixels).reshape(8, 8))
        titles[1].set_text(f"{k} number{'s' * (k != 1)}")
        curve.set_data(np.arange(k + 1), shares[: k + 1])
        at.set_data([k], [shares[k]])
        share = share_of(shares[k])
        return Caption(
            told(k, share),
            detail=(
                f"Image {seed} of a set of {len(IMAGES):,}: its 64 pixels on the left, and the "
                f"digit rebuilt from {k} principal component{'s' * (k != 1)} on the right."
            ),
            numbers={"k": str(k), "kept": share},
        )

    return update


def share_of(share: float) -> str:
    """A share in whole percent, but 100% only if nothing is lost."""
    if share > 1 - 1e-9:
        return "100%"
    return f"{min(round(100 * share), 99)}%"


def told(k: int, share: str) -> str:
    """How much of the variance k components explain."""
    if k == 0:
        return "With no components, every digit becomes the average digit."
    return f"{count(k, 'component')} explain{'s' * (k == 1)} {share} of the variance."
