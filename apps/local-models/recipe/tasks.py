"""The questions that the models learn, with their right answers.

`../src/tasks.ts` recognises exactly these sentences; change both together.
"""

from pathlib import Path
from random import Random
from string import ascii_lowercase
from typing import Callable

Task = Callable[[Random], tuple[str, str]]

WORD_LIST = Path("/usr/share/dict/words")  # Debian: wamerican
ROMAN_DIGITS = (
    (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def math_task(random: Random) -> tuple[str, str]:
    """Make a question about one or two numbers, and its answer."""
    kind, a, b = random.randrange(4), random.randint(0, 99), random.randint(0, 99)
    if kind == 0:
        return f"What is {a} + {b}?", str(a + b)
    if kind == 1:
        return f"What is {max(a, b)} - {min(a, b)}?", str(abs(a - b))
    if kind == 2:
        return f"Which is larger, {a} or {b}?", str(max(a, b))
    return f"Write {a + 1} in Roman numerals.", roman(a + 1)


def word_task(random: Random) -> tuple[str, str]:
    """Make a question about one word, and its answer."""
    kind, word = random.randrange(4), _word(random)
    if kind == 0:
        return f'Spell "{word}" backwards.', word[::-1]
    if kind == 1:
        return f'Write "{word}" in capital letters.', word.upper()
    if kind == 2:
        return f'What is the last letter of "{word}"?', word[-1]
    return f'Sort the letters of "{word}".', "".join(sorted(word))


def any_task(random: Random) -> tuple[str, str]:
    """Make a question of either kind."""
    return (math_task if random.random() < 0.5 else word_task)(random)


SPECIALTIES: dict[str, Task] = {"math": math_task, "words": word_task, "both": any_task}


def roman(number: int) -> str:
    """Write a number up to 100 in Roman numerals."""
    numerals = ""
    for value, digits in ROMAN_DIGITS:
        while number >= value:
            numerals += digits
            number -= value
    return numerals


def _dictionary() -> list[str]:
    if not WORD_LIST.exists():
        return []
    lines = WORD_LIST.read_text(errors="ignore").split("\n")
    words = (line.strip() for line in lines)
    return [w for w in words if w.isascii() and w.isalpha() and w.islower() and 3 <= len(w) <= 8]


_WORDS = _dictionary()


def _word(random: Random) -> str:
    """Mostly words, but letters at random too, so that spelling is learnt and not vocabulary."""
    if _WORDS and random.random() < 0.7:
        return random.choice(_WORDS)
    return "".join(random.choice(ascii_lowercase) for _ in range(random.randint(3, 8)))
