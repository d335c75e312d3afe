"""The one worked example that every conversation begins with.

Two steps and an answer, as real messages: a model that saw how a reply ends, ends its
own there. With the 1.5B local model, twenty questions on CSV files: none right without
an example, eight with one.
"""

from __future__ import annotations

from codeact_jupyter.types import Reply

PROMPT = "Which city in sales.csv has the largest total amount, and how much is it?"
STEPS = (
    (
        Reply(
            thought="I load the file and look at it.",
            code='import pandas as pd\nsales = pd.read_csv("sales.csv")\n'
            "print(sales.shape)\nprint(sales.head(2))",
        ),
        "Step 1: ok.\n(1204, 3)\n   city item  amount\n0  Oslo  cup     4.5\n1  Rome  jug    11.0",
    ),
    (
        Reply(
            thought="Now the total of each city, the largest first.",
            code='totals = sales.groupby("city")["amount"].sum()\n'
            "print(totals.sort_values(ascending=False).head(3))",
        ),
        "Step 2: ok.\ncity\nRome    3120.5\nOslo    2907.0\nLima    1188.0",
    ),
)
ANSWER = Reply(answer="Rome has the largest total amount: 3120.5.")
