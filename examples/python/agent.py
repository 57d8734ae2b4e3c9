"""A small agent with a scripted model: its log, and what can be asked of it::

pip install logloom
python agent.py [DIRECTORY]
logloom show --dir DIRECTORY
"""

from __future__ import annotations

import sys
import tempfile

import logloom
from logloom import agent

SCRIPT = [
    ("tool", {"left": 19, "right": 23}),
    ("tool", {"left": 1, "right": None}),
    ("text", "It is 42."),
]


def main() -> int:
    directory = sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="logloom-")
    logloom.init(dir=directory, service="agent")
    with agent.session(project="sums") as log:

        @log.tool("add")
        def add(left: int, right: int) -> int:
            return left + right

        log.user_input("What is 19 and 23?", input_mode="interactive")
        for kind, step in SCRIPT:
            with log.llm_request("scripted", "model-1", messages_count=1) as request:
                kind_of_answer = "tool_use" if kind == "tool" else "text"
                request.response(response_type=kind_of_answer, input_tokens=120, output_tokens=17)
            if isinstance(step, dict):
                try:
                    add(**step)
                except TypeError as error:
                    print(f"the tool failed: {error}")
            else:
                print(step)
    logloom.flush(10)
    errors = agent.LogQueryEngine().filter(status="error").execute()
    print(f"{len(agent.LogQueryEngine().execute())} actions in {directory}")
    print("errors:", [(row["action_type"], row["error_type"]) for row in errors])
    return 0 if len(errors) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
