"""The course's demos: each module is one, and `<ml-demo name="MODULE">` in a lesson shows it."""
