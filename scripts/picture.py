#!/usr/bin/env python3
"""Draws what a command shows in a terminal, as an SVG for the manual.

In goes a command; it runs in a terminal of its own. Out comes its last screen, with its colours. The
picture is made from what the command really printed: there is no way to put text in. Words that
belong to one machine can be replaced with --hide OLD=NEW. Needs Python 3 and Linux, nothing else.

  scripts/picture.py -o docs/images/query.svg --columns 100 -- target/release/logloom query --utc

--shown names the command in the picture where the real one is longer. --seconds ends a command
that does not end by itself, with the signal of Ctrl+C; --frozen draws the screen before that.
"""

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
import unicodedata
from xml.sax.saxutils import escape

CELL_WIDTH, CELL_HEIGHT, MARGIN, TITLE_HEIGHT = 8.4, 19, 16, 34
BACKGROUND, FOREGROUND, BAR = "#16181d", "#d7dae0", "#23262e"
# Black, red, green, yellow, blue, magenta, cyan, white; then the bright ones.
COLOURS = [
    "#3b4048", "#ff6b6b", "#7ee787", "#f2cc60", "#79b8ff", "#d2a8ff", "#56d4dd", "#d7dae0",
    "#6e7681", "#ffa198", "#a5f3ab", "#f8e3a1", "#a5d6ff", "#e2c5ff", "#b3f0f5", "#ffffff",
]
ESCAPE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b[^\[]")
PLAIN = (None, None, False, False)


class Screen:
    """The cells of a terminal; understands what line-oriented programs send."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.lines, self.row, self.column, self.style = [[]], 0, 0, PLAIN

    def feed(self, text):
        position = 0
        while position < len(text):
            found = ESCAPE.match(text, position)
            if found:
                self.control(found.group(1) or "", found.group(2))
                position = found.end()
            else:
                self.put(text[position])
                position += 1

    def put(self, character):
        if character == "\n":
            self.row += 1
            if self.row == len(self.lines):
                self.lines.append([])
        elif character == "\r":
            self.column = 0
        elif character == "\t":
            self.column = (self.column // 8 + 1) * 8
        elif character >= " ":
            width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
            if self.column + width > self.columns:
                self.column = 0
                self.put("\n")
            line = self.lines[self.row]
            line.extend([(" ", PLAIN)] * (self.column + width - len(line)))
            line[self.column] = (character, self.style)
            if width == 2:
                line[self.column + 1] = ("", self.style)
            self.column += width

    def control(self, arguments, letter):
        numbers = [int(part) for part in arguments.split(";") if part.isdigit()]
        if letter == "m":
            self.paint(numbers or [0])
        elif letter == "K":
            keep = 0 if numbers[:1] == [2] else self.column
            del self.lines[self.row][keep:]
        elif letter == "A":
            self.row = max(0, self.row - (numbers or [1])[0])
        elif letter == "J":
            del self.lines[self.row + 1:]
            del self.lines[self.row][self.column:]

    def paint(self, numbers):
        ink, paper, bold, dim = self.style
        for number in numbers:
            if number == 0:
                ink, paper, bold, dim = PLAIN
            elif number == 1:
                bold = True
            elif number == 2:
                dim = True
            elif number == 22:
                bold, dim = False, False
            elif 30 <= number <= 37 or 90 <= number <= 97:
                ink = number - 30 if number < 40 else number - 82
            elif 40 <= number <= 47:
                paper = number - 40
            elif number == 39:
                ink = None
            elif number == 49:
                paper = None
        self.style = (ink, paper, bold, dim)

    def shown(self):
        lines = list(self.lines)
        while lines and not any(character.strip() for character, _ in lines[-1]):
            lines.pop()
        return lines[-self.rows:]


def run(command, columns, rows, seconds, frozen):
    """Runs the command in a terminal; gives its screen."""
    screen, text = Screen(columns, rows), b""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.environ.pop("NO_COLOR", None)
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    end, frozen_text = time.monotonic() + seconds, None
    while True:
        if time.monotonic() > end:
            frozen_text = frozen_text or text
            os.kill(pid, signal.SIGINT)
            end = time.monotonic() + 5
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        if not chunk:
            break
        text += chunk
    os.waitpid(pid, 0)
    chosen = frozen_text if frozen and frozen_text else text
    screen.feed(chosen.decode("utf-8", "replace"))
    return screen.shown()


def runs(line):
    """Neighbouring cells of one style: first column, cells, text, style."""
    at = 0
    while at < len(line):
        end = at
        while end < len(line) and line[end][1] == line[at][1]:
            end += 1
        text = "".join(character for character, _ in line[at:end])
        yield at, end - at, text, line[at][1]
        at = end


def draw(lines, columns, title, hidden):
    width = MARGIN * 2 + columns * CELL_WIDTH
    height = TITLE_HEIGHT + MARGIN * 2 + len(lines) * CELL_HEIGHT
    out = [
        # Without xml:space some programs drop the spaces at the ends of a text, then stretch it.
        f'<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" '
        f'width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(title)}">',
        "<style>text{font:14px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;"
        "white-space:pre}</style>",
        f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>',
        f'<path d="M0 {TITLE_HEIGHT}V8a8 8 0 0 1 8-8H{width - 8:.0f}a8 8 0 0 1 8 8V'
        f'{TITLE_HEIGHT}Z" fill="{BAR}"/>',
        f'<text x="{MARGIN}" y="22" fill="{COLOURS[8]}">$ </text>',
        f'<text x="{MARGIN + 2 * CELL_WIDTH:.1f}" y="22" fill="{FOREGROUND}">{escape(title)}</text>',
    ]
    for row, line in enumerate(lines):
        y = TITLE_HEIGHT + MARGIN + row * CELL_HEIGHT
        for column, cells, text, style in runs(line):
            out.append(piece(column, cells, text, style, y, hidden))
    out.append("</svg>")
    return "\n".join(part for part in out if part) + "\n"


def piece(column, cells, text, style, y, hidden):
    ink, paper, bold, dim = style
    if paper is None and not text.strip():
        return ""
    for old, new in hidden:
        text = text.replace(old, new)
    x, width = MARGIN + column * CELL_WIDTH, cells * CELL_WIDTH
    box = ""
    if paper is not None:
        box = (f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{CELL_HEIGHT}" '
               f'fill="{COLOURS[paper]}"/>')
    colour = FOREGROUND if ink is None else COLOURS[ink]
    extra = (' font-weight="bold"' if bold else "") + (' opacity="0.6"' if dim else "")
    length = f' textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs"' if text.strip() else ""
    return f'{box}<text x="{x:.1f}" y="{y + 14}" fill="{colour}"{extra}{length}>{escape(text)}</text>'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("--rows", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--frozen", action="store_true")
    parser.add_argument("--shown", help="the command as the picture names it")
    parser.add_argument("--hide", action="append", default=[], metavar="OLD=NEW")
    parser.add_argument("command", nargs="+")
    chosen = parser.parse_args()
    lines = run(chosen.command, chosen.columns, chosen.rows, chosen.seconds, chosen.frozen)
    if not lines:
        sys.exit("picture: the command printed nothing; nothing was drawn")
    hidden = [tuple(pair.split("=", 1)) for pair in chosen.hide]
    picture = draw(lines, chosen.columns, chosen.shown or " ".join(chosen.command), hidden)
    with open(chosen.output, "w", encoding="utf-8") as file:
        file.write(picture)


if __name__ == "__main__":
    main()
