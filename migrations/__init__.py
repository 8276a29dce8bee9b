"""Numbered SQL, forward and back; the runner is dialer.store.migrate."""
