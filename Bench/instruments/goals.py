"""Figures, what they should be, and what they are by turns and in the middle."""
import datetime
import statistics
from collections import namedtuple

from .meters import STRANGERS_TOLERATED

Figure = namedtuple("Figure", "letter value usage messages")

Goal = namedtuple("Goal", "bound factor peer")
"""At least or at most so many times that peer's figure; of a figure itself where there is no peer."""

Subject = namedtuple("Subject", "title unit digits more_is_better goals")

AT_LEAST, AT_MOST = "at least", "at most"

SUBJECTS = {
    "a": Subject("accepted and synced: 16 connections, 4 KiB", "messages/s", 0, True, [
        Goal(AT_LEAST, 7, "Postfix"), Goal(AT_LEAST, 0.9, "ideal")]),
    "b": Subject("a new connection with certificate for each message", "messages/s", 0, True, [
        Goal(AT_LEAST, 2.5, "Postfix"), Goal(AT_LEAST, 0.9, "ideal")]),
    "c": Subject("messages of 1 MiB, 8 connections", "MB/s", 0, True, [
        Goal(AT_LEAST, 2.5, "Postfix"), Goal(AT_LEAST, 0.9, "ideal")]),
    "d": Subject("memory of an idle connection that has sent a message", "KiB", 1, False, [Goal(AT_MOST, 34, None)]),
    "e": Subject("5,000 messages through to a next hop", "messages/s", 0, True, [Goal(AT_LEAST, 4, "Postfix")]),
    "f": Subject("start to the first 220", "s", 3, False, [Goal(AT_MOST, 0.1, None)]),
    "g": Subject("processor time for a message of (a)", "ms", 3, False, [
        Goal(AT_MOST, 1.3, "ideal"), Goal(AT_MOST, 1 / 12, "Postfix")]),
}


ORDER = ["Postern", "Postfix", "Exim", "ideal"]

GROWTH = "h"
"""Measured where it is named: filling a queue of a million messages takes a while."""


class Figures:
    """All figures of a run; they can be written to a file, and read again."""

    def __init__(self, rows=()):
        self.rows = list(rows)

    def add(self, peer, number, figure):
        self.rows.append({
            "letter": figure.letter, "peer": peer, "round": number, "value": figure.value, "messages": figure.messages,
            "day": datetime.date.today().isoformat(), **figure.usage._asdict()})

    def replace(self, other):
        """Takes the other's figures for each letter and server that it has."""
        measured = {(row["letter"], row["peer"]) for row in other.rows}
        self.rows = [row for row in self.rows if (row["letter"], row["peer"]) not in measured] + other.rows

    def days(self):
        """The days on which there was measuring."""
        return sorted({row["day"] for row in self.rows})

    def letters(self):
        """Of the subjects, without growth."""
        return [letter for letter in SUBJECTS if self.peers(letter)]

    def peers(self, letter):
        """Postern first, then in the order of their measuring."""
        found = dict.fromkeys(row["peer"] for row in self.rows if row["letter"] == letter)
        return sorted(found, key=lambda peer: ORDER.index(peer) if peer in ORDER else len(ORDER))

    def of(self, letter, peer):
        """By round."""
        return {row["round"]: row for row in self.rows if (row["letter"], row["peer"]) == (letter, peer)}

    def median(self, letter, peer, key="value"):
        found = [row[key] for row in self.of(letter, peer).values()]
        return statistics.median(found) if found else None

    def processor_ms(self, letter, peer, who):
        """The median of what the server or the generator has used for a message."""
        return statistics.median(
            row[who] * 1_000 / row["messages"] for row in self.of(letter, peer).values())

    def noisy(self, letter, peer):
        """How many of its rounds had strangers on the processors."""
        return sum(row["strangers"] > STRANGERS_TOLERATED for row in self.of(letter, peer).values())

    def ratio(self, letter, peer, base):
        """The median of the rounds' ratios."""
        bases = self.of(letter, base)
        rows = self.of(letter, peer)
        found = [rows[number]["value"] / bases[number]["value"] for number in rows if number in bases]
        return statistics.median(found) if found else None


def reached(figures, letter, goal, peer="Postern"):
    """The ratio or the figure, and whether it is what it should be; None where there is nothing to compare with."""
    found = figures.ratio(letter, peer, goal.peer) if goal.peer else figures.median(letter, peer)
    if found is None:
        return None, None
    return found, found >= goal.factor if goal.bound == AT_LEAST else found <= goal.factor
