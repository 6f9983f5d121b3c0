"""Scripts for a page in any engine: the state of a figure, a move, an injected script."""

from collections.abc import Callable
from typing import Any

from support.machine import wait_for

STATE = """
    const demo = document.querySelector("ml-demo");
    const canvas = demo.querySelector("canvas");
    let sum = 0;
    if (demo.dataset.state === "ready") {
      const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 0; i < data.length; i += 1) sum = (Math.imul(sum, 31) + data[i]) | 0;
    }
    return {
      state: demo.dataset.state,
      frame: Number(demo.dataset.frame),
      caption: demo.querySelector(".caption").textContent,
      trouble: demo.querySelector(".trouble p").textContent,
      boot: performance.getEntriesByName("ml-ready")[0]?.detail?.boot ?? "",
      pixels: sum,
    };
"""
MOVE = """
    const demo = document.querySelector("ml-demo");
    const slider = [...demo.querySelectorAll("input[type=range]")].find((one) => one.offsetParent);
    const moved = slider ?? demo.querySelector(".handle");
    moved.focus();
    if (slider) {
      slider.valueAsNumber += 12 * Number(slider.step); // the next scene of the front page
      slider.dispatchEvent(new Event("input", {bubbles: true}));
    } else {
      const key = {key: "ArrowRight", bubbles: true, cancelable: true};
      moved.dispatchEvent(new KeyboardEvent("keydown", key));
    }
"""
INJECT = """
    window.injected = [];
    const text = "window.injected.push('ran')";
    const blob = URL.createObjectURL(new Blob([text], {type: "text/javascript"}));
    for (const src of [`data:text/javascript,${text}`, blob]) {
      const script = Object.assign(document.createElement("script"), {src});
      script.onerror = () => window.injected.push("refused");
      document.head.append(script);
    }
"""
INJECTED = "return window.injected;"


def refuses_scripts(run: Callable[[str], Any]) -> None:
    """Scripts injected into the page, from a data: URL or a blob, don't run."""
    run(INJECT)
    wait_for("two answers", lambda: len(run(INJECTED)) == 2, 10)
    assert run(INJECTED) == ["refused", "refused"]
