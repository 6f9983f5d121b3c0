"""Numbers as the figures and captions write them: one form for the whole course."""


def number(value: float, decimals: int = 2) -> str:
    """At most so many decimals, none that are 0 at the end, a true minus sign, and never −0."""
    text = f"{value:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")
