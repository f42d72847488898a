"""The lesson: steps with one idea each, a question to predict, and the answer with its working."""
