"""A real Asterisk, a simulated telephone network and bot agents. A black box: it imports nothing of Cadencia."""
