"""A small llama in PyTorch, equal to what llama.cpp computes for the architecture of that name."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from gguf import NORM_EPSILON, ROPE_BASE, VOCABULARY_SIZE, Shape, Weights


class Block(nn.Module):
    """Attention and feed-forward, each behind a norm and beside a shortcut."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, hidden = shape.width, shape.hidden
        self.heads = shape.heads
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.output = nn.Linear(width, width, bias=False)
        self.gate = nn.Linear(width, hidden, bias=False)
        self.up = nn.Linear(width, hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)
        self.attention_norm = nn.Parameter(torch.ones(width))
        self.feed_forward_norm = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor, cosines: Tensor, sines: Tensor, mask: Tensor) -> Tensor:
        h = norm(x, self.attention_norm)
        query = rotate(self._split(self.query(h)), cosines, sines)
        key = rotate(self._split(self.key(h)), cosines, sines)
        scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1]) + mask
        attended = scores.softmax(-1) @ self._split(self.value(h))
        x = x + self.output(attended.transpose(1, 2).flatten(2))

        h = norm(x, self.feed_forward_norm)
        return x + self.down(functional.silu(self.gate(h)) * self.up(h))

    def _split(self, x: Tensor) -> Tensor:
        """Batch, time, width → batch, head, time, width of one head."""
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)


class TinyLlama(nn.Module):
    """The language model: tokens in, scores of the next token out."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(VOCABULARY_SIZE, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.Parameter(torch.ones(shape.width))
        self.output = nn.Linear(shape.width, VOCABULARY_SIZE, bias=False)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.05)

    def forward(self, tokens: Tensor) -> Tensor:
        length, head_width = tokens.shape[1], self.shape.width // self.shape.heads
        frequencies = ROPE_BASE ** (-torch.arange(0, head_width, 2).float() / head_width)
        angles = torch.outer(torch.arange(length).float(), frequencies)
        mask = torch.full((length, length), float("-inf")).triu(1)
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, angles.cos(), angles.sin(), mask)
        return self.output(norm(x, self.norm))

    def named_weights(self) -> dict[str, nn.Parameter]:
        """The parameters under the names that llama.cpp knows."""
        weights = {
            "token_embd.weight": self.embedding.weight,
            "output_norm.weight": self.norm,
            "output.weight": self.output.weight,
        }
        for index, block in enumerate(self.blocks):
            weights |= {
                f"blk.{index}.attn_norm.weight": block.attention_norm,
                f"blk.{index}.ffn_norm.weight": block.feed_forward_norm,
                f"blk.{index}.attn_q.weight": block.query.weight,
                f"blk.{index}.attn_k.weight": block.key.weight,
                f"blk.{index}.attn_v.weight": block.value.weight,
                f"blk.{index}.attn_output.weight": block.output.weight,
                f"blk.{index}.ffn_gate.weight": block.gate.weight,
                f"blk.{index}.ffn_up.weight": block.up.weight,
                f"blk.{index}.ffn_down.weight": block.down.weight,
            }
        return weights

    @torch.no_grad()
    def load(self, weights: Weights) -> None:
        """Take over the weights of a file."""
        for name, parameter in self.named_weights().items():
            parameter.copy_(torch.tensor(weights[name]))


def norm(x: Tensor, weight: Tensor) -> Tensor:
    """Root mean square norm."""
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + NORM_EPSILON) * weight


def rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Rotary positions over interleaved pairs, as the llama architecture of llama.cpp has them."""
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = (even * cosines - odd * sines, even * sines + odd * cosines)
    return torch.stack(turned, -1).flatten(-2)
