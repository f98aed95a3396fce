#!/bin/sh
# Stands in for a coding agent. Asked to write, it builds the work package of its prompt once another one is being
# built too, and ticks its subtasks; asked to review, it is content.
set -eu
prompt=$(cat)
case "$*" in
*Write*) ;;
*)
  echo '{"result": {"verdict": "approved"}}'
  exit 0
  ;;
esac
wp=$(printf '%s\n' "$prompt" | sed -n 's/^work_package_id: *//p' | head -n 1)
number=${wp#WP}
touch "$STUB_MEETING/$wp"
tries=0
until [ "$(find "$STUB_MEETING" -type f | wc -l)" -ge 2 ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] || { echo "error: no other agent came" >&2; exit 1; }
  sleep 0.1
done
mkdir -p "src/$wp"
echo "$wp" >"src/$wp/file.txt"
git add src
git commit -q -m "feat: $wp"
spec-kitty agent tasks mark-status "T${number}1" --status done --mission "$STUB_MISSION" --json >/dev/null
echo '{"result": {"files": ["src"]}}'
