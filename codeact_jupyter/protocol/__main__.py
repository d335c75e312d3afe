"""Print the schema: ``python -m codeact_jupyter.protocol``; TypeScript is made from it."""

import json
import sys

from codeact_jupyter.protocol import schema

sys.stdout.write(json.dumps(schema(), indent=1) + "\n")
