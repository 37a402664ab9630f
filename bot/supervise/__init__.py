"""What keeps the processes of an installation running, and ends all of them with it."""


class CannotStart(Exception):
    """Why an installation cannot start, in words for whoever started it, with what to do about it."""
