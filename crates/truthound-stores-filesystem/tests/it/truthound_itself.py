"""Saves, reads, queries and deletes by Truthound's own store, in a folder that another program uses at the same time.

Usage: truthound_itself.py FOLDER COUNT; reads commands on stdin, one a line, and answers each with a line.
"""

import dataclasses
import sys

from truthound.stores.backends.filesystem import FileSystemStore
from truthound.stores.base import StoreNotFoundError, StoreQuery


def main() -> None:
    store = FileSystemStore(base_path=sys.argv[1])
    template = store.get(sys.argv[2])
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "save":
            # The results FROM to TO; each fifth one twice, with another asset.
            for number in range(int(arguments[0]), int(arguments[1])):
                result = dataclasses.replace(template, run_id=f"python-{number:05}", data_asset="größe")
                store.save(result)
                if number % 5 == 4:
                    store.save(dataclasses.replace(result, data_asset="again"))
            answer = "saved"
        elif command == "delete":
            answer = store.delete(arguments[0])
        elif command == "get":
            try:
                answer = store.get(arguments[0]).data_asset
            except StoreNotFoundError:
                answer = "absent"
        elif command == "rebuild":
            answer = store.rebuild_index()
        elif command == "count":
            # Of an asset.
            answer = len(store.query(StoreQuery(data_asset=arguments[0])))
        else:
            sys.exit(f"what is {command!r}?")
        print(answer, flush=True)


main()
