"""The part of a page that a run writes: between its two markers."""
import os

from .chart import chart
from .goals import GROWTH, SUBJECTS
from .growth import growth_table, growth_verdicts
from .meters import STRANGERS_TOLERATED
from .report import WITHOUT_PROCESSORS, processor_table, table

BEGIN, END = "<!-- begin of what make bench writes -->", "<!-- end of what make bench writes -->"


def warning(figures):
    """Where strangers were busy in most rounds, the figures are no verdict."""
    rows = [row for row in figures.rows if row["letter"] in SUBJECTS and row["letter"] not in WITHOUT_PROCESSORS]
    noisy = sum(row["strangers"] > STRANGERS_TOLERATED for row in rows)
    if noisy * 2 > len(rows):
        yield (f"**Strangers were busy in {noisy} of {len(rows)} measurements: that some goals are missed says little "
               "before it is measured on a quiet machine.**")
        yield ""


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
        f"Medians of {' or '.join(map(str, rounds))} rounds on {machine}; measured on {' and '.join(figures.days())}.", "",
        *processor_table(figures), "", *warning(figures)]
    if figures.peers(GROWTH):
        lines += [
            "(h) Queues of several sizes, for a next hop that says nothing, while messages for another come in; rounds: "
            f"{len(figures.of(GROWTH, 'empty'))}", "",
            *growth_table(figures), "", *growth_verdicts(figures), ""]
    lines.append(END)
    with open(path, "w") as file:
        file.write(before + "\n".join(lines) + after)
