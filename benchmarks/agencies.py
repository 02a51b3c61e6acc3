"""How often names of agencies are put together rightly, by rule: `python -m benchmarks.agencies [--split test]`.

Agencies are drawn from the generator, each with its full name (places above included), and printed under several names:
short, full, with organs abbreviated, in traditional script, with blanks, with one character misread. A name is right
where it goes to the agency of its full name; the name of another agency as well, it is right where it stands alone.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict

from extraction.agency_names import load_regions, match_agencies, parse_agency
from training.synthesis.agencies import draw_agency
from training.synthesis.script import to_traditional

ALONE = ("province_government", "province_department", "police", "national", "zone")  # never with a place above


def print_names(full: str, short: str, chance: random.Random) -> list[str]:
    """Names that an agency is printed under."""
    names = [short, full]
    organs = [pair for pair in load_regions().organs if short.endswith(pair[1])]
    longest = max((len(organ) for _, organ in organs), default=0)
    names += [short[: len(short) - len(organ)] + brief for brief, organ in organs if len(organ) == longest]
    if chance.random() < 0.2:
        names.append(to_traditional(full))
    if chance.random() < 0.2:
        names.append(" ".join(full))
    if chance.random() < 0.05:
        place = chance.randrange(len(full))
        names.append(full[:place] + chance.choice("田曰未土千") + full[place + 1 :])
    return names


def main() -> None:
    """Print a line a rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", default="test")
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=2043)
    parser.add_argument("--show", type=int, default=0, help="wrong names to print, a rule")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    truth: dict[str, set[str]] = defaultdict(set)
    for _ in range(arguments.count):
        agency = draw_agency(chance, split=arguments.split, year=chance.randrange(2014, 2025))
        if agency.full_name == agency.name and agency.kind not in ALONE:
            continue
        for name in print_names(agency.full_name, agency.name, chance):
            truth[name].add(agency.full_name)
    right: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for named in match_agencies(truth):
        owners = {parse_agency(full) for full in truth[named.printed]}
        good = named.agency in owners if len(owners) == 1 else named.rule == "ambiguous"
        count[named.rule] += 1
        right[named.rule] += good
        if not good and count[named.rule] - right[named.rule] <= arguments.show:
            print(named.rule, named.printed, "->", named.agency.full, "not", sorted(truth[named.printed]))
    for rule, total in count.most_common():
        print(f"{rule:12} {right[rule]:6} of {total:6} right: {right[rule] / total:.4f}")
    print(f"{'all':12} {sum(right.values()):6} of {sum(count.values()):6}")


if __name__ == "__main__":
    main()
