"""What the `cadencia` command does beyond running one role: supervise processes, show the demo."""
