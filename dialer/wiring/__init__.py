"""Puts the real parts together, one module for each role, which imports what that role runs and nothing else.

What an import costs is paid at every restart; `tests/unit/dialer/cli/test_imports.py` tells what stays out.
"""
