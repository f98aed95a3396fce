"""Prints the conformance fixtures of the published package spec-kitty-events as one JSON list."""

import json
from pathlib import Path

from spec_kitty_events import conformance

home = Path(conformance.__file__).parent / "fixtures"
entries = json.loads((home / "manifest.json").read_text())["fixtures"]
single = [entry for entry in entries if entry["path"].endswith(".json") and (home / entry["path"]).exists()]
print(
    json.dumps(
        [
            {
                "id": entry["id"],
                "type": entry["event_type"],
                "valid": entry["expected_result"] == "valid",
                "value": json.loads((home / entry["path"]).read_text()),
            }
            for entry in single
        ]
    )
)
