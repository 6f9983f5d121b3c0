#!/bin/sh
# Serves the course and opens the browser. With --lan it serves the room, too.
cd "$(dirname "$0")" || exit 1
if ! command -v python3 > /dev/null; then
  echo "This needs Python 3. Without it, open course/index.html: the figures live there as well."
  exit 1
fi
exec python3 serve.py "$@"
