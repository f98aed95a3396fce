"""Makes ready the tests in the published orchestrator's sources: orchestrator_suite.py SOURCES.

Their mission was never finalized, which 3.2.0 and later refuse to begin: here it gets what finalize-tasks asks for, and is
finalized.
"""

import sys
from pathlib import Path

harness = Path(sys.argv[1], "tests/e2e/harness.py")
text = harness.read_text()
for old, new in (
    ('"mission_number": 99,', '"mission_number": 99, "mission_id": "01KQW4DF0000000000000000A1", "target_branch": "main",'),
    ('"# Orchestrator E2E\\n"', '"# Orchestrator E2E\\n\\n## Functional Requirements\\n\\n- **FR-001**: a status function\\n"'),
    ('"- [ ] WP01: deterministic implementation\\n"', '"## Work Package WP01: Status\\n\\n**Requirement Refs**: FR-001\\n"'),
    (
        "            agent: null\n",
        "            requirement_refs: [FR-001]\n            execution_mode: code_change\n            owned_files: [src/**]\n"
        "            authoritative_surface: src/\n            create_intent: [src/wp01_impl.py]\n",
    ),
    (
        "    return ProjectFixture(root=root",
        '    finalize = [str(bin_dir / "spec-kitty"), "agent", "mission", "finalize-tasks", "--mission", mission_slug]\n'
        "    require_success(run_command(finalize, cwd=root, env=env))\n    return ProjectFixture(root=root",
    ),
):
    if text.count(old) != 1:
        sys.exit(f"{harness} does not hold once: {old}")
    text = text.replace(old, new)
harness.write_text(text)
