"""The builder of the course. Start it with build_bundle.py; `course.build` runs all steps."""
