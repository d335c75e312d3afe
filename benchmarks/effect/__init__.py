"""How much the product helps a small local model: thirty questions, two loops.

``python -m benchmarks.effect`` asks each question twice, once of the paper's plain loop and
once of ``%%codeact``, with the same local model. The questions, their data and the rules by
which answers are graded were fixed before any model saw a question; half of them are never
looked at while the product is being changed.
"""
