"""One task in code for each lesson, named after the figure that it changes.

`SHOWN` is the function to begin with, `SOLUTION` has the lines to replace and what replaces them,
and `check(code)` says in a sentence what is still wrong with the changed file; "" if nothing is.
The words of a task are in its lesson.
"""
