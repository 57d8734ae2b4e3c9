"""Writes the lines of every format and what each has to become, 20 lines a format.

    python3 scripts/format_fixtures

Files go to crates/logloom-intake/tests/formats: NAME.log holds the lines, NAME.expected.jsonl one
expectation a line. The part of NAME before its first dot is the format that has to be found.
"""

import json
import pathlib

import applications
import json_loggers
import libraries
import system
import web
from values import COUNT

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "crates" / "logloom-intake" / "tests" / "formats"


def main():
    TARGET.mkdir(exist_ok=True)
    forms = {}
    for module in (applications, json_loggers, libraries, system, web):
        forms.update(module.FORMS)
    for old in TARGET.iterdir():
        old.unlink()
    for name, form in sorted(forms.items()):
        pairs = [form(number) for number in range(COUNT)]
        lines = "".join(line + "\n" for line, _ in pairs)
        assert lines.count("\n") == COUNT, name
        (TARGET / f"{name}.log").write_text(lines, encoding="utf-8", newline="")
        expected = [json.dumps(record, ensure_ascii=False) for _, record in pairs]
        (TARGET / f"{name}.expected.jsonl").write_text("\n".join(expected) + "\n", encoding="utf-8")
    print(f"{len(forms)} formats written to {TARGET.relative_to(ROOT)}")


main()
