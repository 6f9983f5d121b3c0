"""A pytest plugin: which tests share a worker, in what order they run, and what they took.

With pytest-xdist, tests of one group run in one worker, one after the other. A file without
browsers is a group, so that it is prepared once; of the files with browsers, tests that share a
ready page are one, and every other test is on its own. The slow ones begin first, and the light
files fill what time is left, so that all workers are busy until the end.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

SLOWEST = 20
BROWSERS = {"browser", "playwright", "firefox", "webkit", "kolibri"}

seconds: dict[str, float] = defaultdict(float)  # by the name of the test


def shared(item: pytest.Item) -> list[str]:
    """The fixtures of its module that a test needs: another worker would make them once more."""
    definitions = getattr(item, "_fixtureinfo").name2fixturedefs  # noqa: B009 (pytest's own name)
    return sorted(
        name for name, found in definitions.items() if found[-1].scope in ("module", "class")
    )


def group(item: pytest.Item) -> str | None:
    """The group that a test is in; None for a test on its own."""
    if item.get_closest_marker("xdist_group"):
        return None  # it says so itself
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
    """Whether `python tests --fast` runs it: the mathematics, and what says that it is fast."""
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
    """Above the failures, which come last: time by file, and the slowest tests."""
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
