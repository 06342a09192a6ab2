#!/bin/sh
# n8n finds community packages in its data folder only, and that folder is a volume, which outlives the image.
# So the pack of this image is put there at every start; other packages that were installed in n8n stay.
set -eu
modules="$HOME/.n8n/nodes/node_modules"
mkdir -p "$modules"
rm -rf "$modules/n8n-nodes-handoff"
cp -R /opt/handoff/n8n-nodes-handoff "$modules/n8n-nodes-handoff"
exec /docker-entrypoint.sh "$@"
