"""One agency under its many printed names: the places in a name, its organ written out, and what fits together.

A name is taken apart into places, from the province down, and the organ. Two names are one agency where the organ is
the same, the last place is, and no other place is at odds. What a name leaves open is settled by the other names of the
collection: `惠济区人民政府` is that of `郑州市惠济区人民政府` as long as no other city there has an 惠济区.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from extraction.script import fold_script
from models.data_files import read_data

REGIONS = Path(__file__).parent.parent / "models" / "regions.yaml"
# Shares that were right of names of generated agencies, by Laplace's rule (`python -m benchmarks.agencies --split
# calibrate`); of a name without a place nothing was measured.
CONFIDENCES: Mapping[str, float] = {
    "name": 0.976,  # the name as it is, or another with the same places and organ
    "place_above": 0.998,  # a place above is missing, and only one agency fits
    "spelling": 0.94,  # one character of the organ is another, and the right one is common
    "ambiguous": 0.8,  # several agencies fit: it stands for itself
    "no_place": 0.5,  # a name that tells no place: of somebody's 财政局
}
ACCEPTED = 0.95  # from this confidence on a person need not look
PLAIN = 5  # characters of an organ that cannot hold the name of a place besides
COMMON = 3  # agencies with an organ, for a misspelt one to be taken for it

_BRACKETS = re.compile(r"[（(](?:本级|机关|含.{1,10}|不含.{1,10}|汇总)[)）]")
_OTHER = re.compile(r"[\s·•、,，.。:：;；\"'“”‘’《》<>|_-]+")
_PREFECTURE = re.compile(r"[^\W区县市a-z\d]{2,6}?(?:地区|自治州|市(?!区)|盟)")
_COUNTY = re.compile(
    r"[\u4e00-\u9fff]{1,8}?(?:自治县|自治旗|林区|特区|区|县|市(?!区)|旗)(?!域|政(?!府|务|法)|管|级|情|局|委|直|属|场|容|内|外|志|办|道)"
)
_TOWN = re.compile(r"(?:人民政府)?([\u4e00-\u9fff]{1,8}?(?:街道|民族乡|镇|乡|苏木))(?=人民政府|政府|办事处|办|$)")
# Places that are zones belong to the organ: their committee is the agency.
_ZONE = re.compile(
    r"[\u4e00-\u9fff]{0,8}?(?:开发|工业|园|示范|保税|度假|名胜|新|试验|功能|产业|合作|经济|高新|名胜)区(?:管理委员会|管委会|$)"
)
_NUMERALS = re.compile(r"[一二三四五六七八九十\d]")


@dataclass(frozen=True, slots=True)
class AgencyName:
    """A name taken apart; places that it does not say are `None`. `lead` stands before the places (国家税务总局)."""

    lead: str
    province: str | None
    prefecture: str | None
    county: str | None
    town: str | None
    organ: str

    @property
    def places(self) -> tuple[str | None, ...]:
        """From the province down."""
        return self.province, self.prefecture, self.county, self.town

    @property
    def full(self) -> str:
        """The name written out."""
        return self.lead + "".join(place or "" for place in self.places) + self.organ


@dataclass(frozen=True, slots=True)
class NamedAgency:
    """Which agency a printed name is: by the name of the agency, with its parts; `confidence` that it is this one."""

    printed: str
    agency: AgencyName
    rule: str
    confidence: float

    @property
    def review(self) -> bool:
        """Whether a person should look."""
        return self.confidence < ACCEPTED


def match_agencies(names: Iterable[str]) -> list[NamedAgency]:
    """Which names of a collection are one agency, in the order of the names; each name once."""
    parsed = {name: parse_agency(name) for name in dict.fromkeys(names)}
    organs: dict[str, set[AgencyName]] = defaultdict(set)
    for agency in parsed.values():
        organs[agency.lead + agency.organ].add(agency)
    spelled = {name: _correct_organ(agency, organs) for name, agency in parsed.items()}
    fuller: dict[tuple[str, str], set[AgencyName]] = defaultdict(set)
    for agency in spelled.values():
        fuller[agency.lead + agency.organ, _last_place(agency)].add(agency)
    return [_match(name, parsed[name], spelled[name], fuller) for name in parsed]


def _match(
    name: str, parsed: AgencyName, agency: AgencyName, fuller: Mapping[tuple[str, str], set[AgencyName]]
) -> NamedAgency:
    rule = "name" if parsed == agency else "spelling"
    last = _last_place(agency)
    if not last and (len(agency.organ) <= PLAIN or agency.organ[0] in "省市区县州"):
        return _name(name, agency, "no_place")
    others = [other for other in fuller[agency.lead + agency.organ, last] if _is_within(agency, other)]
    fullest = [other for other in others if not any(other != more and _is_within(other, more) for more in others)]
    if len(fullest) > 1:
        return _name(name, agency, "ambiguous")
    if fullest and fullest[0] != agency:
        return _name(name, fullest[0], "place_above" if rule == "name" else rule)
    return _name(name, agency, rule)


def _name(printed: str, agency: AgencyName, rule: str) -> NamedAgency:
    return NamedAgency(printed, agency, rule, CONFIDENCES[rule])


def parse_agency(name: str) -> AgencyName:
    """Take a name apart.

    >>> parse_agency("河南省郑州市惠济区政府办").full
    '河南省郑州市惠济区人民政府办公室'
    """
    rest = fold_name(name)
    lead = next((word for word in ("国家税务总局", "中国共产党", "中共") if rest.startswith(word)), "")
    rest = rest[len(lead) :]
    regions = load_regions()
    province, rest = _take_province(rest, regions)
    prefecture, rest = _take_prefecture(rest, regions, province)
    if province is None and prefecture is not None:
        province = regions.provinces.get(prefecture)
    county, rest = _take_county(rest)
    town = None
    if match := _TOWN.match(rest):
        town, rest = match[1], rest[match.end() :] or "街道办事处"
        rest = "办事处" if rest == "街道办事处" else rest
    return AgencyName(lead, province, prefecture, county, town, write_out(rest, town))


def fold_name(name: str) -> str:
    """A name in simplified script, without blanks, marks and what brackets say of its extent."""
    text = fold_script(unicodedata.normalize("NFKC", name))
    return _OTHER.sub("", _BRACKETS.sub("", text))


def write_out(organ: str, town: str | None = None) -> str:
    """An organ without abbreviations.

    >>> write_out("卫健委")
    '卫生健康委员会'
    """
    if town is not None:
        return "办事处" if town.endswith("街道") else "人民政府"
    for short, full in load_regions().organs:
        if organ == short or (organ.endswith(short) and not organ.endswith(full) and short.endswith(("会", "街道"))):
            return organ[: len(organ) - len(short)] + full
    return organ


@dataclass(frozen=True, slots=True)
class Regions:
    """`names`: provinces by full and short name; `provinces`: of each prefecture, by full name."""

    names: Mapping[str, str]
    provinces: Mapping[str, str]
    organs: tuple[tuple[str, str], ...]


@functools.cache
def load_regions() -> Regions:
    """The regions as they ship, with the abbreviations of organs."""
    data = read_data(REGIONS)
    names: dict[str, str] = {}
    for full in (*data["provinces"], *data["municipalities"].split()):
        names[full] = full
        names[re.sub(r"(?:壮族|回族|维吾尔)?自治区$|省$|市$", "", full)] = full
    provinces = {prefecture: province for province, words in data["provinces"].items() for prefecture in words.split()}
    return Regions(names, provinces, tuple((short, full) for short, full in data["organs"]))


def _take_province(text: str, regions: Regions) -> tuple[str | None, str]:
    for name in sorted(regions.names, key=len, reverse=True):
        if text.startswith(name) and len(text) > len(name):
            rest = text[len(name) :]
            full = regions.names[name]
            if name == full or (_PREFECTURE.match(rest) and name + rest[:1] not in _find_starts()):
                return full, rest
    if match := re.match(r"[\u4e00-\u9fff]{2,8}?(?:省|自治区)", text):
        return match[0], text[match.end() :]
    return None, text


@functools.cache
def _find_starts() -> frozenset[str]:
    """How names of prefectures begin that a short name of a province begins too (吉林市)."""
    regions = load_regions()
    return frozenset(p[: len(s) + 1] for p in regions.provinces for s in regions.names if p.startswith(s))


def _take_prefecture(text: str, regions: Regions, province: str | None) -> tuple[str | None, str]:
    if province in regions.names.values() and province is not None and province.endswith("市"):
        return None, text
    for length in range(min(14, len(text) - 1), 2, -1):
        if text[:length] in regions.provinces:
            return text[:length], text[length:]
    if (match := _PREFECTURE.match(text)) and len(text) > match.end():
        return match[0], text[match.end() :]
    return None, text


def _take_county(text: str) -> tuple[str | None, str]:
    if (match := _COUNTY.match(text)) and len(text) > match.end() and not _ZONE.match(text):
        return match[0], text[match.end() :]
    return None, text


def _last_place(agency: AgencyName) -> str:
    return next((place for place in reversed(agency.places) if place), "")


def _is_within(agency: AgencyName, other: AgencyName) -> bool:
    """Whether all places that a name says are those of another, which may say more.

    A city of a county and one of a prefecture look alike (`巩义市`): a place alone may be either.
    """
    said = [place for place in agency.places if place]
    more = [place for place in other.places if place]
    return said[-1:] == more[-1:] and all(place in more for place in said)


def _correct_organ(agency: AgencyName, organs: Mapping[str, set[AgencyName]]) -> AgencyName:
    """The organ that others have and that is but one character off, where it is common and this one is not."""
    own = agency.lead + agency.organ
    if len(organs[own]) > 1 or len(agency.organ) < 4:
        return agency
    near = [
        organ
        for organ, agencies in organs.items()
        if len(organ) == len(own)
        and len(agencies) >= COMMON
        and organ.startswith(agency.lead)
        and _differ_once(organ, own)
    ]
    if len(near) != 1:
        return agency
    organ = near[0][len(agency.lead) :]
    return replace(agency, organ=organ)


def _differ_once(first: str, other: str) -> bool:
    pairs = [pair for pair in zip(first, other, strict=True) if pair[0] != pair[1]]
    return len(pairs) == 1 and not any(_NUMERALS.match(character) for character in pairs[0])
