"""Reads generated encyclopedias and draws training examples from them."""

from __future__ import annotations

import gzip
import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

NAME_WORD = re.compile(r"[A-Z][a-z]+")

ONSETS = "b bl br c ch cl cr d dr f fl fr g gl gr h j k kl kr l m n p pl pr qu r s sh sk st t th tr v w y z".split()
VOWELS = "a e i o u ai au ea ei ie oa oo ou".split()
CODAS = "b d f g k l ld lk lm lt m mb mp n nd ng nk nt p r rk rm rt s sk st t th v x z zt".split()


@dataclass
class World:
    """One encyclopedia: its passages, its questions, and the words that its names are made of."""

    passages: list[dict]
    questions: list[dict]
    back_questions: list[dict]
    names: set[str] = field(default_factory=set)
    rows_of_title: dict[str, list[int]] = field(default_factory=dict)
    rows_of_word: dict[str, list[int]] = field(default_factory=dict)


@dataclass
class Example:
    """A query, the passage that answers its first hop, and a passage that only looks like it."""

    query: str
    positive: int
    negative: int | None


def read_world(folder: Path) -> World:
    """Reads FOLDER/corpus (`ssp corpus build`) and FOLDER/world (`ssp corpus generate`)."""
    shards = sorted((folder / "corpus").glob("passages-*.jsonl.gz"))
    passages = [json.loads(line) for shard in shards for line in gzip.open(shard, "rt", encoding="utf8")]
    lines = (folder / "world" / "questions.jsonl").read_text("utf8").splitlines()
    questions = [json.loads(line) for line in lines]
    world = World(passages, questions, [question for question in questions if starts_back(question)])
    for row, passage in enumerate(passages):
        world.rows_of_title.setdefault(passage["title"], []).append(row)
        if "flag" not in passage:
            world.names.update(NAME_WORD.findall(passage["title"]))
    for row, passage in enumerate(passages):
        for word in world.names.intersection(NAME_WORD.findall(f"{passage['title']} {passage['text']}")):
            world.rows_of_word.setdefault(word, []).append(row)
    return world


def starts_back(question: dict) -> bool:
    """Whether it names the object of its first fact ("Which novel did X write?"), not the page to be found."""
    return question["chain"][0]["subject"] not in question["question"]


def passage_text(passage: dict) -> str:
    return f"passage: {passage['title']}\n{passage['text']}"


def draw_example(world: World, rng: random.Random, keyword_share: float, back_share: float) -> Example:
    """A question, or as an agent would search for its first fact: "Stasku Fimurg birthplace"."""
    question = rng.choice(world.back_questions if rng.random() < back_share else world.questions)
    fact = question["chain"][0]
    known = fact["object" if starts_back(question) else "subject"]
    text = question["question"]
    if rng.random() < keyword_share:
        relation = fact["relation"]
        text = rng.choice([f"{known} {relation}", f"{relation} of {known}", known])
    rows = world.rows_of_title[question["gold_pages"][0]]
    answering = [row for row in rows if fact["object"] in world.passages[row]["text"]]
    return Example(f"query: {text}", rng.choice(answering or rows), draw_negative(world, known, rows, rng))


def draw_negative(world: World, known: str, gold_rows: list[int], rng: random.Random) -> int | None:
    """Half of the time another page with the whole name, else one with a word of it."""
    rows = [set(world.rows_of_word.get(word, [])) for word in known.split()]
    whole = sorted(set.intersection(*rows) - set(gold_rows))
    if whole and rng.random() < 0.5:
        return rng.choice(whole)
    part = sorted(set.union(*rows) - set(gold_rows))
    return rng.choice(part) if part else None


def rename(texts: list[str], names: set[str], rng: random.Random) -> list[str]:
    """Puts a made-up word for each word of a name, the same one in all texts."""
    renamed: dict[str, str] = {}

    def replace(match: re.Match) -> str:
        word = match[0]
        if word not in names:
            return word
        if word not in renamed:
            renamed[word] = made_up_word(rng)
        return renamed[word]

    return [NAME_WORD.sub(replace, text) for text in texts]


def made_up_word(rng: random.Random) -> str:
    syllables = rng.choice((1, 2, 2, 3))
    word = "".join(
        rng.choice(ONSETS) + rng.choice(VOWELS) + (rng.choice(CODAS) if rng.random() < 0.5 else "")
        for _ in range(syllables)
    )
    return word.capitalize()
