"""Invented agencies of every level: `draw_agency(rng, split="train")`; the splits share no place."""

from __future__ import annotations

import functools
import random
import zlib
from dataclasses import dataclass

SPLITS = ("train", "calibrate", "test")
SHARES = (70, 15, 15)  # in 100 places

# Syllables of places; the pairs that happen to be real are struck out below.
FIRST = "栖岚砚沐澄芷霁槿黎珑汐楠绮榆鹭雁莲枫樟柘淞岱沂珩桐蓼璟苇禾潞朔皋屏鹤麓筠漓翠萍岐颍洮泾湄漳凤栾瑶"
SECOND = "川溪陵泽浦原岭平阳宁州源塘湾坪丘安河山江城港康昌水桥林亭石坞渡关"
STRUCK = frozenset(
    "沐川 澄江 澄城 黎川 黎平 黎城 黎阳 枫溪 枫桥 莲湖 莲塘 榆阳 榆林 淞江 岱山 沂源 沂水 沂河 沂山 桐城 桐庐 桐川 漳州 漳平 漳浦 "
    "漳河 漳江 泾川 泾源 泾阳 泾河 颍州 颍河 颍泉 鹤山 鹤岗 凤城 凤山 凤阳 凤林 凤溪 凤桥 岐山 洮河 潞城 潞州 潞河 朔州 朔城 屏山 "
    "漓江 麓山 瑶山 翠屏 栾川 栾城 萍水 平泽 雁江 雁山 雁塘 石屏 皋城 皋陵 翠山 樟塘 禾川 楠溪 莲山 莲城 鹭江 鹭岛 湄江 湄河 湄潭 "
    "凤河 凤江 凤岭 凤州 凤宁 凤康 桐林 桐江 桐溪 榆山 榆关 榆河 榆水 栖山 岐江 鹤城 鹤溪 鹤州 鹤林 瑶溪 瑶林 枫林 枫亭 樟平 漳水 "
    "淞溪 漓溪 颍水 颍川 颍阳 泾水 泾州 洮水 洮州 洮阳 屏南 屏溪 屏城 麓溪 岱岳 岱河 凤泽 凤安 凤源 凤水 筠川 筠溪 筠州 筠阳".split()
)
TOWN_TAILS = "头口坝寨铺沟集营店庄埠窑坎垭滩"

NATIONAL = tuple(
    f"国家{topic}{kind}"
    for topic in "湿地保护 海岛事务 河湖监督管理 古籍资源 极地考察 草原防火 声像档案 乡土文化 雪域交通 矿山修复 航标管理 种质资源".split()
    for kind in ("局", "总局", "委员会", "署")
)

PROVINCE_TOPICS = (
    "教育厅 科学技术厅 工业和信息化厅 公安厅 民政厅 司法厅 财政厅 人力资源和社会保障厅 自然资源厅 生态环境厅 住房和城乡建设厅 "
    "交通运输厅 水利厅 农业农村厅 商务厅 文化和旅游厅 退役军人事务厅 应急管理厅 审计厅 卫生健康委员会 发展和改革委员会 "
    "国有资产监督管理委员会 民族宗教事务委员会 市场监督管理局 统计局 体育局 医疗保障局 林业局 信访局 粮食和物资储备局 药品监督管理局 "
    "机关事务管理局 广播电视局 乡村振兴局 人民防空办公室 外事办公室 地方金融监督管理局"
).split()
LOCAL_TOPICS = (
    "教育局 教育体育局 科学技术局 科技和工业信息化局 民政局 司法局 财政局 人力资源和社会保障局 自然资源局 自然资源和规划局 生态环境局 "
    "住房和城乡建设局 住房保障和房产管理局 交通运输局 水利局 水务局 农业农村局 商务局 文化和旅游局 文化广电旅游体育局 卫生健康委员会 "
    "卫生健康局 退役军人事务局 应急管理局 审计局 市场监督管理局 统计局 医疗保障局 城市管理局 综合行政执法局 行政审批服务局 "
    "政务服务和数据管理局 大数据发展管理局 信访局 林业局 园林绿化局 乡村振兴局 投资促进局 国防动员办公室 金融工作办公室 "
    "发展和改革委员会 发展和改革局 国有资产监督管理委员会 民族宗教事务局 机关事务服务中心 地方志编纂委员会办公室 档案馆 "
    "公共资源交易中心 供销合作社联合社 残疾人联合会 城乡管理和综合行政执法局"
).split()
OLD_TOPICS = (
    "国土资源局 环境保护局 卫生局 卫生和计划生育局 人口和计划生育委员会 工商行政管理局 质量技术监督局 安全生产监督管理局 食品药品监督管理局 "
    "城乡规划局 物价局 粮食局 旅游局 文化广电新闻出版局 农业局 城市管理行政执法局 经济和信息化委员会 经济贸易委员会 建设局 建设委员会 "
    "劳动和社会保障局 人事局 房产管理局 畜牧兽医局 农业机械管理局 招商局 法制办公室 扶贫开发办公室 人民防空办公室 教育局 民政局 财政局 "
    "司法局 交通运输局 水务局 审计局 统计局 林业局 科学技术局 商务局"
).split()
VERTICAL = "税务局 气象局 烟草专卖局 邮政管理局 消防救援支队 海事局 住房公积金管理中心 地震局".split()
ZONES = "经济技术开发区 高新技术产业开发区 工业园区 旅游度假区 综合保税区 新区 现代农业示范区 临港产业园区 风景名胜区".split()
PUBLIC = (
    "第一中学 实验中学 职业技术学院 师范学院 理工大学 第二小学 人民医院 中医院 妇幼保健院 自来水有限公司 燃气有限公司 公共交通集团有限公司 "
    "供电公司 热力有限公司 图书馆 疾病预防控制中心"
).split()

# Kind of agency, how often, and how much business it has (0 none to 1 a province's capital).
KINDS = {
    "province_government": (3, 0.95),
    "province_department": (9, 0.6),
    "prefecture_government": (7, 0.8),
    "prefecture_department": (17, 0.42),
    "county_government": (12, 0.62),
    "county_office": (6, 0.42),
    "county_department": (19, 0.25),
    "police": (4, 0.5),
    "township": (9, 0.16),
    "street": (8, 0.2),
    "zone": (5, 0.4),
    "vertical": (4, 0.25),
    "public": (4, 0.1),
    "national": (2, 0.8),
}


@dataclass(frozen=True, slots=True)
class Agency:
    """A publisher of reports: `name` as its title prints it, `full_name` with the places above, `selves` as it says we.

    `weight` tells how much business it has, from 0 to 1; `whole` is what it governs (`全区`), or it itself; `place` is
    the invented pair of syllables its name begins with.
    """

    name: str
    full_name: str
    kind: str
    place: str
    selves: tuple[str, ...]
    whole: str
    weight: float


def stable_hash(text: str) -> int:
    """A hash that is the same in every process."""
    return zlib.crc32(text.encode("utf-8"))


def split_of(name: str) -> str:
    """The split that a place (or a national agency) belongs to."""
    bucket = stable_hash(name) % sum(SHARES)
    for split, share in zip(SPLITS, SHARES, strict=True):
        if bucket < share:
            return split
        bucket -= share
    raise AssertionError("the shares cover every bucket")


@functools.cache
def places_of(split: str) -> tuple[str, ...]:
    """Every invented place of a split; raises `ValueError` for an unknown split."""
    if split not in SPLITS:
        raise ValueError(f"no split {split!r}")
    names = (a + b for a in FIRST for b in SECOND)
    return tuple(name for name in names if name not in STRUCK and split_of(name) == split)


def draw_agency(rng: random.Random, *, split: str, year: int = 2022) -> Agency:
    """Draw an agency of the split, named as such agencies were in that year."""
    kinds = list(KINDS)
    kind = rng.choices(kinds, [KINDS[kind][0] for kind in kinds])[0]
    province, prefecture, county = rng.sample(places_of(split), 3)
    prefecture += "市" if rng.random() < 0.93 else rng.choice(("地区", "自治州"))
    county += rng.choices(("区", "县", "市"), (5, 4, 2))[0]
    province += "省" if rng.random() < 0.85 else "自治区"
    weight = min(1.0, max(0.0, rng.gauss(KINDS[kind][1], 0.14)))
    name, above, word, whole = _name_agency(rng, kind, (province, prefecture, county), year=year, split=split)
    selves = (f"我{word}", f"我{word}", f"本{word}", "本机关", "本单位") if word else ("本机关", "本单位")
    return Agency(name, above + name, kind, name.removeprefix("国家税务总局").removeprefix("国家")[:2], selves, whole, weight)


def _name_agency(
    rng: random.Random, kind: str, places: tuple[str, str, str], *, year: int, split: str
) -> tuple[str, str, str, str]:
    """Name, the places above it, the word it calls itself by, and the whole that it speaks for."""
    province, prefecture, county = places
    above = {"province": "", "prefecture": rng.choice(("", province)), "county": rng.choice(("", prefecture))}
    match kind.split("_"):
        case ["national"]:
            pool = [name for name in NATIONAL if split_of(name) == split]
            name = rng.choice(pool)
            return name, "", {"会": "委", "署": "署"}.get(name[-1], "局"), "全系统"
        case [level, "government"]:
            place = {"province": province, "prefecture": prefecture, "county": county}[level]
            word = "州" if place.endswith("自治州") else "区" if place.endswith("区") else place[-1]
            return f"{place}人民政府", above[level], word, f"全{word}"
        case [level, "office"]:
            return f"{county}人民政府办公室", above[level], "办", f"全{county[-1]}"
        case [level, "department"]:
            place = {"province": province, "prefecture": prefecture, "county": county}[level]
            topic = rng.choice(_topics(level, year))
            return f"{place}{topic}", above[level], _word_of(topic), f"全{_word_of(topic)}"
        case ["police"]:
            place, tail = rng.choice(((prefecture, "公安局"), (county, "公安局"), (prefecture, f"公安局{county[:2]}分局")))
            return f"{place}{tail}", "", "局", "全局"
        case ["township"]:
            tail = rng.choice(("镇", "镇", "乡"))
            return f"{county}{_town(rng, split)}{tail}人民政府", above["county"], tail, f"全{tail}"
        case ["street"]:
            name = f"{_town(rng, split)}街道办事处"
            return (f"{county}{name}" if rng.random() < 0.6 else f"{county}人民政府{name}"), above["county"], "街道", "街道"
        case ["zone"]:
            return f"{rng.choice((prefecture, county))[:2]}{rng.choice(ZONES)}管理委员会", "", "区", "全区"
        case ["vertical"]:
            topic = rng.choice(VERTICAL)
            place = rng.choice((prefecture, county))
            lead = "国家税务总局" if topic == "税务局" and year >= 2018 else ""
            return f"{lead}{place}{topic}", "", _word_of(topic), f"全{_word_of(topic)}"
        case _:
            topic = rng.choice(PUBLIC)
            return f"{rng.choice((prefecture, county))}{topic}", "", _word_of(topic), "本单位"


def _topics(level: str, year: int) -> list[str]:
    if level == "province":
        return PROVINCE_TOPICS
    return LOCAL_TOPICS if year >= 2019 else OLD_TOPICS


def _word_of(topic: str) -> str:
    """The one word an agency calls itself by, from the end of its name (`我局`)."""
    endings = {"局": "局", "厅": "厅", "委员会": "委", "办公室": "办", "中心": "中心", "馆": "馆", "社": "社", "支队": "支队",
               "公司": "公司", "医院": "院", "学": "校", "学院": "院", "保健院": "院", "医": "院"}  # fmt: skip
    return max(((ending, word) for ending, word in endings.items() if topic.endswith(ending)), default=("", ""),
               key=lambda pair: len(pair[0]))[1]  # fmt: skip


def _town(rng: random.Random, split: str) -> str:
    place = rng.choice(places_of(split))
    return place if rng.random() < 0.6 else place[0] + rng.choice(TOWN_TAILS)
