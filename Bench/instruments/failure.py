class Failure(Exception):
    """There is no figure, and this is why."""
