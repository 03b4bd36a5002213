#!/bin/sh
# The client's packages from the lock file, then its bundles into the Python package.
set -eu
if [ ! -d client/node_modules ] || [ client/package-lock.json -nt client/node_modules/.package-lock.json ]; then
    sh tools/npm.sh ci --no-audit --no-fund --loglevel=error
fi
sh tools/npm.sh run --silent build
