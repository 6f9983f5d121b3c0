"""A change of code that fits every figure."""

import ast

EXTRA = "extra"
IMPORTS = "from typing import Annotated\nfrom stage import Slider\n"
SLIDER = f'{EXTRA}: Annotated[float, Slider(0, 2, 0.5, label="{EXTRA}")] = 1.0,\n'


def functions(source: str) -> tuple[ast.Module, ast.FunctionDef]:
    """A figure's file, and its `update`."""
    tree = ast.parse(source)
    scene = next(
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "demo"
    )
    update = next(
        node
        for node in ast.walk(scene)
        if isinstance(node, ast.FunctionDef) and node.name == "update"
    )
    return tree, update


def changed(source: str) -> str:
    """A figure's code with one more slider, which sets the color of the figure's background."""
    tree, update = functions(source)
    lines = source.splitlines(keepends=True)
    first = update.body[0]
    space = " " * first.col_offset
    lines[first.lineno - 1 : first.lineno - 1] = [
        f"{space}fig.set_facecolor(({EXTRA} / 2, 0.5, 0.5))\n",
        f'{space}print("{EXTRA} is", {EXTRA})\n',
    ]
    head = lines[update.lineno - 1]
    lines[update.lineno - 1] = head.replace("def update(", f"def update(\n{space}{SLIDER}{space}")
    lines.insert(tree.body[0].end_lineno or 1, IMPORTS)
    return "".join(lines)
