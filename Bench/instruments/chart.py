"""The figures as a picture, in SVG by hand: a panel for each subject, a bar for each server."""
from xml.sax.saxutils import escape

from .goals import SUBJECTS
from .report import number

WIDTH, COLUMNS = 960, 2
MARGIN, LABEL, VALUE, BAR, GAP = 20, 62, 104, 16, 6
HEAD = 44
"""Height of a panel's title."""

STYLE = """
  text { font: 13px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .quiet { fill: #59636e; }
  .ground { fill: #ffffff; }
  .bar { fill: #afb8c1; }
  .own { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .ground { fill: #0d1117; }
    .bar { fill: #57606a; }
    .own { fill: #4493f8; }
  }
"""


def panel(figures, letter, x, y, width):
    subject = SUBJECTS[letter]
    peers = figures.peers(letter)
    values = {peer: figures.median(letter, peer) for peer in peers}
    longest = max(values.values())
    room = width - LABEL - VALUE
    better = "more is better" if subject.more_is_better else "less is better"
    yield f'<text class="title" x="{x}" y="{y + 14}">({letter}) {escape(subject.title)}</text>'
    yield f'<text class="quiet" x="{x}" y="{y + 31}">{escape(subject.unit)}, {better}</text>'
    for row, peer in enumerate(peers):
        top = y + HEAD + row * (BAR + GAP)
        length = max(2, room * values[peer] / longest)
        yield f'<text x="{x}" y="{top + 13}">{escape(peer)}</text>'
        yield (f'<rect class="{"own" if peer == "Postern" else "bar"}" x="{x + LABEL}" y="{top}" '
               f'width="{length:.1f}" height="{BAR}" rx="2"/>')
        yield (f'<text class="quiet" x="{x + LABEL + length + 6:.1f}" y="{top + 13}">'
               f'{number(values[peer], subject.digits)}</text>')


def chart(figures):
    letters = figures.letters()
    rows = [letters[start:start + COLUMNS] for start in range(0, len(letters), COLUMNS)]
    width = (WIDTH - MARGIN * (COLUMNS + 1)) / COLUMNS
    parts, y = [], MARGIN
    for row in rows:
        for column, letter in enumerate(row):
            parts += panel(figures, letter, MARGIN + column * (width + MARGIN), y, width)
        y += HEAD + max(len(figures.peers(letter)) for letter in row) * (BAR + GAP) + MARGIN
    words = "; ".join(
        f"({letter}) " + ", ".join(
            f"{peer} {number(figures.median(letter, peer), SUBJECTS[letter].digits)}" for peer in figures.peers(letter))
        + f" {SUBJECTS[letter].unit}" for letter in letters)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img">',
        f"<title>Postern beside others</title><desc>{escape(words)}</desc>", f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{y}"/>', *parts, "</svg>", ""])
