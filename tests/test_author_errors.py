"""Errors in an author's files: each names the file, the line, and the fix."""

import errno
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from test_build import Author, author  # noqa: F401 (a fixture)

import build_bundle
from bundle import cache, demos
from bundle.project import BuildError

pytestmark = pytest.mark.whole

Demos = Callable[..., str]


@pytest.fixture
def error(author: Author) -> Demos:  # noqa: F811
    """The build's error after a change to the good figure."""

    def build(old: str, new: str) -> str:
        author.change(author.demo, old, new)
        with pytest.raises(BuildError) as caught:
            author.build()
        return str(caught.value).removeprefix(str(author.demo))

    return build


CAPTION = 'return f"The slope is {slope:g}."'


def test_update_that_returns_nothing(error: Demos) -> None:
    said = error(f"        {CAPTION}\n", "")
    assert said.startswith(":11: update returned None")
    assert "return f" in said


def test_update_that_returns_no_text_at_one_value(error: Demos) -> None:
    said = error(CAPTION, 'return f"The slope is {slope:g}." if slope < 3 else None')
    assert said.startswith(":11: update returned None with slope=3")


def test_an_empty_caption(error: Demos) -> None:
    assert error(CAPTION, 'return " "').startswith(":11: update returned ' '")


@pytest.mark.parametrize(
    ("wrong", "state"), [("slope == -3", "-3"), ("slope == 3", "3"), ("slope == 0", "0")]
)
def test_an_exception_away_from_the_defaults(error: Demos, wrong: str, state: str) -> None:
    said = error("line.set_ydata([0, slope])", f"line.set_ydata([0, 1 / (0 if {wrong} else 1)])")
    assert said.startswith(":14: ZeroDivisionError: ")
    assert f"slope={state}" in said


def test_demo_without_annotations(error: Demos) -> None:
    said = error("def demo(fig: Figure) -> Update:", "def demo(fig):")
    assert said.startswith(":8: ")
    assert "write def demo(fig: Figure) -> Update:" in said


def test_demo_without_return(error: Demos) -> None:
    said = error("\n    return update\n", "")
    assert said.startswith(":15: demo returns nothing; end it with: return update")


@pytest.mark.parametrize("name", ["modle", "dark blue-ish"])
def test_a_misspelled_color(error: Demos, name: str) -> None:
    said = error(".plot([0, 1], [0, 1])", f".plot(\n        [0, 1], [0, 1], color={name!r}\n    )")
    assert said.startswith(f":10: there is no color {name!r}")
    assert "data, model, truth, error, gradient" in said
    assert ("did you mean 'model'" in said) == (name == "modle")


def test_a_misspelled_color_that_only_drawing_meets(error: Demos) -> None:
    said = error("line.set_ydata([0, slope])", 'line.set_color("erorr")')
    assert said.startswith(":14: there is no color 'erorr'; did you mean 'error'?")


def test_demos_are_tried_once_for_each_content(
    author: Author,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    author.build()
    monkeypatch.setattr(demos, "_try", lambda *_: pytest.fail("tried again"))
    author.build()


class Environment:
    """A simulated .venv of a project, and the commands that would change it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.venv = folder / ".venv"
        self.scripts = self.venv / "bin"
        self.scripts.mkdir(parents=True)
        self.ran: list[list[str]] = []
        self.fails = ""
        for name in ("requirements.txt", "package-lock.json"):
            (folder / name).write_text("")
        (self.scripts / "python").symlink_to(sys.executable)
        self.describe(self.scripts, ".".join(map(str, sys.version_info[:3])))
        (self.venv / "installed-requirements.txt").write_text("of another time")
        monkeypatch.setattr(build_bundle, "HERE", folder)
        monkeypatch.setattr(build_bundle, "VENV", self.venv)
        monkeypatch.setattr(build_bundle, "SCRIPTS", self.scripts)
        monkeypatch.setattr(subprocess, "run", self.run)

    def describe(self, scripts: Path, version: str) -> None:
        (self.scripts / "npm").write_text(f"#!{scripts}/python\n")
        (self.venv / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n")

    def run(self, command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        self.ran.append(list(map(str, command)))
        failed = bool(self.fails) and self.fails in self.ran[-1]
        return subprocess.CompletedProcess(command, int(failed))

    def ensure(self) -> str:
        with pytest.raises(SystemExit) as left:
            build_bundle.ensure_environment("requirements.txt")
        return str(left.value.code)

    @property
    def made(self) -> bool:
        return any("venv" in command for command in self.ran)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    return Environment(tmp_path, monkeypatch)


def test_an_environment_that_fits_is_kept(environment: Environment) -> None:
    assert environment.ensure() == "0"
    assert not environment.made
    assert any("npm" in command[0] for command in environment.ran)


def test_a_project_that_was_moved_gets_a_new_environment(environment: Environment) -> None:
    environment.describe(Path("/somewhere/else/.venv/bin"), environment_version())
    assert environment.ensure() == "0"
    assert environment.made


def test_another_python_gets_a_new_environment(environment: Environment) -> None:
    environment.describe(environment.scripts, "3.10.2")
    assert environment.ensure() == "0"
    assert environment.made


def test_a_python_that_was_removed_gets_a_new_environment(environment: Environment) -> None:
    (environment.scripts / "python").unlink()
    (environment.scripts / "python").symlink_to("/nowhere/python3")
    assert environment.ensure() == "0"
    assert environment.made


def environment_version() -> str:
    return ".".join(map(str, sys.version_info[:3]))


@pytest.mark.parametrize("fails", ["pip", "ci"])
def test_no_network_at_the_first_build(environment: Environment, fails: str) -> None:
    environment.fails = fails
    said = environment.ensure()
    assert "connect it to the internet and run the same command again" in said
    assert (environment.venv / "installed-requirements.txt").read_text() == "of another time"


def test_a_disk_that_is_full_while_packages_are_installed(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.fails = "pip"
    monkeypatch.setattr(build_bundle, "ROOM", 1 << 62)
    said = environment.ensure()
    assert "The disk is full" in said
    assert "internet" not in said


def test_a_disk_that_is_full_in_the_middle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from bundle import course

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "index.html")

    monkeypatch.setattr(course, "build", full)
    monkeypatch.setattr(build_bundle, "ensure_environment", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["build_bundle.py", "--out", str(tmp_path / "new" / "dist")])
    with pytest.raises(SystemExit) as left:
        build_bundle.main()
    said = str(left.value.code)
    assert "The disk is full" in said
    assert str(tmp_path) in said
    assert "Make room and run it again" in said


def test_a_step_that_ends_in_the_middle_leaves_nothing_in_the_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cache, "FOLDER", tmp_path)

    def half(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        cache.made("kind", "key", half)
    assert list((tmp_path / "kind").iterdir()) == []


def test_the_build_ends_without_a_traceback_on_a_full_device(tmp_path: Path) -> None:
    """/dev/full accepts no data."""
    out = tmp_path / "dist"
    out.mkdir()
    (out / "icon.svg").symlink_to("/dev/full")
    script = (
        "import sys, build_bundle; from bundle import course, publish; from pathlib import Path\n"
        "build_bundle.ensure_environment = lambda _: None\n"
        "course.build = lambda out, *_, **__: publish.write({'icon.svg': publish.SITE / "
        "'icon.svg'}, out)\n"
        f"sys.argv = ['build_bundle.py', '--out', {str(out)!r}]\n"
        "build_bundle.main()"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "The disk is full" in done.stderr
    assert "Traceback" not in done.stderr
