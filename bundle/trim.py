"""Keep the snapshot small. `snapshot.mjs` runs this module inside Pyodide at build time.

`trim_tree` and `trim_zip` compile the libraries without docstrings, asserts and column numbers; the
sources stay in place, so that `__file__`, tracebacks and `inspect` name the real files. `defer` and
`settle` leave out packages that matplotlib imports but does not need for drawing: names in them are
replaced by a `Later`, which imports the real object when it is used. The reader's browser downloads
the complete packages after the first picture, to the same paths.
"""

import gc
import importlib
import importlib.util
import sys
import zipfile
from collections.abc import Sequence
from importlib._bootstrap_external import _code_to_hash_pyc  # type: ignore[attr-defined]
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

# These modules only add docstrings to numpy's C functions.
EMPTY = ("numpy/_core/_add_newdocs.py", "numpy/_core/_add_newdocs_scalars.py")

# The only attribute of a deferred package that matplotlib reads at import: the name of 3-D axes.
KNOWN = {"mpl_toolkits.mplot3d.Axes3D.name": "3d"}


def compiled(source: bytes, name: str, optimize: int) -> bytes:
    """The bytes of an unchecked-hash `.pyc` for one source; `optimize` as in `compile()`."""
    code: CodeType = compile(source, name, "exec", dont_inherit=True, optimize=optimize)
    pyc: bytearray = _code_to_hash_pyc(code, importlib.util.source_hash(source), False)
    return bytes(pyc)


def trim_tree(root: str, keep: Sequence[str]) -> int:
    """Write a `.pyc` for every source; packages in `keep` keep docstrings and asserts."""
    files = sorted(Path(root).rglob("*.py"))
    for file in files:
        name = file.relative_to(root)
        source = b"" if name.as_posix() in EMPTY else file.read_bytes()
        target = Path(importlib.util.cache_from_source(str(file)))
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(compiled(source, str(file), 0 if name.parts[0] in keep else 2))
    return len(files)


def trim_zip(path: str, target: str) -> int:
    """Copy the standard library's archive with every `.py` replaced by its `.pyc`."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as result:
        for info in source.infolist():
            name, data = info.filename, source.read(info)
            if name.endswith(".py"):
                # the name that zipimport uses, where tracebacks look for the source
                data = compiled(data, f"{path}/{name}", 2)
                name += "c"
            result.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
        return len(result.namelist())


class Later:
    """A placeholder for an object whose package is imported when the object is first used."""

    def __init__(self, path: str) -> None:
        self.__dict__.update(_path=path, __name__=path.rpartition(".")[2])

    def _real(self) -> Any:
        path = ""
        found: Any = None
        for name in self._path.split("."):
            path = f"{path}.{name}" if path else name
            inner = getattr(found, name, None)
            if inner is None or isinstance(inner, _Module):  # not imported yet, or a stand-in
                inner = importlib.import_module(path)
            if isinstance(inner, _Module):
                raise ImportError(f"{path} is deferred until the snapshot is made")
            found = inner
        return found

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            real = self._real()
        except ImportError:
            # The package is not there yet: isinstance() still works, anything else raises this.
            path = f"{self._path}.{name}"
            return KNOWN.get(path) or Later(path)
        return getattr(real, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._real()(*args, **kwargs)

    def __instancecheck__(self, instance: object) -> bool:
        # before the real package is imported there are no instances of its classes
        if isinstance(sys.modules.get(self._path.split(".")[0]), (_Module, type(None))):
            return False
        return isinstance(instance, self._real())

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self._real(),)


class _Module(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return getattr(Later(self.__name__), name)


class _Finder(MetaPathFinder, Loader):
    """Answers `import` of the deferred packages with a module full of `Later`."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        mine = any(name == own or name.startswith(f"{own}.") for own in self.names)
        return ModuleSpec(name, self, is_package=True) if mine else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def defer(names: Sequence[str]) -> None:
    """Import stand-ins instead of these packages from now on, until `settle`."""
    sys.meta_path.insert(0, _Finder([*names]))


def settle() -> None:
    """Remove the stand-ins, so that the next import is a real one; drop docstrings."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]
    for name in [name for name, module in sys.modules.items() if isinstance(module, _Module)]:
        del sys.modules[name]
    for thing in gc.get_objects():
        module = getattr(thing, "__module__", None)
        if not isinstance(module, str) or module.split(".")[0] not in (
            "matplotlib",
            "numpy",
            "pyparsing",
        ):
            continue
        if (
            isinstance(thing, FunctionType)
            and thing.__doc__
            and not thing.__doc__.startswith("Alias")
        ):
            thing.__doc__ = None  # but matplotlib parses "Alias for …" to find a setter's aliases
