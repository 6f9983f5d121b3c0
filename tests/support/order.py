"""A pytest plugin: which tests share a worker, in what order they run, and how long they took.

With pytest-xdist, the tests of a group run in the same worker. A file without browser tests is one
group, so that its setup runs once. In files with browser tests, tests that share a ready page are a
group, and every other test runs alone. Slow tests start first and quick files last, so that all
workers stay busy until the end.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

SLOWEST = 20
BROWSERS = {"browser", "playwright", "firefox", "webkit", "kolibri"}

seconds: dict[str, float] = defaultdict(float)  # by the name of the test


def shared(item: pytest.Item) -> list[str]:
    """The fixtures of its own module that a test needs; each worker has to make them."""
    definitions = getattr(item, "_fixtureinfo").name2fixturedefs  # noqa: B009 (pytest's own name)
    return sorted(
        name for name, found in definitions.items() if found[-1].scope in ("module", "class")
    )


def group(item: pytest.Item) -> str | None:
    """The group of a test; None if it runs alone."""
    if item.get_closest_marker("xdist_group"):
        return None  # given by a marker
    file = item.nodeid.split("::")[0]
    if not uses_browsers(item):
        return file
    if not (names := shared(item)):
        return None
    boot = getattr(item, "callspec").params.get("boot", "") if hasattr(item, "callspec") else ""  # noqa: B009
    return f"{file} {' '.join(names)} {boot}"


def uses_browsers(item: pytest.Item) -> bool:
    return bool(BROWSERS & set(getattr(item, "fixturenames", ())))


def is_fast(item: pytest.Item) -> bool:
    """Whether `python tests --fast` runs a test: mathematics, and tests marked fast."""
    if item.get_closest_marker("fast"):
        return True
    needs = BROWSERS | {"dist", "packages", "test_site"}
    heavy = needs & set(getattr(item, "fixturenames", ()))
    left_out = item.get_closest_marker("slow") or item.get_closest_marker("whole")
    return not heavy and not left_out


def rank(item: pytest.Item) -> int:
    if item.get_closest_marker("slow"):
        return 0
    return 1 if uses_browsers(item) else 2


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="only the tests that take little time")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--fast"):
        config.hook.pytest_deselected(items=[item for item in items if not is_fast(item)])
        items[:] = [item for item in items if is_fast(item)]
    for item in items:
        if name := group(item):
            item.add_marker(pytest.mark.xdist_group(name))
    items.sort(key=rank)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    seconds[report.nodeid.split("@")[0]] += report.duration


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Iterator[None]:
    """Print the time of each file and the slowest tests, above the failures."""
    files: dict[str, list[float]] = defaultdict(list)
    for name, took in seconds.items():
        files[name.split("::")[0]].append(took)
    if len(seconds) > SLOWEST:
        terminalreporter.section("time by file")
        for file, all_took in sorted(files.items(), key=lambda item: -sum(item[1])):
            terminalreporter.line(f"{sum(all_took):7.1f} s  {len(all_took):4d} tests  {file}")
        terminalreporter.section(f"the {SLOWEST} slowest tests")
        for name, took in sorted(seconds.items(), key=lambda item: -item[1])[:SLOWEST]:
            terminalreporter.line(f"{took:7.1f} s  {name}")
    return (yield)
