"""Whether an action may run."""
