"""Learning the answer model from labelled clips, and judging it on voices it has not heard."""
