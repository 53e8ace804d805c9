"""The part of a page that a run writes: between its two markers."""
import os

from .chart import chart
from .goals import GROWTH
from .growth import growth_table
from .report import processor_table, table

BEGIN, END = "<!-- begin of what make bench writes -->", "<!-- end of what make bench writes -->"


def write(path, figures, machine):
    with open(path) as file:
        text = file.read()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    picture = f"{os.path.splitext(path)[0]}.svg"
    with open(picture, "w") as file:
        file.write(chart(figures))
    rounds = sorted({len(figures.of(letter, "Postern")) for letter in figures.letters()})
    lines = [
        BEGIN, "", f"![Postern beside others]({os.path.basename(picture)})", "", *table(figures), "",
        f"Medians of {' or '.join(map(str, rounds))} rounds on {machine}.", "",
        *processor_table(figures), ""]
    if figures.peers(GROWTH):
        lines += [
            "(h) Queues of several sizes, for a next hop that says nothing, while messages for another come in:", "",
            *growth_table(figures), ""]
    lines.append(END)
    with open(path, "w") as file:
        file.write(before + "\n".join(lines) + after)
