"""Write the JSON Schemas of a regulation's files to policies/_schemas/ (a test holds them to the structs)."""

import json
from pathlib import Path

from helpdesk.regulation.telling.schema import schemas

FOLDER = Path(__file__).parents[1] / "policies" / "_schemas"

for name, schema in schemas().items():
    (FOLDER / f"{name}.schema.json").write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", "utf-8")
