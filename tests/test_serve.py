"""--serve, for authors: changes are rebuilt at once, and the page shows them."""

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundle import serve, states
from bundle.project import BuildError
from bundle.server import Server

TIMEOUT = 240  # seconds, because the machine may be busy


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "index.html").write_text("<head><title>A page</title></head>")
    serve.AuthorsHandler.state = serve.State()
    started = serve.server(tmp_path, 0, serve.AuthorsHandler)
    threading.Thread(target=started.serve_forever, daemon=True).start()
    yield started
    started.shutdown()
    started.server_close()


def get(site: Server, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", site.server_port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200, path
    text = answer.read().decode()
    connection.close()
    return text


def test_a_page_gets_the_authors_script_from_the_server_alone(site: Server, tmp_path: Path) -> None:
    tag = '<script src="/author.js" data-builds="0"></script></head>'
    assert tag in get(site, "/")
    assert tag in get(site, "/index.html?embed=1")
    assert "author" not in (tmp_path / "index.html").read_text()
    assert "location.reload()" in get(site, "/author.js")
    assert "unregister" in get(site, "/sw.js")


def test_pages_hear_of_a_build_when_it_has_ended(site: Server) -> None:
    state = serve.AuthorsHandler.state
    assert json.loads(get(site, "/author.json?"))["builds"] == 0  # at once: no version yet
    heard: list[str] = []
    asking = threading.Thread(target=lambda: heard.append(get(site, "/author.json?0")))
    asking.start()
    state.publish("lesson.html:3: no", ["normal"])
    asking.join(10)
    assert json.loads(heard[0]) == {
        "builds": 1, "error": "lesson.html:3: no", "edited": ["normal"],
    }  # fmt: skip


def test_a_change_of_the_stage_alone_needs_a_new_snapshot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forgotten: list[set[str]] = []  # not deleted: other tests still use these modules
    monkeypatch.setattr(serve, "forget", lambda *names: forgotten.append({*names} - {""}))
    kept: list[bool] = []

    def build(again: bool) -> list[str]:
        kept.append(again)
        return ["normal"] if again else []

    assert serve._built(build, ["py/demos/normal.py"]) == ("", ["normal"])
    assert serve._built(build, ["site/lessons/11-normal.html"]) == ("", ["normal"])
    assert serve._built(build, ["py/demos/normal.py", "py/stage/drawing.py"]) == ("", [])
    assert kept == [True, True, False]
    assert ["stage" in names for names in forgotten] == [False, False, True]
    assert "demos.normal" in forgotten[0]


def test_the_controls_of_a_figure_that_was_loaded_again_are_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "mean" in states.parameters("normal")
    changed = states.demo_of("vector_arrow")
    monkeypatch.setattr(states, "demo_of", lambda _: changed)
    assert "mean" not in states.parameters("normal")


def test_a_build_that_fails_is_told_and_serving_goes_on() -> None:
    def wrong(again: bool) -> list[str]:
        raise BuildError("site/index.html:3: the link nowhere.html leads nowhere")

    def broken(again: bool) -> list[str]:
        raise KeyError("a fault of the builder")

    assert serve._built(wrong, []) == (
        "site/index.html:3: the link nowhere.html leads nowhere", [],
    )  # fmt: skip
    assert "a fault of the builder" in serve._built(broken, [])[0]
