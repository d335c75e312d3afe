"""The language models: any OpenAI-compatible endpoint, and the local one."""
