"""Names of sound files that people may choose, and the one folder in which they are."""

import re
from posixpath import join, normpath

FOLDER = "/var/lib/asterisk/sounds"
"""Where a stock Asterisk has its sounds."""
NAME = re.compile(r"/?[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}){0,9}")
"""Of a message, without its ending: nothing in it begins with a dot, so nothing leads upwards."""


def sound_in(folder: str, name: str) -> str | None:
    """Absolute path of a message, which may be told by it, too; None when it is none of the folder."""
    if not name:
        return ""
    if not NAME.fullmatch(name):
        return None
    root, path = normpath(folder), normpath(join(folder, name))
    return path if path.startswith(root.rstrip("/") + "/") else None
