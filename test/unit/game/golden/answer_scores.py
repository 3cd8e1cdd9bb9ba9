"""Writes answer-scores.json: SQuAD's metrics by transformers, for answer-score.test.ts.

Run: python answer_scores.py > answer-scores.json
"""

import json
import random

from transformers.data.metrics.squad_metrics import compute_exact, compute_f1, normalize_answer

PAIRS = [
    ("The Eiffel Tower!", ["eiffel tower"]),
    ("the the the", ["a"]),
    ("", [""]),
    ("", ["Paris"]),
    ("Paris", [""]),
    ("Rome", ["Paris", "rome."]),
    ("a.b.c", ["abc", "b"]),
    ("Theatre an der Wien", ["theatre der wien", "Theater an der Wien"]),
    ("U.S.A.", ["USA", "United States"]),
    ("14 October 1066", ["October 14, 1066", "1066"]),
    ("well-known man", ["wellknown man", "well known man"]),
    ("new new york", ["new york new york"]),
    ("a_b the_end", ["ab theend"]),
    ("Beyonc\u00e9 Knowles", ["Beyonce Knowles", "BEYONC\u00c9 KNOWLES"]),
    ("a\u0301 la carte", ["la carte"]),
    ("\u00e0 la carte", ["la carte"]),
    ("\u201cThe Wall\u201d", ["wall", "\u201cwall\u201d"]),
    ("\u0399\u03a3\u03a4\u039f\u03a3 \u0130stanbul", ["\u03b9\u03c3\u03c4\u03bf\u03c2 istanbul"]),
    ("one\u00a0two\u2003three\x1cfour\x85five\ufeffsix", ["one two three four five"]),
    ("$5,000 (five thousand)", ["5000", "$5000"]),
    ("\u00bd an \u2167 the\u00b2 a\u0663", ["\u00bd \u2167"]),
    ("anthem another theatre", ["nthem nother atre"]),
    ("yes", ["no"]),
    ("`~!@#$%^&*()_+-={}[]|\\:;\"'<>,./?", ["x"]),
]
PIECES = [*"aeAT .,-_'\u00e9\u0301", "the ", "The", " an ", " a ", "new", " York", "1066", "\u4e2d", "\u00bd", "\n"]


def score(answer: str, golds: list[str]) -> dict:
    return {
        "answer": answer,
        "golds": golds,
        "normalized": normalize_answer(answer),
        "exactMatch": max(compute_exact(gold, answer) for gold in golds) == 1,
        "f1": max(compute_f1(gold, answer) for gold in golds),
    }


def main() -> None:
    dice = random.Random(1)

    def text() -> str:
        return "".join(dice.choices(PIECES, k=dice.randrange(8)))

    drawn = [(text(), [text() for _ in range(dice.randrange(1, 4))]) for _ in range(150)]
    print(json.dumps([score(*pair) for pair in PAIRS + drawn], ensure_ascii=True, indent=0))


main()
