"""The worked example that a conversation begins with, unless its profile has none.

Two steps and an answer, as real messages: a model that saw how a reply ends, ends its
own there. With the 1.5B local model, twenty questions on CSV files: none right without
an example, eight with one.
"""

from __future__ import annotations

from dataclasses import dataclass

from codeact_jupyter.types import Reply


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A prompt, what was done for it, and the answer.

    Attributes:
        prompt: The user's words.
        steps: Each reply with an action, and the observation of it.
        answer: The last reply.
    """

    prompt: str
    steps: tuple[tuple[Reply, str], ...]
    answer: Reply


SALES = Example(
    prompt="Which city in sales.csv has the largest total amount of cups, and how much is it?",
    steps=(
        (
            Reply(
                thought="I load the file and look at it.",
                code='import pandas as pd\nsales = pd.read_csv("sales.csv")\n'
                "print(sales.shape)\nprint(sales.head(2))",
            ),
            (
                "Step 1: ok.\n(1204, 3)\n"
                "   city item  amount\n0  Oslo  cup     4.5\n1  Rome  jug    11.0"
            ),
        ),
        (
            Reply(
                thought="These are only the first rows. I take all rows of cups, then the total "
                "of each city, the largest first.",
                code='cups = sales[sales["item"] == "cup"]\n'
                'totals = cups.groupby("city")["amount"].sum()\n'
                "print(totals.sort_values(ascending=False).head(3))",
            ),
            "Step 2: ok.\ncity\nRome    3120.5\nOslo    2907.0\nLima    1188.0",
        ),
    ),
    answer=Reply(answer="Rome has the largest total amount of cups: 3120.5."),
)
