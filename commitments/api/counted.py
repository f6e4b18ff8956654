"""What was counted once at one state of the register, for whoever asks the same again; never stale, since its key names that state."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

KEPT = 1000  # answers of one process; the longest, a question's facets, have some hundred numbers each
Answer = TypeVar("Answer")
_kept: OrderedDict[Hashable, object] = OrderedDict()
_lock = threading.Lock()


def once(question: Hashable, count: Callable[[], Answer]) -> Answer:
    """What `count` gives, from memory where it was asked for before. `question`: all that the answer depends on."""
    with _lock:
        if question in _kept:
            _kept.move_to_end(question)
            return _kept[question]
    found = count()
    with _lock:
        _kept[question] = found
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def several(questions: dict[str, Hashable], count: Callable[[list[str]], dict[str, Answer]]) -> dict[str, Answer]:
    """As `once` for questions by name; those that weren't asked before are counted together."""
    found = {}
    with _lock:
        for name, question in questions.items():
            if question in _kept:
                _kept.move_to_end(question)
                found[name] = _kept[question]
    if new := [name for name in questions if name not in found]:
        found |= {name: once(questions[name], lambda answer=answer: answer) for name, answer in count(new).items()}
    return found


def forget() -> None:
    """Empties the memory."""
    with _lock:
        _kept.clear()
