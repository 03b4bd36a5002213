#!/bin/sh
# The detectors' models. Without them everything but the media detectors works, so a failure is said, not fatal.
set -u
if ! .venv/bin/examhall models install; then
    echo "The models could not be installed: media detectors stay off. Try again with: .venv/bin/examhall models install" >&2
fi
