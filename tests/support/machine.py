"""The machine: programs that may be missing, ports, other processes, and timeouts."""

import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CI = os.environ.get("CI") == "true"
TIMEOUT = 240  # seconds for Python to start: WebKit takes 20 on two idle cores


def needed(program: str) -> str:
    """The path of a program. If it is missing, the test is skipped, except in CI."""
    path = shutil.which(program)
    if path is None:
        assert not CI, f"{program} is not installed"
        pytest.skip(f"{program} is not installed")
    return path


def wait_for(what: str, ask: Callable[[], Any], timeout: float = TIMEOUT) -> Any:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(0.1)
    pytest.fail(f"{what}: not within {timeout} s")


@contextmanager
def running(command: list[str | Path], **options: Any) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def answers(url: str) -> bool:
    """Whether a server accepts connections."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
