"""What ran and what was said, and the notebook made of it."""
