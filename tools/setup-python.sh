#!/bin/sh
# The environment in .venv from the hashed lock file. On Debian as root, what the system lacks is installed.
set -eu
say() { printf '%s\n' "$*" >&2; }

find_python() {
    for name in python3.13 python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null 2>&1 && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return 0
        fi
    done
    say "Examhall needs Python 3.11 or newer. On Debian: apt-get install python3 python3-venv"
    return 1
}

python=$(find_python)
if [ ! -x .venv/bin/python ]; then
    if ! "$python" -m venv .venv 2>/dev/null; then
        rm -rf .venv
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
            apt-get update -q >/dev/null && apt-get install -q -y python3-venv >/dev/null
            "$python" -m venv .venv
        else
            say "Python's venv module is missing. On Debian: sudo apt-get install python3-venv"
            exit 1
        fi
    fi
fi
.venv/bin/python -m pip install -q --require-hashes -r requirements/dev.txt 2>&1 | grep -v 'is ignored: it is neither' >&2 || true
.venv/bin/python -m pip install -q --no-deps --no-build-isolation -e . 2>&1 | grep -v 'is ignored: it is neither' >&2 || true
.venv/bin/python -c 'import examhall, django, msgspec'
