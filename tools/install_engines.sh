#!/bin/sh
# Installs the engines that tools/engines.py starts; oxigraph comes with the dev packages.
# Virtuoso needs apt-get and root; Fuseki needs Maven and Java 17. What cannot be had is named,
# and its tests then skip by name.
set -u
FUSEKI=5.5.0   # the last line of Jena that runs on Java 17
TARGET=$(cd "$(dirname "$0")/.." && pwd)/var/engines

if ! command -v virtuoso-t >/dev/null; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq virtuoso-opensource-7-bin >/dev/null; } ||
        echo "engines: Virtuoso is not installed" >&2
fi
if [ ! -f "$TARGET/jena-fuseki-server-$FUSEKI.jar" ]; then
    mvn -q -B dependency:copy -Dartifact=org.apache.jena:jena-fuseki-server:$FUSEKI \
        -DoutputDirectory="$TARGET" ||
        echo "engines: Fuseki is not installed" >&2
fi
