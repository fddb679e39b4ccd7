#!/bin/sh
# Starts all three services with everything they need; the same as `npm start`. Arguments go to `serverless offline start`.
set -e
cd "$(dirname "$0")"
[ -d node_modules ] || npm ci
exec npm start -- "$@"
