#!/bin/sh
# A real Chromium for the browser lanes.
set -eu
for name in "${EXAMHALL_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -q >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y chromium >/dev/null
else
    echo "The browser lanes need Chromium. On Debian: sudo apt-get install chromium (or set EXAMHALL_CHROMIUM)" >&2
    exit 1
fi
