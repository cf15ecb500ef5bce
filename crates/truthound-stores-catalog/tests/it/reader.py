"""A reader of the catalog, written from docs/catalog-format.md and nothing else.

It reads a bucket that was copied into a folder: objects/{name} is an object's content, and metadata/{name} its user metadata as JSON. It needs
pyarrow for segments, and is made to be held against the page, not to be fast. Names that begin a line of a comment are sections of the page.

    reader.py list BUCKET COLLECTION [TAIL]     all documents as JSON; TAIL is a bucket whose tail was listed before
    reader.py past BUCKET COLLECTION GENERATION all documents as of a generation
    reader.py get BUCKET COLLECTION             reads ids as a JSON list, and prints what is under each
    reader.py foreign ETAG SECONDS              names the state of an object that another program wrote
    reader.py page PAGE                         checks the examples of the page
    reader.py sql PAGE BUCKET COLLECTION        runs the query of the page with DuckDB
"""

import base64
import gzip
import io
import json
import os
import re
import struct
import sys
import urllib.parse

MASK = (1 << 64) - 1
COUNTS = (
    "total_validators passed_validators failed_validators error_validators total_rows total_columns total_issues "
    "critical_issues high_issues medium_issues low_issues"
).split()


class Corrupt(Exception):
    """Something is not what was written."""


class Unsupported(Exception):
    """A later program wrote this."""


class Gone(Exception):
    """An object that the root names is missing."""


def check(condition, what):
    if not condition:
        raise Corrupt(what)


# ---- BLAKE3 (https://github.com/BLAKE3-team/BLAKE3-specs), for plain hashes of 32 bytes. ----

IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
ORDER = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
LANES = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))
START, END, PARENT, ROOT = 1, 2, 4, 8


def compress(chain, block, counter, length, flags):
    m = struct.unpack("<16I", block.ljust(64, b"\0"))
    v = list(chain) + list(IV[:4]) + [counter & 0xFFFFFFFF, counter >> 32, length, flags]
    for turn in range(7):
        for at, (a, b, c, d) in enumerate(LANES):
            va, vb, vc, vd = v[a], v[b], v[c], v[d]
            va = (va + vb + m[2 * at]) & 0xFFFFFFFF
            vd ^= va
            vd = (vd >> 16 | vd << 16) & 0xFFFFFFFF
            vc = (vc + vd) & 0xFFFFFFFF
            vb ^= vc
            vb = (vb >> 12 | vb << 20) & 0xFFFFFFFF
            va = (va + vb + m[2 * at + 1]) & 0xFFFFFFFF
            vd ^= va
            vd = (vd >> 8 | vd << 24) & 0xFFFFFFFF
            vc = (vc + vd) & 0xFFFFFFFF
            vb ^= vc
            v[a], v[b], v[c], v[d] = va, (vb >> 7 | vb << 25) & 0xFFFFFFFF, vc, vd
        if turn < 6:
            m = [m[at] for at in ORDER]
    return [v[at] ^ v[at + 8] for at in range(8)]


def blake3(data):
    def chunk(at, root):
        chain, piece = IV, data[1024 * at : 1024 * at + 1024]
        blocks = [piece[start : start + 64] for start in range(0, len(piece), 64)] or [b""]
        for number, block in enumerate(blocks):
            last = number == len(blocks) - 1
            flags = (START if number == 0 else 0) | (END | root if last else 0)
            chain = compress(chain, block, at, len(block), flags)
        return chain

    def tree(first, count, root):
        if count == 1:
            return chunk(first, root)
        left = 1 << ((count - 1).bit_length() - 1)
        both = tree(first, left, 0) + tree(first + left, count - left, 0)
        return compress(IV, struct.pack("<16I", *both), 0, 64, PARENT | root)

    return struct.pack("<8I", *tree(0, max(1, -(-len(data) // 1024)), ROOT))


# ---- Words ----

BASE32 = "0123456789abcdefghijklmnopqrstuv"


def from_base64(text):
    check(re.fullmatch(r"[A-Za-z0-9_-]*", text) and len(text) % 4 != 1, "no base64")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    check(base64.urlsafe_b64encode(data).decode().rstrip("=") == text, "base64 with bits behind its end")
    return data


# ---- Numbers and texts as bytes ----


class Unpack:
    def __init__(self, data):
        self.data, self.at = data, 0

    def raw(self, length):
        check(length <= len(self.data) - self.at, "packed bytes end too early")
        self.at += length
        return self.data[self.at - length : self.at]

    def byte(self):
        return self.raw(1)[0]

    def number(self):
        number = shift = 0
        while True:
            byte = self.byte()
            check(shift == 0 or byte != 0, "a number that is too long")
            number |= (byte & 0x7F) << shift
            check(number <= MASK, "a number beyond 64 bits")
            if byte < 0x80:
                return number
            shift += 7

    def signed(self):
        number = self.number()
        return number >> 1 if number & 1 == 0 else -(number >> 1) - 1

    def text(self):
        return self.raw(self.number()).decode("utf-8")

    def float(self):
        return struct.unpack(">d", self.raw(8))[0]

    def end(self):
        check(self.at == len(self.data), "packed bytes go on after their end")


# ---- Revisions ----


def incarnation_of(hlc, age, chance):
    return ((hlc - age) << 16 | chance) & MASK


def revision(incarnation, hlc):
    return f"{incarnation:016x}-{hlc:x}"


def foreign_revision(e_tag, seconds):
    """Names the state of an object that another program wrote."""
    start = int.from_bytes(blake3(f"{seconds} {e_tag.removeprefix('W/').strip(chr(34))}".encode())[:8], "big")
    hlc = seconds * 1_000_000
    return revision(incarnation_of(hlc, -((start & 0xFFFFFFFF) % 1_000_000), start >> 48), hlc)


# ---- Rows ----

STATUSES = ["", "success", "failure", "error", "warning"]


def unpack_row(data):
    unpack = Unpack(data)
    layout = unpack.byte()
    if layout != 1:
        raise Unsupported(f"a row of layout {layout}")
    flags = unpack.byte()
    row = {"id": unpack.text(), "op": "delete" if flags & 32 else "put", "hlc": unpack.number()}
    age = unpack.signed()
    row["incarnation"] = incarnation_of(row["hlc"], age, int.from_bytes(unpack.raw(2), "big"))
    if flags & 1:
        unpack_before(unpack, row)
        if not flags & 2:
            row["before"] += [unpack.text(), unpack.signed()]
    if row["op"] == "put":
        row["data_asset"] = unpack.text()
        row["run_time"] = unpack.signed()
        status = unpack.byte()
        check(status < len(STATUSES) or status == 255, "a status without a word")
        row["status"] = unpack.text() if status == 255 else STATUSES[status]
        row["suite_name"] = unpack.text() if flags & 4 else None
        row["tags"] = unpack_pairs(unpack) if flags & 8 else {}
        row["ext"] = unpack_pairs(unpack) if flags & 16 else {}
        present = unpack.number()
        row["counts"] = [unpack.number() if present >> bit & 1 else 0 for bit in range(11)]
        row["ms"] = unpack.float() if present >> 11 & 1 else 0.0
        row["suffix"] = unpack.text()
        row["size"] = unpack.number()
        row["checksum"] = unpack.raw(8).hex()
        if flags & 2:
            row["before"] += [row["data_asset"], row["run_time"]]
    unpack.end()
    return row


def unpack_before(unpack, row):
    incarnation = row["incarnation"] ^ unpack.number()
    row["before"] = [incarnation, (row["hlc"] - unpack.signed()) & MASK]


def unpack_pairs(unpack):
    pairs = {}
    for _ in range(unpack.number()):
        name = unpack.text()
        pairs[name] = unpack.text()
    return pairs


# ---- Tail ----


def tail_name(name):
    """Reads the name of a tail object: unique part, kind, row. None for any other object."""
    match = re.fullmatch(r"([0-9a-v]{27})-[0-9a-v]{6}~(b|[pd].*)", name.replace("/", ""))
    if match is None:
        return None
    unique, kind = match.group(1), match.group(2)[0]
    if kind == "b":
        return unique, kind, None
    row = unpack_row(from_base64(match.group(2)[1:]))
    # Both are said twice; held against each other, for this reader checks the page.
    time = sum(BASE32.index(digit) * 32**at for at, digit in enumerate(reversed(unique[:13])))
    chance = sum(BASE32.index(digit) * 32**at for at, digit in enumerate(reversed(unique[13:])))
    check(time == row["hlc"] and row["op"][0] == kind, "a name that contradicts its row")
    named = f"{revision(row['incarnation'], row['hlc'])} {row['id']}".encode()
    check(chance == int.from_bytes(blake3(named)[:8], "big"), "a name that is another row's")
    return unique, kind, row


def tail_body(data):
    check(len(data) > 8 and blake3(data[:-8])[:8] == data[-8:], "a tail object is not what was written")
    unpack = Unpack(data[:-8])
    rows = [unpack_row(unpack.raw(unpack.number())) for _ in range(unpack.number())]
    unpack.end()
    return rows


# ---- Root ----


def parse_root(data):
    line, _, text = data.partition(b"\n")
    words = line.decode().split(" ")
    check(len(words) == 3 and words[0] == "truthound-catalog", "no root")
    layout = int(words[1])
    check(blake3(layout.to_bytes(4, "big") + text).hex() == words[2], "the root is not what was written")
    if layout > 1:
        raise Unsupported(f"a root of layout {layout}")
    root = json.loads(text)
    if root["min_reader"] > 1:
        raise Unsupported(f"a root for readers of format {root['min_reader']}")
    for segment in root["segments"]:
        segment["stats"] = unpack_stats(from_base64(segment["stats"]))
    return root


def unpack_stats(data):
    unpack = Unpack(data)
    layout = unpack.byte()
    if layout != 1:
        raise Unsupported(f"a segment of layout {layout}")
    stats = {"puts": unpack.number(), "deletes": unpack.number()}
    stats["run_times"] = [unpack.signed(), unpack.signed()]
    stats["ids"] = [unpack.text(), unpack.text()]
    stats["data_assets"] = [unpack.text(), unpack.text()]
    assets = unpack.number()
    stats["assets"] = [unpack.text() for _ in range(assets - 1)] if assets else unpack.raw(1024)
    stats["gens"] = [unpack.number(), unpack.number()]
    for name in ["highest_hlc", "bytes", "filters", "tail", "length"]:
        stats[name] = unpack.number()
    stats["counts"] = [unpack.number() for _ in COUNTS]
    stats["ms"] = unpack.float()
    stats["hash"], stats["tail_hash"] = unpack.raw(32), unpack.raw(32)
    return stats


# ---- Kill files ----


def kill_file(data):
    unpack = Unpack(data)
    layout = unpack.byte()
    if layout != 1:
        raise Unsupported(f"a kill file of layout {layout}")
    kills = {}
    for _ in range(unpack.number()):
        name = unpack.text()
        kills[name] = kill_list(unpack.raw(unpack.number()))
    unpack.end()
    return kills


def kill_list(data):
    check(len(data) > 8 and blake3(data[:-8])[:8] == data[-8:], "a kill list is not what was written")
    unpack = Unpack(data[:-8])
    layout = unpack.byte()
    if layout != 1:
        raise Unsupported(f"a kill list of layout {layout}")
    positions, following = [], 0
    for _ in range(unpack.number()):
        positions.append(following + unpack.number())
        following = positions[-1] + 1
    unpack.end()
    return positions


# ---- Segments ----


def segment_rows(data, stats):
    import pyarrow.parquet

    check(len(data) == stats["length"] and blake3(data) == stats["hash"], "a segment is not what was written")
    check(blake3(data[stats["tail"] :]) == stats["tail_hash"], "the tail of a segment is not what was written")
    blocks = [data[at : min(at + 4096, stats["tail"])] for at in range(0, stats["tail"], 4096)]
    checks = b"".join(blake3(block)[:8] for block in blocks)
    check(data[stats["tail"] :].startswith(checks), "the checks of a segment are not those of its blocks")

    file = pyarrow.parquet.ParquetFile(io.BytesIO(data), page_checksum_verification=True)
    table = file.read()

    def column(name):
        values = table.column(name)
        if name in ("run_time", "saved_at", "arrived"):
            values = values.cast("int64")
        return values.to_pylist()

    columns = {name: column(name) for name in table.column_names}
    rows = []
    for at in range(table.num_rows):
        get = lambda name: columns[name][at]
        row = {name: get(name) for name in ["id", "op", "data_asset", "run_time", "status", "suite_name", "suffix", "size"]}
        row["hlc"] = get("saved_at") & MASK
        row["incarnation"] = incarnation_of(row["hlc"], get("age"), int.from_bytes(get("chance"), "big"))
        row["tags"], row["ext"] = json.loads(get("tags")), json.loads(get("ext") or "{}")
        row["counts"] = [get(name) for name in COUNTS]
        exact = get("execution_time_exact")
        row["ms"] = int(get("execution_time_ms").scaleb(3)) / 1000 if exact is None else exact
        row["checksum"], row["gen"], row["arrived"] = get("checksum").hex(), get("gen"), get("arrived")
        if get("before") is not None:
            unpack = Unpack(get("before"))
            unpack_before(unpack, row)
            time = unpack.signed()
            row["before"] += [unpack.text(), time]
            unpack.end()
        rows.append(row)
    bands = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    check_stats(stats, rows, bands, data)
    return rows


def check_stats(stats, rows, bands, data):
    """Holds what the root says of a segment against its rows, for this reader checks the page."""
    puts = [row for row in rows if row["op"] == "put"]
    bounds = lambda name: [min(row[name] for row in rows), max(row[name] for row in rows)]
    check([stats["puts"], stats["deletes"]] == [len(puts), len(rows) - len(puts)], "stats: puts and deletes")
    check(stats["run_times"] == bounds("run_time"), "stats: run_times")
    check(stats["ids"] == bounds("id"), "stats: ids")
    check(stats["data_assets"] == bounds("data_asset"), "stats: data_assets")
    check(stats["gens"] == bounds("gen"), "stats: gens")
    check(stats["highest_hlc"] == bounds("hlc")[1], "stats: highest_hlc")
    check(stats["bytes"] == sum(row["size"] for row in puts), "stats: bytes")
    totals = [min(sum(row["counts"][at] for row in puts), MASK) for at in range(11)]
    check(stats["counts"] == totals, "stats: totals")
    spent = sum(row["ms"] for row in puts)
    check(spent != spent or abs(stats["ms"] - spent) <= abs(spent) * 1e-9, "stats: execution_time_ms")
    assets = {row["data_asset"] for row in rows}
    if isinstance(stats["assets"], list):
        check(set(stats["assets"]) == assets, "stats: assets")
    else:
        check(all(asset_may_be(stats["assets"], asset) for asset in assets), "stats: the filter of assets")
        foreign = [asset_may_be(stats["assets"], f"no asset {number}") for number in range(1000)]
        check(sum(foreign) < 500, "stats: the filter of assets lets everything pass")
    deletes = [row for row in rows if row["op"] == "delete"]
    check(all(row["arrived"] > 0 and not any(row["counts"]) and row["size"] == 0 for row in deletes), "deletes")
    check(all(row["arrived"] == 0 for row in puts), "puts have not arrived")
    if stats["filters"] == stats["tail"]:
        return
    at, first = stats["filters"], 0
    for band in bands:
        length = max(32, 1 << (band - 1).bit_length())
        bits = data[at : at + length]
        check(all(id_may_be(bits, row["id"]) for row in rows[first : first + band]), "a filter of ids")
        foreign = [id_may_be(bits, f"no id {number}") for number in range(100)]
        check(sum(foreign) < 50, "a filter of ids lets everything pass")
        at, first = at + length, first + band
    check(at == stats["tail"], "filters do not end where the tail begins")


def asset_may_be(bits, asset):
    numbers = [number % 8192 for number in struct.unpack(">5H", blake3(asset.encode())[:10])]
    return all(bits[number // 8] >> (number % 8) & 1 for number in numbers)


SALTS = (0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D, 0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31)


def id_may_be(bits, text):
    """Asks a split block Bloom filter (https://github.com/apache/parquet-format/blob/master/BloomFilter.md)."""
    number = xxh64(text.encode())
    block = (number >> 32) * (len(bits) // 32) >> 32
    words = struct.unpack_from("<8I", bits, 32 * block)
    low = number & 0xFFFFFFFF
    return all(word >> ((low * salt & 0xFFFFFFFF) >> 27) & 1 for word, salt in zip(words, SALTS))


def xxh64(data):
    """XXH64 with seed 0 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md)."""
    p1, p2, p3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
    p4, p5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
    rotate = lambda value, by: (value << by | value >> (64 - by)) & MASK
    turn = lambda lane, value: rotate((lane + value * p2) & MASK, 31) * p1 & MASK
    at = 0
    if len(data) >= 32:
        lanes = [(p1 + p2) & MASK, p2, 0, -p1 & MASK]
        while at + 32 <= len(data):
            lanes = [turn(lane, value) for lane, value in zip(lanes, struct.unpack_from("<4Q", data, at))]
            at += 32
        number = sum(rotate(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            number = ((number ^ turn(0, lane)) * p1 + p4) & MASK
    else:
        number = p5
    number = (number + len(data)) & MASK
    while at + 8 <= len(data):
        number ^= turn(0, struct.unpack_from("<Q", data, at)[0])
        number = (rotate(number, 27) * p1 + p4) & MASK
        at += 8
    if at + 4 <= len(data):
        number ^= struct.unpack_from("<I", data, at)[0] * p1 & MASK
        number = (rotate(number, 23) * p2 + p3) & MASK
        at += 4
    for byte in data[at:]:
        number = rotate(number ^ byte * p5 & MASK, 11) * p1 & MASK
    number = (number ^ number >> 33) * p2 & MASK
    number = (number ^ number >> 29) * p3 & MASK
    return number ^ number >> 32


# ---- Where things are ----


class Bucket:
    def __init__(self, folder, collection):
        self.folder, self.base = folder, f"{collection}/"

    def names(self, prefix):
        top = os.path.join(self.folder, "objects", self.base + prefix)
        for folder, _, files in os.walk(top):
            for file in files:
                yield os.path.relpath(os.path.join(folder, file), top).replace(os.sep, "/")

    def get(self, name):
        try:
            with open(os.path.join(self.folder, "objects", self.base + name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def metadata(self, name):
        with open(os.path.join(self.folder, "metadata", self.base + name), encoding="utf-8") as file:
            return {name: value.strip() for name, value in json.load(file).items()}

    def segment_file(self, name):
        data = self.get("_catalog/segments/" + name)
        if data is None:
            raise Gone(name)
        return data


def stem(text, folds_case):
    letters = "a-z" if folds_case else "A-Za-z"
    reserved = re.fullmatch(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", text.split(".")[0].lower())
    plain = re.fullmatch(rf"[{letters}0-9._-]{{1,180}}", text)
    if plain and text[0] not in "_." and text[-1] != "." and not reserved:
        return text
    readable = re.sub(r"[^A-Za-z0-9._-]", "-", text[:80])
    if folds_case:
        readable = "".join(char.lower() if "A" <= char <= "Z" else char for char in readable)
    return f"~{readable}~{blake3(text.encode()).hex()[:32]}"


# ---- How to read: listing ----


def segments_of(bucket, root):
    """All rows of the segments of a root, with whether the root has ended them."""
    for segment in root["segments"]:
        ended = set()
        if "kill" in segment:
            data = bucket.segment_file(segment["kill"]["name"])
            check(blake3(data).hex() == segment["kill"]["hash"], "a kill file is not what was written")
            kills = kill_file(data)
            check(segment["name"] in kills, "a kill file does not tell of its segment")
            ended = set(kills[segment["name"]])
            check(len(ended) == segment["kill"]["ended"], "a kill file has another number of positions")
        rows = segment_rows(bucket.segment_file(segment["name"]), segment["stats"])
        for position, row in enumerate(rows):
            yield row, position in ended


def listing(bucket, tail):
    # 1 and 2.
    listed = []
    for name in sorted(tail.names("_catalog/tail/")):
        read = tail_name(name)
        if read is not None:
            unique, kind, row = read
            data = tail.get("_catalog/tail/" + name)
            check(kind == "b" or data == b"", "a tail object with its row in its name has content")
            listed.append((unique, tail_body(data) if kind == "b" else [row]))
    # 3.
    data = bucket.get("_catalog/root")
    root = parse_root(data) if data is not None else {"segments": [], "pending": [], "watermark": 0}
    # 5.
    pending = set(root["pending"])
    rows = [row for unique, rows in listed if unique not in pending for row in rows]
    # 6.
    folded, highest = list(segments_of(bucket, root)), {}
    for row, _ in folded:
        name = row["id"], row["incarnation"]
        highest[name] = max(highest.get(name, 0), row["hlc"])
        check(row["hlc"] <= root["watermark"], "a row above the watermark")
    known = lambda row: row["hlc"] <= root["watermark"] and highest.get((row["id"], row["incarnation"]), -1) >= row["hlc"]
    # 7.
    news = {}
    for row in rows:
        name = row["id"], row["incarnation"]
        if not known(row) and (name not in news or news[name]["hlc"] < row["hlc"]):
            news[name] = row
    # 8 and 9.
    def counts(row, ended):
        newer = news.get((row["id"], row["incarnation"]))
        return row["op"] == "put" and not ended and (newer is None or newer["hlc"] < row["hlc"])

    live = [row for row, ended in folded if counts(row, ended)]
    return live + [row for row in news.values() if row["op"] == "put"]


def past(bucket, generation):
    current = parse_root(bucket.get("_catalog/root"))
    if generation == current["gen"]:
        root = current
    else:
        check(generation in current["kept"], "a generation that is not kept")
        root = parse_root(bucket.get(f"_catalog/history/{generation:016x}"))
        check(root["store_id"] == current["store_id"] and root["gen"] == generation, "another root under its name")
    return [row for row, ended in segments_of(bucket, root) if row["op"] == "put" and not ended]


def shown(rows):
    ids = [row["id"] for row in rows]
    check(len(ids) == len(set(ids)), "a document comes twice")
    rows = sorted(rows, key=lambda row: (row["run_time"], row["id"]), reverse=True)
    names = ["id", "run_time", "data_asset", "status", "tags", "suite_name", "ext", "counts", "size", "checksum"]
    return [
        {name: row[name] for name in names}
        | {"revision": revision(row["incarnation"], row["hlc"]), "saved_at": row["hlc"], "ms": struct.pack(">d", row["ms"]).hex()}
        for row in rows
    ]


# ---- How to read: getting a document ----


def document(bucket, root, name):
    """What is under an id: its revision and its text, or None."""
    folds_case = root.get("abilities", {}).get("folds_case", False)
    for suffix in root["suffixes"]:
        object_name = stem(name, folds_case) + suffix
        data = bucket.get(object_name)
        if data is None:
            continue
        metadata = bucket.metadata(object_name)
        if "thclosed" in metadata:
            continue
        if "thdeleted" in metadata:
            check(data.decode() == metadata["threvision"], "a mark is not what was written")
            continue
        return opened(name, object_name, suffix, data, metadata)
    return None


def opened(name, object_name, suffix, data, metadata):
    said = urllib.parse.unquote(metadata["thid"], errors="strict") if "thid" in metadata else None
    check(said == name or said is None and not object_name.startswith("~"), "the object is of another id")
    check(metadata["thdigest"] == blake3(data)[:8].hex(), "the object's bytes are not those that were written")
    spelt = b""
    if "thtrailer" in metadata:
        data, spelt = without_trailer(data, suffix, int(metadata["thtrailer"]))
        check(spelt[:8] == blake3(metadata["threvision"].encode())[:8], "the bytes are those of another revision")
    facts = from_base64(metadata["thfacts"]) if "thfacts" in metadata else spelt[8:]
    text = gzip.decompress(data) if suffix.endswith(".gz") else data
    # Numbers keep their text in the canonical form: those of the tests are told by Python as they came.
    canonical = json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False).encode()
    check(metadata["thchecksum"] == blake3(canonical).hex(), "the document's text has another checksum")
    state = metadata["threvision"].rsplit("-", 1)[0]
    before = [state.split("-") for state in metadata.get("thbefore", "").split(",") if state]
    check(len(before) <= 8 and all(len(state) == 2 for state in before), "predecessors are not what was written")
    return {"revision": state, "text": canonical.decode(), "before": len(before)} | unsaid(facts)


def without_trailer(data, suffix, count):
    plain_length = 1 + 4 * count
    check(suffix in (".json", ".json.gz"), "this reader knows JSON and gzip")
    if suffix == ".json":
        start, around = len(data) - plain_length, None
    else:
        start = len(data) - plain_length - 23
        around = data[start:]
        p = plain_length.to_bytes(2, "little"), (plain_length ^ 0xFFFF).to_bytes(2, "little")
        check(around[:15] == bytes.fromhex("1f8b08000000000000ff01") + p[0] + p[1], "the head of a trailer")
    plain = data[start:] if around is None else around[15:-8]
    check(plain[:1] == b"\n", "a trailer begins with a line feed")
    bits = [b" \t\n\r".index(char) for char in plain[1:]]
    spelt = bytes(sum(two << shift for two, shift in zip(bits[at : at + 4], (6, 4, 2, 0))) for at in range(0, len(bits), 4))
    check(len(spelt) == count, "the length of a trailer")
    return data[:start], spelt


def unsaid(facts):
    """What the text does not say of a document."""
    if not facts:
        return {}
    if facts[0] == 1:
        unpack, ext = Unpack(facts[1:]), {}
        while unpack.at < len(unpack.data):
            name = unpack.text()
            ext[name] = unpack.text()
        return {"ext": ext}
    if facts[0] == 2:
        row = unpack_row(facts[1:])
        return {name: row[name] for name in ["ext", "data_asset", "run_time", "status", "tags"]}
    raise Unsupported(f"facts of form {facts[0]}")


# ---- An example ----


def blocks(page, language):
    with open(page, encoding="utf-8") as file:
        return re.findall(rf"^```{language}\n(.*?)^```$", file.read(), re.M | re.S)


def example(page):
    """Reads what the page shows, by the label that stands before each block."""
    with open(page, encoding="utf-8") as file:
        text = file.read()
    found = dict(re.findall(r"^\*([a-z ]+)\*[^\n]*\n\n```text\n(.*?)\n```$", text, re.M | re.S))
    put = tail_name(found["the name of a put"])[2]
    gone = tail_name(found["the name of a delete"])[2]
    batch = tail_body(bytes.fromhex("".join(found["the content of a batch"].split())))
    root = parse_root(found["a root"].encode())
    kills = kill_file(bytes.fromhex("".join(found["a kill file"].split()))) if "a kill file" in found else {}
    stats = unpack_stats(from_base64("".join(found["what a root says of a segment"].split())))
    stats |= {"hash": stats["hash"].hex(), "tail_hash": stats["tail_hash"].hex()}
    if isinstance(stats["assets"], bytes):
        stats["assets"] = "filter"
    metadata = dict(line.split(": ", 1) for line in found["the metadata of a document"].splitlines())
    data = bytes.fromhex("".join(found["a document"].split()))
    read = opened(put["id"], put["id"] + ".json", ".json", data, metadata)
    check(read["revision"] == revision(put["incarnation"], put["hlc"]), "the example's row is of another revision")
    check(put["size"] == len(data) and put["checksum"] == metadata["thchecksum"][:16], "the example's row is another's")
    check(gone["before"][:2] == [put["incarnation"], put["hlc"]], "the example's delete is another's")
    return {"put": put, "delete": gone, "batch": batch, "root": root, "kills": kills, "stats": stats}


def sql(page, bucket):
    import duckdb

    (query,) = blocks(page, "sql")
    folder = os.path.join(bucket.folder, "objects", bucket.base)
    query = query.replace("'_catalog/", f"'{folder}_catalog/")
    return [[str(value) for value in row] for row in duckdb.sql(query).fetchall()]


def main(command, *arguments):
    check(blake3(b"abc").hex().startswith("6437b3ac38465133"), "this program's own hash is wrong")
    if command == "list":
        bucket = Bucket(arguments[0], arguments[1])
        return shown(listing(bucket, Bucket(arguments[2], arguments[1]) if len(arguments) > 2 else bucket))
    if command == "past":
        return shown(past(Bucket(arguments[0], arguments[1]), int(arguments[2])))
    if command == "get":
        bucket = Bucket(arguments[0], arguments[1])
        root = parse_root(bucket.get("_catalog/root"))
        return [document(bucket, root, name) for name in json.load(sys.stdin)]
    if command == "foreign":
        return foreign_revision(arguments[0], int(arguments[1]))
    if command == "page":
        return example(arguments[0])
    if command == "sql":
        return sql(arguments[0], Bucket(arguments[1], arguments[2]))
    raise SystemExit(__doc__)


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)
