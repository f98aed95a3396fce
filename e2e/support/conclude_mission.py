"""Accepts and merges a mission through the orchestrator's own client: its models judge our answers."""

import json
import sys
from pathlib import Path

from spec_kitty_orchestrator.host.client import HostClient

root, mission, target = sys.argv[1:]
host = HostClient(Path(root), actor="spec-kitty-orchestrator")
accepted = host.accept_mission(mission)
merged = host.merge_mission(mission, target=target, strategy="squash")
state = host.mission_state(mission)
print(json.dumps({name: data.model_dump() for name, data in
                  (("accepted", accepted), ("merged", merged), ("state", state))}))
