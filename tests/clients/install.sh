#!/bin/sh
# Installs Comunica from npm for tests/clients; where it cannot be had, that test skips by name.
# Version 4 is the last one that runs on Node.js 20.
set -u
TARGET=$(cd "$(dirname "$0")/../.." && pwd)/var/comunica
if command -v npm >/dev/null && [ ! -x "$TARGET/node_modules/.bin/comunica-sparql" ]; then
    mkdir -p "$TARGET" && npm install --silent --no-audit --no-fund --no-save \
        --prefix "$TARGET" @comunica/query-sparql@4 || echo "clients: Comunica is not installed" >&2
fi
