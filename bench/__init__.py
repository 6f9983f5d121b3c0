"""Benchmarks: the course compared with a plain Pyodide page. Run them with `python bench`."""
