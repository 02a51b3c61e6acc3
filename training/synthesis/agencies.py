"""Invented agencies of every level: `draw_agency(rng, split="train")`; the splits share no place."""

from __future__ import annotations

import functools
import random
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.data_files import read_data
from training.synthesis.choice import check_split, find_share

PARTS = Path(__file__).with_name("agencies.yaml")
FULL_NAME = 0.5  # a full name that has a place before the name, where there is one above


@dataclass(frozen=True, slots=True)
class Agency:
    """A publisher of reports: `name` as its title prints it, `full_name` with the place above, `selves` as it says we.

    `weight` tells how much business it has, from 0 to 1; `whole` is what it governs (`全区`), or it itself; `place` is
    the invented pair of syllables its name begins with.
    """

    name: str
    full_name: str
    place: str
    selves: tuple[str, ...]
    whole: str
    weight: float


@functools.cache
def load_parts() -> Mapping[str, Any]:
    """The data file, its lists of words split."""
    data = read_data(PARTS)
    for name in ("struck", "national_topics", "national_endings"):
        data[name] = data[name].split()
    data["departments"] = {name: words.split() for name, words in data["departments"].items()}
    return dict(data)


def split_of(name: str) -> str:
    """The split that a place (or a national agency) belongs to."""
    return find_share(zlib.crc32(name.encode()))


@functools.cache
def places_of(split: str) -> tuple[str, ...]:
    """Every invented place of a split; raises `ValueError` for an unknown split."""
    check_split(split)
    parts = load_parts()
    names = (a + b for a in parts["first"] for b in parts["second"])
    return tuple(name for name in names if name not in parts["struck"] and split_of(name) == split)


@functools.cache
def national_of(split: str) -> tuple[str, ...]:
    """Every invented national agency of a split."""
    parts = load_parts()
    names = (f"国家{topic}{ending}" for topic in parts["national_topics"] for ending in parts["national_endings"])
    return tuple(name for name in names if split_of(name) == split)


def draw_agency(rng: random.Random, *, split: str, year: int = 2022) -> Agency:
    """Draw an agency of the split, named as such agencies were in that year."""
    parts = load_parts()
    kinds = parts["kinds"]
    kind = rng.choices(list(kinds), [entry["share"] for entry in kinds.values()])[0]
    entry = kinds[kind]
    names = _draw_names(rng, split, entry.get("departments", "public"), year)
    name = rng.choice(entry["names"]).format(**names)
    above = entry["above"].format(**names) if rng.random() < FULL_NAME else ""
    word = max((ending for ending in parts["words"] if name.endswith(ending)), key=len, default="")
    word = parts["words"].get(word, "单位")
    return Agency(
        name=name,
        full_name=above + name,
        place=name.removeprefix("国家税务总局").removeprefix("国家")[:2],
        selves=(f"我{word}", f"我{word}", f"本{word}", "本机关", "本单位"),
        whole="全系统"
        if kind == "national"
        else f"全{names['county'][-1]}"
        if kind == "county_office"
        else f"全{word}",
        weight=min(1.0, max(0.0, rng.gauss(entry["weight"], 0.14))),
    )


def _draw_names(rng: random.Random, split: str, departments: str, year: int) -> dict[str, str]:
    """One of each that the names of agencies are made of."""
    province, prefecture, county, town = rng.sample(places_of(split), 4)
    pools = load_parts()["departments"]
    if departments == "local" and year < 2019:
        departments = "old"
    department = rng.choice(pools[departments])
    lead = "国家税务总局" if department == "税务局" and year >= 2018 else ""
    return {
        "province": province + rng.choices(("省", "自治区"), (85, 15))[0],
        "prefecture": lead + prefecture + rng.choices(("市", "地区", "自治州"), (93, 3, 4))[0],
        "prefecture_name": prefecture,
        "county": lead + county + rng.choices(("区", "县", "市"), (5, 4, 2))[0],
        "county_name": county,
        "town": town if rng.random() < 0.6 else town[0] + rng.choice(load_parts()["town_tails"]),
        "department": department,
        "national": rng.choice(national_of(split)),
    }
