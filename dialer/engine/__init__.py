"""The single writer of live calls: inputs → decisions → one commit → effects, turn after turn."""
