"""What the model sees: prompts, variables, earlier cells, observations."""
