"""Lines to the other end of a control link, which may be gone at any moment."""

import asyncio

from dialer.call_progress import control

MOST_UNREAD = 1_000_000
"""Bytes that may wait for the other end to read them; one that reads no more is dead."""


def said(writer: asyncio.StreamWriter, words: control.Order | control.Answer) -> bool:
    """Say it; False when the link is gone, or its other end reads no more (then it is ended).

    Writing to a transport that is closed raises with uvloop, and would end whoever only wanted to tell.
    """
    transport = writer.transport
    if transport.is_closing():
        return False
    if transport.get_write_buffer_size() > MOST_UNREAD:
        transport.abort()
        return False
    writer.write(control.line(words))
    return True
