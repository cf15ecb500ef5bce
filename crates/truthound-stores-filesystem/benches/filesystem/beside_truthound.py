"""Does in Truthound what it is told on stdin, one command a line, and answers with seconds or a number on stdout.

Usage: python beside_truthound.py FOLDER; the folder holds `default/validations/*.json`.
"""

import dataclasses
import sys
import time

from truthound.stores.backends.filesystem import FileSystemStore
from truthound.stores.base import StoreQuery


def main() -> None:
    store = FileSystemStore(base_path=sys.argv[1])
    template = None
    saved = 0
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "index":
            answer = store.rebuild_index()
        elif command == "save":
            if template is None:
                template = store.get(store.list_ids(StoreQuery(limit=1))[0])
            saved += 1
            result = dataclasses.replace(template, run_id=f"run_truthound_{saved}")
            start = time.perf_counter()
            store.save(result)
            answer = time.perf_counter() - start
        elif command == "query":
            asset, limit = arguments[0], int(arguments[1])
            start = time.perf_counter()
            found = store.query(StoreQuery(data_asset=asset, limit=limit))
            answer = time.perf_counter() - start
            if len(found) != limit:
                sys.exit(f"found {len(found)} of {limit}")
        elif command == "iterate":
            start = time.perf_counter()
            count = sum(1 for _ in store.iter_query(StoreQuery(), batch_size=1000))
            answer = time.perf_counter() - start
            if count < int(arguments[0]):
                sys.exit(f"found {count} of {arguments[0]}")
        else:
            sys.exit(f"what is {command!r}?")
        print(answer, flush=True)


main()
