"""Asterisk's AMD(), which runs in the dialplan; here its word is judged."""

from dialer.model.facts import Screened

_MACHINE, _SILENCE = "MACHINE", "INITIALSILENCE"


class AmdScreener:
    """ports.Screener over the result of AMD(): a machine only when it heard one. Unsure means human."""

    def hears_machine(self, screened: Screened) -> bool:
        """Whether a machine was heard. AMD() calls dead air one, too: who answers and waits is a person."""
        return screened.status == _MACHINE and not screened.cause.startswith(_SILENCE)
