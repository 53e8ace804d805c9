"""The pages of docs/: what a test takes from a page is what the page says, so that the page cannot drift."""
import os
import re

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")


class Page:
    """The blocks of code of a page, each known by its first line, a comment."""

    def __init__(self, name):
        self.name = name
        with open(os.path.join(FOLDER, f"{name}.md")) as file:
            blocks = re.findall(r"^```[a-z]*\n(# .*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
        self._blocks = {block.split("\n", 1)[0].removeprefix("# "): block for block in blocks}
        self._taken = set()

    def block(self, first_line):
        """The whole block. Fails if the page has none that begins so."""
        if first_line not in self._blocks:
            raise LookupError(f"docs/{self.name}.md has no block '# {first_line}', but {sorted(self._blocks)}")
        self._taken.add(first_line)
        return self._blocks[first_line]

    @property
    def untried(self):
        """The blocks that the test has not taken."""
        return sorted(set(self._blocks) - self._taken)
