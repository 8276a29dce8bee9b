"""Tones of the networks: frequencies in hertz, cadences in milliseconds.

Sources: Asterisk's indications.conf.sample, ITU-T E.180 supplement 2; special information tones by
Telcordia GR-674 and ITU-T E.180; fax by ITU-T T.30.
"""

from dataclasses import dataclass

from dialer.call_progress.heard import ToneName


@dataclass(frozen=True, slots=True)
class Cadence:
    """A tone that comes and goes."""

    name: ToneName
    countries: tuple[str, ...]
    frequencies: tuple[float, ...]
    """One, or two at once."""
    steps: tuple[int, ...]
    """On, off, on, off… and again."""


_B, _C, _R = ToneName.BUSY, ToneName.CONGESTION, ToneName.RINGBACK

CADENCES: tuple[Cadence, ...] = (
    Cadence(_B, ("ES",), (425,), (200, 200)),
    Cadence(_B, ("MX", "BR", "PE", "EC"), (425,), (250, 250)),
    Cadence(_B, ("CO", "CR", "GT", "DO"), (425,), (330, 330)),
    Cadence(_B, ("CL",), (400,), (500, 500)),
    Cadence(_B, ("AR",), (425,), (300, 200)),
    Cadence(_B, ("VE", "IT", "PT", "UY", "PY"), (425,), (500, 500)),
    Cadence(_B, ("US", "CO"), (480, 620), (500, 500)),
    Cadence(_B, ("PA",), (425,), (320, 320)),
    Cadence(_B, ("UK",), (400,), (375, 375)),
    Cadence(_B, ("DE",), (425,), (480, 480)),
    Cadence(_B, ("FR",), (440,), (500, 500)),
    Cadence(_C, ("ES",), (425,), (200, 200, 200, 200, 200, 600)),
    Cadence(_C, ("MX", "VE", "CO"), (425,), (250, 250)),
    Cadence(_C, ("BR",), (425,), (250, 250, 750, 250)),
    Cadence(_C, ("CL",), (400,), (200, 200)),
    Cadence(_C, ("AR",), (425,), (330, 400)),
    Cadence(_C, ("IT", "PT"), (425,), (200, 200)),
    Cadence(_C, ("US",), (480, 620), (250, 250)),
    Cadence(_C, ("UK",), (400,), (400, 350, 225, 525)),
    Cadence(_C, ("DE",), (425,), (240, 240)),
    Cadence(_C, ("FR",), (440,), (250, 250)),
    Cadence(_R, ("ES", "PE"), (425,), (1500, 3000)),
    Cadence(_R, ("MX", "BR", "AR", "CO", "VE", "DE", "IT"), (425,), (1000, 4000)),
    Cadence(_R, ("CL",), (400,), (1000, 3000)),
    Cadence(_R, ("US", "PA"), (440, 480), (2000, 4000)),
    Cadence(_R, ("UK",), (400, 450), (400, 200, 400, 2000)),
    Cadence(_R, ("FR",), (440,), (1500, 3500)),
    Cadence(ToneName.INFO, ("ES",), (950,), (330, 1000)),
)
"""Where busy of one country is congestion of another, busy is named first, and both mean: try again soon."""

STEADY: tuple[Cadence, ...] = (
    Cadence(ToneName.DIAL, ("ES", "MX", "CO", "AR", "BR", "DE", "IT"), (425,), ()),
    Cadence(ToneName.UNOBTAINABLE, ("UK",), (400,), ()),
    Cadence(ToneName.DIAL, ("US",), (350, 440), ()),
    Cadence(ToneName.DIAL, ("UK",), (350, 450), ()),
    Cadence(ToneName.DIAL, ("FR",), (440,), ()),
)
STEADY_AFTER = 2500
"""Milliseconds without a pause after which a tone is steady: longer than any ring."""

SIT: dict[ToneName, tuple[float, float, float]] = {
    ToneName.SIT: (950.0, 1400.0, 1800.0),
    ToneName.SIT_IC: (913.8, 1370.6, 1776.7),
    ToneName.SIT_VC: (985.2, 1370.6, 1776.7),
    ToneName.SIT_RO: (913.8, 1428.5, 1776.7),
    ToneName.SIT_NC: (985.2, 1428.5, 1776.7),
}
"""Three tones one after the other, 276 to 380 ms each."""
SIT_SHORTEST, SIT_LONGEST, SIT_GAP = 180, 480, 140

INFO, INFO_SHORTEST, INFO_LONGEST = 950.0, 280, 380
"""Spain's information tone, which some networks play once before an announcement."""

CED, CED_AFTER = (2100.0, 2225.0), 500
"""Answering tones of fax and of modems; milliseconds after which they are certain."""
CNG, CNG_SHORTEST, CNG_LONGEST = 1100.0, 400, 600
BEEP_LOWEST, BEEP_HIGHEST = 400.0, 2050.0
BEEP_SHORTEST, BEEP_LONGEST = 120, 1100
