#!/bin/sh
# Builds what the pages need beyond HTML (web/) into the package, where Node.js is there. Without it
# the service runs all the same and its pages say what is missing; --strict fails instead (CI).
set -eu
cd "$(dirname "$0")/.."
DIST=src/mineralgraph/api/static/dist
miss() {
    echo "$1; the API and the plain pages work without the editor, the drawn network and the checks" >&2
    [ "${STRICT:-}" != 1 ] || exit 1
    exit 0
}
[ "${1:-}" != --strict ] || STRICT=1
if [ -f "$DIST/site.js" ] && [ -z "$(find web/src web/package-lock.json web/vite.config.js -newer "$DIST/site.js")" ]; then
    exit 0
fi
command -v npm >/dev/null 2>&1 || miss "Node.js is not here, so the scripts of the pages are not built"
echo "Building the scripts of the pages (web/) ..." >&2
if [ ! -d web/node_modules ] || [ web/package-lock.json -nt web/node_modules ]; then
    (cd web && npm ci --no-fund --no-audit --loglevel=error >&2) || miss "npm could not install what web/ needs"
    touch web/node_modules
fi
(cd web && npm run --silent build >&2) || miss "the scripts of the pages could not be built"
