#!/usr/bin/env python3
"""Draws what a command shows in a terminal, as an SVG for the manual.

In goes a command; it runs in a terminal of its own. Out comes its last screen, with its colours. The
picture is made from what the command really printed: there is no way to put text in. Words that
belong to one machine can be replaced with --hide OLD=NEW. Needs Python 3 and Linux, nothing else.

  scripts/picture.py -o docs/images/query.svg --columns 100 -- target/release/logloom query --utc

--shown names the command in the picture where the real one is longer. --seconds ends a command
that does not end by itself, with the signal of Ctrl+C; --frozen draws the screen before that.
--step types (`keys:TEXT`, with escapes such as \\r) or waits until something is on the screen
(`await:TEXT`), one after the other; when all are done the screen is drawn and the command ended.
"""

import argparse
import codecs
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
# A sequence of which the rest has not come yet.
BEGUN = re.compile(r"\x1b(\[[0-9;?]*)?$")
PLAIN = (None, None, False, False)


class Screen:
    """The cells of a terminal; understands what line-oriented programs send, and full screens."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.lines, self.row, self.column, self.style = [[]], 0, 0, PLAIN
        self.is_full, self.rest, self.cursor = False, "", True

    def feed(self, text):
        text = self.rest + text
        begun = BEGUN.search(text)
        self.rest = text[begun.start():] if begun else ""
        text = text[:len(text) - len(self.rest)]
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
            while len(self.lines) <= self.row:
                self.lines.append([])
            line = self.lines[self.row]
            line.extend([(" ", PLAIN)] * (self.column + width - len(line)))
            if line[self.column][0] == "" and self.column > 0:
                line[self.column - 1] = (" ", PLAIN)
            if self.column + width < len(line) and line[self.column + width][0] == "":
                line[self.column + width] = (" ", PLAIN)
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
        elif letter == "H":
            self.row, self.column = (numbers + [1, 1])[0] - 1, (numbers + [1, 1])[1] - 1
        elif letter in "hl" and arguments.startswith("?"):
            self.mode(arguments[1:].split(";"), letter == "h")
        elif letter == "J" and numbers[:1] == [2]:
            self.lines = [[] for _ in range(self.rows)]
        elif letter == "J":
            del self.lines[self.row + 1:]
            del self.lines[self.row][self.column:]

    def mode(self, modes, is_on):
        if "1049" in modes:
            self.is_full, self.row, self.column = is_on, 0, 0
            self.lines = [[] for _ in range(self.rows)] if is_on else [[]]
        if "25" in modes:
            self.cursor = is_on

    def text(self):
        return "\n".join("".join(character for character, _ in line) for line in self.lines)

    def paint(self, numbers):
        ink, paper, bold, dim = self.style
        numbers = list(numbers)
        while numbers:
            number = numbers.pop(0)
            if number in (38, 48) and numbers[:1] == [5] and len(numbers) > 1:
                ink, paper = (numbers[1], paper) if number == 38 else (ink, numbers[1])
                del numbers[:2]
            elif number == 0:
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
        lines = [list(line) for line in self.lines]
        if self.is_full and self.cursor and self.row < len(lines):
            line = lines[self.row]
            line.extend([(" ", PLAIN)] * (self.column + 1 - len(line)))
            line[self.column] = (line[self.column][0], (0, 7, False, False))
        while lines and not any(character.strip() for character, _ in lines[-1]):
            lines.pop()
        return lines[-self.rows:]


def step(steps, screen, terminal):
    """Takes the steps that can be taken now."""
    while steps:
        kind, _, text = steps[0].partition(":")
        if kind == "await" and text not in screen.text():
            return
        if kind == "keys":
            os.write(terminal, text.encode().decode("unicode_escape").encode("latin-1"))
        steps.pop(0)
        if kind == "keys":
            # What the keys have led to comes first.
            return


def run(command, columns, rows, seconds, frozen, steps):
    """Runs the command in a terminal; gives its screen."""
    screen, decoder = Screen(columns, rows), codecs.getincrementaldecoder("utf-8")("replace")
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.environ.pop("NO_COLOR", None)
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    end, shown, has_steps = time.monotonic() + seconds, None, bool(steps)
    while True:
        is_quiet = not select.select([terminal], [], [], 0.3 if steps else 0.1)[0]
        is_done = has_steps and not steps and is_quiet
        if shown is None and (is_done or time.monotonic() > end):
            if steps:
                sys.exit(f"picture: it never came to {steps[0]!r}:\n{screen.text()}")
            shown = screen.shown()
            os.kill(pid, signal.SIGINT)
            end = time.monotonic() + 5
        if is_quiet:
            step(steps, screen, terminal)
            continue
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        if not chunk:
            break
        screen.feed(decoder.decode(chunk))
    os.waitpid(pid, 0)
    return shown if shown and (frozen or has_steps) else screen.shown()


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


def colour_of(number):
    """One of the 16 colours, of the cube, or of the greys."""
    if number < 16:
        return COLOURS[number]
    if number >= 232:
        # The greys of a terminal whose background is ours.
        return "#" + f"{8 + (number - 232) * 10 - 10:02x}" * 2 + f"{8 + (number - 232) * 10 - 4:02x}"
    steps = (0, 95, 135, 175, 215, 255)
    red, green, blue = (steps[(number - 16) // part % 6] for part in (36, 6, 1))
    return f"#{red:02x}{green:02x}{blue:02x}"


def blocks(text, x, y, colour):
    """Blocks of one to eight eighths as areas, so that no gaps are between them."""
    out, at = [], 0
    while at < len(text):
        end = at
        while end < len(text) and text[end] == text[at]:
            end += 1
        if text[at] != " ":
            height = CELL_HEIGHT * (ord(text[at]) - 0x2580) / 8
            out.append(f'<rect x="{x + at * CELL_WIDTH:.1f}" y="{y + CELL_HEIGHT - height:.2f}" '
                       f'width="{(end - at) * CELL_WIDTH + 0.2:.1f}" height="{height + 0.2:.2f}" fill="{colour}"/>')
        at = end
    return "".join(out)


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
               f'fill="{colour_of(paper)}"/>')
    colour = FOREGROUND if ink is None else colour_of(ink)
    if text.strip() and not text.strip("\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588 "):
        return box + blocks(text, x, y, colour)
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
    parser.add_argument("--step", action="append", default=[], metavar="KIND:TEXT")
    parser.add_argument("--shown", help="the command as the picture names it")
    parser.add_argument("--hide", action="append", default=[], metavar="OLD=NEW")
    parser.add_argument("command", nargs="+")
    chosen = parser.parse_args()
    lines = run(chosen.command, chosen.columns, chosen.rows, chosen.seconds, chosen.frozen, chosen.step)
    if not lines:
        sys.exit("picture: the command printed nothing; nothing was drawn")
    hidden = [tuple(pair.split("=", 1)) for pair in chosen.hide]
    picture = draw(lines, chosen.columns, chosen.shown or " ".join(chosen.command), hidden)
    with open(chosen.output, "w", encoding="utf-8") as file:
        file.write(picture)


if __name__ == "__main__":
    main()
