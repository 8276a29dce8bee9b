"""The HTTP API, one module per subject. The contract in words: docs/reference/http.md."""
