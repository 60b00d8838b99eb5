"""Which partition a key belongs to, reckoned from the published algorithm and not by a client's code."""

SEED = 0x9747B28C
MULTIPLIER = 0x5BD1E995
WORD = 0xFFFFFFFF


def murmur2(key: bytes) -> int:
    """The 32-bit murmur2 hash, as Java's Kafka client seeds it."""
    whole = len(key) // 4 * 4
    hashed = SEED ^ len(key)
    for start in range(0, whole, 4):
        block = int.from_bytes(key[start : start + 4], "little") * MULTIPLIER & WORD
        block = (block ^ block >> 24) * MULTIPLIER & WORD
        hashed = hashed * MULTIPLIER & WORD ^ block
    rest = key[whole:]
    if rest:
        hashed = (hashed ^ int.from_bytes(rest, "little")) * MULTIPLIER & WORD
    hashed = (hashed ^ hashed >> 13) * MULTIPLIER & WORD
    return hashed ^ hashed >> 15


def partition_of(key: bytes, partitions: int) -> int:
    """The one partition of a key among so many."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions
