#!/usr/bin/env python3
"""Train a tiny byte-level llama on auto-gradable tasks and write it as GGUF; or grade such a file.

    train.py train SPECIALTY SECONDS OUT.gguf [--width 96] [--layers 3]
    train.py grade FILE.gguf

SPECIALTY is math, words or both. Nothing is downloaded; see README.md for what it needs.
"""

import argparse
import math
import time
from pathlib import Path
from random import Random

import torch
from torch import Tensor
from torch.nn import functional

import gguf
from model import TinyLlama
from tasks import SPECIALTIES, Task, math_task, word_task

BATCH_SIZE = 48
PEAK_RATE = 2e-3
FINAL_RATE_SHARE = 0.05
WARMUP_STEPS = 100
HEADS = 4
CONTEXT = 256
NOT_GRADED = -100  # cross_entropy ignores such targets


def tokens_of(question: str, answer: str) -> tuple[list[int], list[int]]:
    """The prompt and the answer as tokens, in the one form that the models ever see."""
    prompt = f"user: {question}\nassistant: ".encode()
    return (
        [gguf.BEGIN_TOKEN] + [byte + gguf.FIRST_BYTE_TOKEN for byte in prompt],
        [byte + gguf.FIRST_BYTE_TOKEN for byte in answer.encode()] + [gguf.END_TOKEN],
    )


def make_batch(task: Task, random: Random) -> tuple[Tensor, Tensor]:
    """Inputs and targets of one step; only the tokens of the answers are graded."""
    pairs = [tokens_of(*task(random)) for _ in range(BATCH_SIZE)]
    length = max(len(prompt) + len(answer) for prompt, answer in pairs)
    inputs = torch.zeros(BATCH_SIZE, length, dtype=torch.long)
    targets = torch.full((BATCH_SIZE, length), NOT_GRADED, dtype=torch.long)
    for row, (prompt, answer) in enumerate(pairs):
        end = len(prompt) + len(answer)
        inputs[row, :end] = torch.tensor(prompt + answer)
        targets[row, len(prompt) - 1 : end - 1] = torch.tensor(answer)
    return inputs, targets


def train(net: TinyLlama, task: Task, seconds: float) -> int:
    """Train for a time, with a rate that warms up and then falls along a cosine."""
    random = Random(1)
    optimizer = torch.optim.AdamW(
        net.parameters(), lr=PEAK_RATE, betas=(0.9, 0.98), weight_decay=0.01
    )
    started, step = time.monotonic(), 0
    while (elapsed := time.monotonic() - started) < seconds:
        falling = 0.5 * (1 + math.cos(math.pi * elapsed / seconds))
        share = FINAL_RATE_SHARE + (1 - FINAL_RATE_SHARE) * falling
        for group in optimizer.param_groups:
            group["lr"] = PEAK_RATE * min(1, (step + 1) / WARMUP_STEPS) * share

        inputs, targets = make_batch(task, random)
        loss = functional.cross_entropy(
            net(inputs).flatten(0, 1), targets.flatten(), ignore_index=NOT_GRADED
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % 200 == 0:
            print(f"{elapsed:.0f} s, step {step}, loss {loss.item():.3f}", flush=True)
    return step


@torch.no_grad()
def accuracy(net: TinyLlama, task: Task, count: int = 200) -> float:
    """The share of questions that greedy decoding answers to the letter."""
    random, right = Random(99), 0
    for _ in range(count):
        tokens, answer = tokens_of(*task(random))
        given: list[int] = []
        while len(given) < len(answer) and gguf.END_TOKEN not in given:
            scores = net(torch.tensor([tokens + given]))[0, -1]
            given.append(int(scores.argmax()))
        right += given == answer
    return right / count


def report(net: TinyLlama) -> None:
    """Print the size of a model and how well it does either kind of task."""
    parameters = sum(parameter.numel() for parameter in net.parameters())
    maths, words = accuracy(net, math_task), accuracy(net, word_task)
    print(f"{parameters} parameters, right answers: math {maths:.1%}, words {words:.1%}")


def train_command(options: argparse.Namespace) -> None:
    """Train a model from nothing and write it."""
    width = options.width
    hidden = width * 8 // 3 // 16 * 16
    shape = gguf.Shape(width, options.layers, HEADS, hidden, CONTEXT)
    torch.manual_seed(0)
    net = TinyLlama(shape)
    steps = train(net, SPECIALTIES[options.specialty], options.seconds)
    weights = {name: weight.detach().numpy() for name, weight in net.named_weights().items()}
    gguf.write(options.out, weights, shape)
    print(f"{steps} steps")
    report(net)


def grade_command(options: argparse.Namespace) -> None:
    """Grade a file that was written earlier."""
    weights, shape = gguf.read(options.file)
    net = TinyLlama(shape)
    net.load(weights)
    report(net)


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True)
    training = commands.add_parser("train")
    training.add_argument("specialty", choices=SPECIALTIES)
    training.add_argument("seconds", type=float)
    training.add_argument("out", type=Path)
    training.add_argument("--width", type=int, default=96)
    training.add_argument("--layers", type=int, default=3)
    training.set_defaults(run=train_command)
    grading = commands.add_parser("grade")
    grading.add_argument("file", type=Path)
    grading.set_defaults(run=grade_command)

    torch.set_num_threads(1)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
