"""From the audio the PBX captured to an archived recording that consoles can play."""
