"""The facts of all domains in the order of their commits: append, follow, timers, jobs."""
