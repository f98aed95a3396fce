"""Judges events, one JSON object a line on standard input, by the published package spec-kitty-events.

Writes one JSON verdict a line; exit status 1 when an event is refused. Beyond the package's own checks, a field
of the envelope that neither the package nor the documented extension knows counts as drift.
"""

import json
import sys

from spec_kitty_events import Event
from spec_kitty_events.conformance import validate_event

# Documented extension of the envelope: clients send these, the package's model passes over them.
EXTENSION = {"aggregate_type", "team_slug", "git_branch", "head_commit_sha", "repo_slug"}
KNOWN = EXTENSION | set(Event.model_fields)


def findings(document, kind, where):
    try:
        result = validate_event(document, kind, strict=True)
    except ValueError as error:
        return [f"{where}: {error}"]
    by_model = [f"{where}.{found.field}: {found.message}" for found in result.model_violations]
    by_schema = [f"{where}{found.json_path.lstrip('$')}: {found.message}" for found in result.schema_violations]
    return by_model + by_schema


def judge(event):
    unknown = [f"envelope.{name}: unknown field" for name in sorted(event.keys() - KNOWN)]
    envelope = findings(event, "Event", "envelope")
    payload = findings(event.get("payload", {}), event.get("event_type", ""), "payload")
    return unknown + envelope + payload


def main():
    refused = False
    for line in sys.stdin:
        event = json.loads(line)
        problems = judge(event)
        refused = refused or bool(problems)
        print(json.dumps({"event_type": event.get("event_type"), "problems": problems}))
    return 1 if refused else 0


sys.exit(main())
