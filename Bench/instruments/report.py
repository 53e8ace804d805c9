"""The figures in words: for the terminal, and as the table of a page."""
import os
import platform
import subprocess

from .goals import AT_LEAST, SUBJECTS, reached


WITHOUT_PROCESSORS = "dfg"
"""Letters of what is no rate, or is processor time itself."""


def number(value, digits):
    return f"{value:,.{digits}f}" if value is not None else "–"


def goal_text(goal, unit):
    sign = "≥" if goal.bound == AT_LEAST else "≤"
    if goal.peer is None:
        return f"{sign} {goal.factor:g} {unit}"
    if goal.factor < 0.5:
        return f"{sign} 1/{1 / goal.factor:.0f} {goal.peer}"
    return f"{sign} {goal.factor:g} × {goal.peer}"


def found_text(goal, found):
    if goal.peer is None:
        return ""
    return f"1/{1 / found:.1f}" if goal.factor < 0.5 else f"{found:.2f} ×"


def verdicts(figures, letter):
    """For each goal: what is asked, what was found, and whether it is reached."""
    subject = SUBJECTS[letter]
    for goal in subject.goals:
        found, is_reached = reached(figures, letter, goal)
        if found is None:
            yield f"{goal_text(goal, subject.unit)}: not measured here"
        else:
            words = [found_text(goal, found), "reached" if is_reached else "missed"]
            yield f"{goal_text(goal, subject.unit)}: {', '.join(filter(None, words))}"


def summary(figures, letter):
    """Lines for the terminal."""
    subject = SUBJECTS[letter]
    yield f"({letter}) {subject.title}"
    for peer in figures.peers(letter):
        noisy = figures.noisy(letter, peer)
        rounds = len(figures.of(letter, peer))
        words = [f"  {peer:8} {number(figures.median(letter, peer), subject.digits):>8} {subject.unit}"]
        if letter not in WITHOUT_PROCESSORS:
            words.append("processor ms a message: " + ", ".join(
                f"{who} {figures.processor_ms(letter, peer, who):.3f}" for who in ("server", "generator", "sink")))
            words.append(f"strangers {figures.median(letter, peer, 'strangers'):.0%}")
        if noisy:
            words.append(f"noisy in {noisy} of {rounds} rounds")
        yield ", ".join(words)
    for text in verdicts(figures, letter):
        yield f"  {text}"


def table(figures):
    """The table of all figures, in Markdown."""
    peers = list(dict.fromkeys(peer for letter in figures.letters() for peer in figures.peers(letter)))
    yield f"| | {' | '.join(peers)} | goals |"
    yield f"|---|{'---|' * len(peers)}---|"
    for letter in figures.letters():
        subject = SUBJECTS[letter]
        cells = [number(figures.median(letter, peer), subject.digits) for peer in peers]
        yield (f"| ({letter}) {subject.title}, {subject.unit} | {' | '.join(cells)} | "
               f"{'; '.join(verdicts(figures, letter))} |")


def processor_table(figures):
    """Who used the processors, in Markdown."""
    yield "| | | server, ms a message | generator, ms a message | strangers on the processors | rounds, noisy ones |"
    yield "|---|---|---|---|---|---|"
    for letter in figures.letters():
        if letter in WITHOUT_PROCESSORS:
            continue
        for peer in figures.peers(letter):
            yield (f"| ({letter}) | {peer} | {figures.processor_ms(letter, peer, 'server'):.3f} | "
                   f"{figures.processor_ms(letter, peer, 'generator'):.3f} | "
                   f"{figures.median(letter, peer, 'strangers'):.0%} | "
                   f"{len(figures.of(letter, peer))}, {figures.noisy(letter, peer)} |")


def machine(folder):
    """What it was measured on, without names."""
    with open("/proc/cpuinfo") as file:
        models = {line.split(":", 1)[1].strip() for line in file if line.startswith("model name")}
    filesystem = subprocess.run(
        ["findmnt", "--noheadings", "--output=FSTYPE", "--target", folder], capture_output=True,
        text=True).stdout.strip()
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{os.cpu_count()} processors ({', '.join(sorted(models)) or platform.machine()}), {gibibytes:.0f} GiB of "
            f"memory, Linux {platform.release().split('-')[0]}, queues on {filesystem}")
