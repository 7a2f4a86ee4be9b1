"""Write and read GGUF files of small llama-architecture models with a byte-level vocabulary.

The vocabulary is `<unk> <s> </s>` followed by the 256 bytes, so token = byte + FIRST_BYTE_TOKEN.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

UNKNOWN_TOKEN, BEGIN_TOKEN, END_TOKEN = 0, 1, 2
FIRST_BYTE_TOKEN = 3
VOCABULARY_SIZE = FIRST_BYTE_TOKEN + 256
NORM_EPSILON = 1e-5
ROPE_BASE = 10_000.0

# The value types of the format that are used here, with their struct letters.
INT32, UINT32, FLOAT32, BOOL, STRING, ARRAY = 5, 4, 6, 7, 8, 9
SCALAR_LETTERS = {UINT32: "I", INT32: "i", FLOAT32: "f", BOOL: "?"}
ALIGNMENT = 32

CHAT_TEMPLATE = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant: "
)

Weights = dict[str, np.ndarray]


@dataclass(frozen=True)
class Shape:
    """The sizes that make a model."""

    width: int
    layers: int
    heads: int
    hidden: int
    context: int


def write(path: Path, weights: Weights, shape: Shape) -> None:
    """Write a model file that llama.cpp loads."""
    metadata = _metadata(shape)
    directory, blobs, offset = b"", [], 0
    for name, weight in weights.items():
        array = np.ascontiguousarray(weight, dtype=np.float32)
        dimensions = array.shape[::-1]
        directory += _string(name) + struct.pack("<I", len(dimensions))
        directory += struct.pack(f"<{len(dimensions)}Q", *dimensions)
        directory += struct.pack("<IQ", 0, offset)
        blob = _padded(array.tobytes())
        blobs.append(blob)
        offset += len(blob)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(weights), len(metadata))
    head += b"".join(metadata) + directory
    path.write_bytes(_padded(head) + b"".join(blobs))


def read(path: Path) -> tuple[Weights, Shape]:
    """Read the weights and sizes of a file that `write` wrote."""
    reader = _Reader(path.read_bytes())
    assert reader.take(4) == b"GGUF" and reader.scalar("I") == 3, "not a GGUF file of version 3"
    tensor_count, metadata_count = reader.scalar("Q"), reader.scalar("Q")
    metadata = {}
    for _ in range(metadata_count):
        key = reader.string()
        metadata[key] = reader.value(reader.scalar("I"))

    directory = []
    for _ in range(tensor_count):
        name = reader.string()
        dimensions = [reader.scalar("Q") for _ in range(reader.scalar("I"))]
        reader.scalar("I")  # always float32
        directory.append((name, dimensions[::-1], reader.scalar("Q")))

    base = reader.position + -reader.position % ALIGNMENT
    weights = {
        name: np.frombuffer(reader.data, np.float32, int(np.prod(size)), base + offset).reshape(size)
        for name, size, offset in directory
    }
    shape = Shape(
        width=metadata["llama.embedding_length"],
        layers=metadata["llama.block_count"],
        heads=metadata["llama.attention.head_count"],
        hidden=metadata["llama.feed_forward_length"],
        context=metadata["llama.context_length"],
    )
    return weights, shape


def _metadata(shape: Shape) -> list[bytes]:
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    control, unknown, normal, byte_token = 3, 2, 1, 6
    types = [unknown, control, control] + [byte_token] * 256
    # llama.cpp's tokenizer turns each space into this sign before it looks tokens up. Were the
    # token called <0x20>, the model would see other input than in training.
    tokens[FIRST_BYTE_TOKEN + ord(" ")] = "\u2581"
    types[FIRST_BYTE_TOKEN + ord(" ")] = normal
    return [
        _entry("general.architecture", STRING, _string("llama")),
        _entry("general.name", STRING, _string("tiny-bytes")),
        _number("general.file_type", 0),
        _number("llama.context_length", shape.context),
        _number("llama.embedding_length", shape.width),
        _number("llama.block_count", shape.layers),
        _number("llama.feed_forward_length", shape.hidden),
        _number("llama.attention.head_count", shape.heads),
        _number("llama.attention.head_count_kv", shape.heads),
        _number("llama.rope.dimension_count", shape.width // shape.heads),
        _number("llama.vocab_size", VOCABULARY_SIZE),
        _entry(
            "llama.attention.layer_norm_rms_epsilon", FLOAT32, struct.pack("<f", NORM_EPSILON)
        ),
        _entry("llama.rope.freq_base", FLOAT32, struct.pack("<f", ROPE_BASE)),
        _entry("tokenizer.ggml.model", STRING, _string("llama")),
        _entry("tokenizer.ggml.add_space_prefix", BOOL, struct.pack("<?", False)),
        _entry("tokenizer.ggml.add_bos_token", BOOL, struct.pack("<?", True)),
        _array("tokenizer.ggml.tokens", STRING, [_string(token) for token in tokens]),
        _array("tokenizer.ggml.scores", FLOAT32, [struct.pack("<f", 0.0)] * len(tokens)),
        _array("tokenizer.ggml.token_type", INT32, [struct.pack("<i", kind) for kind in types]),
        _number("tokenizer.ggml.bos_token_id", BEGIN_TOKEN),
        _number("tokenizer.ggml.eos_token_id", END_TOKEN),
        _number("tokenizer.ggml.unknown_token_id", UNKNOWN_TOKEN),
        _entry("tokenizer.chat_template", STRING, _string(CHAT_TEMPLATE)),
    ]


def _entry(key: str, kind: int, value: bytes) -> bytes:
    return _string(key) + struct.pack("<I", kind) + value


def _number(key: str, value: int) -> bytes:
    return _entry(key, UINT32, struct.pack("<I", value))


def _array(key: str, kind: int, values: list[bytes]) -> bytes:
    return _entry(key, ARRAY, struct.pack("<IQ", kind, len(values)) + b"".join(values))


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % ALIGNMENT)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, size: int) -> bytes:
        self.position += size
        return self.data[self.position - size : self.position]

    def scalar(self, letter: str):
        (value,) = struct.unpack("<" + letter, self.take(struct.calcsize("<" + letter)))
        return value

    def string(self) -> str:
        return self.take(self.scalar("Q")).decode()

    def value(self, kind: int):
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            element_kind, length = self.scalar("I"), self.scalar("Q")
            return [self.value(element_kind) for _ in range(length)]
        return self.scalar(SCALAR_LETTERS[kind])
