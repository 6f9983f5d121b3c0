"""How fast the course is, beside a plain page that shows the same figure; `python bench` runs it."""
