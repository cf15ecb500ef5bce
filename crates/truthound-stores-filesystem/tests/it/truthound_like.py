"""Writes results into a folder the way Truthound does: each file opened and written in place, nothing synced, the index rewritten.

Usage: truthound_like.py FOLDER COUNT
"""

import json
import sys
from pathlib import Path


def write(path, value):
    # In place: for a moment, the file is empty or half there.
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=2)


folder, count = Path(sys.argv[1]), int(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
index = {}
for number in range(count):
    run_id = f"python-{number:05}"
    result = {
        "run_id": run_id,
        "run_time": f"2026-01-02T00:00:{number % 60:02}.000001",
        "data_asset": "größe",
        "status": "failure" if number % 3 == 0 else "success",
        "tags": {"number": str(number)},
        "results": [{"validator_name": "null", "success": True, "details": "x" * (number * 37 % 5000)}],
        "suite_name": None,
    }
    write(folder / f"{run_id}.json", result)
    if number % 5 == 4:
        # A result that is saved again.
        write(folder / f"{run_id}.json", result | {"status": "warning"})
    index[run_id] = {"data_asset": result["data_asset"], "file": f"{run_id}.json"}
    write(folder / "_index.json", index)
print("done")
