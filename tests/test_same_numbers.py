"""Every figure says the same on all machines: on other processors, and in the browser's Python.

OpenBLAS chooses its routines by processor, and they round differently, as do the C library's `exp`
and `sin` and the browser's WebAssembly. A result that depends on this lacks a rule for a sign, an
order, or a tie, or shows digits that are rounding errors.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bundle import cache, runtime, states
from bundle.project import NODE, ROOT

PROCESSORS = ("Prescott", "Haswell", "Zen")  # SSE3, AVX2, and AMD's own
SUPPORT = ROOT / "tests" / "support"
SLOW = ("kmeans", "cross_validation", "neural_network", "optimizers")  # these take most of the time

Answers = dict[str, list[list[str]]]

# One group, so that the slow part is computed once.
pytestmark = [pytest.mark.whole, pytest.mark.slow, pytest.mark.xdist_group("same numbers")]


def asked(names: list[str]) -> str:
    return json.dumps({name: states.all_states(name) for name in names})


def answers(command: list[Any], questions: str, **environment: str) -> Answers:
    """The answer of a program in tests/support/ to `asked`.

    Threads wait for the programs. The questions are made before, because figures share caches.
    """
    paths = {"PYTHONPATH": str(ROOT / "py"), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        command,
        input=questions,
        env=os.environ | paths | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: Answers = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def natively() -> dict[str, Answers]:
    """The texts of all figures, for each kind of processor."""
    questions = asked(states.DEMOS)

    def on(processor: str) -> Answers:
        command = [sys.executable, SUPPORT / "run.py"]
        return answers(command, questions, OPENBLAS_CORETYPE=processor)

    with ThreadPoolExecutor() as pool:
        return dict(zip(PROCESSORS, pool.map(on, PROCESSORS), strict=True))


@pytest.fixture(scope="module")
def in_webassembly() -> Answers:
    """The texts of all figures in Pyodide, in two processes because it has no threads."""
    wheels = runtime.needed(("numpy", "matplotlib"))
    library = cache.made(
        "unpacked", cache.digest(wheels), lambda folder: runtime.unpack(wheels, folder)
    )

    def of(questions: str) -> Answers:
        script = [NODE, SUPPORT / "run.mjs", runtime.CORE, library, ROOT / "py", SUPPORT]
        return answers(script, questions)

    halves = [
        [*SLOW[i::2], *(name for name in states.DEMOS[i::2] if name not in SLOW)] for i in (0, 1)
    ]
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(of, [asked(half) for half in halves])
    return first | second


def differences(name: str, one: list[list[str]], two: list[list[str]]) -> list[str]:
    """The states in which two runs disagree, with the differing texts."""
    told = []
    for state, texts, others in zip(states.all_states(name), one, two, strict=True):
        if texts != others:
            pairs = [pair for pair in zip(texts, others, strict=False) if pair[0] != pair[1]]
            told.append(f"{states.address(name, state)}: {pairs or (texts, others)}")
    return told


def fail_with(told: list[str], where: str) -> None:
    if told:
        pytest.fail(f"{where}: " + "\n".join(told), pytrace=False)


@pytest.mark.parametrize("name", states.DEMOS)
def test_a_figure_says_the_same_on_other_processors(
    name: str, natively: dict[str, Answers]
) -> None:
    first = natively[PROCESSORS[0]][name]
    for processor in PROCESSORS[1:]:
        fail_with(differences(name, first, natively[processor][name]), processor)


@pytest.mark.parametrize("name", states.DEMOS)
def test_a_figure_says_the_same_in_the_browsers_python(
    name: str, natively: dict[str, Answers], in_webassembly: Answers
) -> None:
    found = differences(name, natively[PROCESSORS[0]][name], in_webassembly[name])
    fail_with(found, "WebAssembly")


@pytest.mark.parametrize("name", states.DEMOS)
def test_no_state_stops_a_figure(name: str, natively: dict[str, Answers]) -> None:
    """A caption is a sentence or a question; an error would replace it (tests/support/run.py)."""
    for state, (caption, *_) in zip(
        states.all_states(name), natively[PROCESSORS[0]][name], strict=True
    ):
        assert caption.endswith((".", "?")), (states.address(name, state), caption)
