"""How fast the course is, beside a plain page with the same figure; `python bench` runs it."""
