"""A real Asterisk, a simulated telephone network and bot agents. It imports nothing of Cadencia."""
