"""What a government page prints around a report: navigation, index card, tools, related articles and a footer."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from training.synthesis.noise import NoiseMix

MENU = (
    "首页",
    "政务公开",
    "政府信息公开",
    "互动交流",
    "办事服务",
    "政务服务",
    "走进我们",
    "新闻中心",
    "专题专栏",
    "公众参与",
    "数据发布",
    "机构概况",
    "工作动态",
    "政策文件",
    "解读回应",
    "通知公告",
    "领导之窗",
    "无障碍浏览",
    "长者模式",
    "繁体版",
    "网站地图",
    "登录",
    "注册",
    "个人中心",
    "移动版",
)
TRAILS = (
    ("首页", "政务公开", "政府信息公开年报"),
    ("首页", "政府信息公开", "政府信息公开年度报告", "正文"),
    ("网站首页", "法定主动公开内容", "政府信息公开年报"),
    ("首页", "政府信息公开", "{agency}", "政府信息公开年报", "{year}年"),
    ("首页", "信息公开目录", "年度报告"),
    ("主页", "公开", "政府信息公开工作年度报告", "部门年报"),
)
TRAIL_HEADS = ("当前位置：", "您的位置：", "当前位置: ", "您当前所在的位置：", "你现在的位置:", "位置：", "")
TRAIL_MARKS = (" > ", ">", " >> ", " / ", "-", " » ", "＞", " → ", "->")
TOOLS = (
    "【字体：大 中 小】",
    "字号：[大] [中] [小]",
    "字体大小： 大 中 小",
    "【打印】 【关闭】",
    "打印本页 关闭窗口",
    "分享到：",
    "分享到： 微信 微博 QQ空间",
    "扫一扫在手机打开当前页",
    "【我要纠错】",
    "收藏 打印 关闭",
    "A+ A A-",
    "视力保护色：",
    "浏览次数：{views}",
    "点击数：{views}次",
    "阅读量： {views}",
    "访问量：{views} 次",
    "点击：[ {views} ]",
    "【 打印 】【 下载 】",
    "保护视力色",
)
SOURCES = (
    "来源：{agency} 发布时间：{date} 浏览次数：{views}次",
    "信息来源：{agency}",
    "发布时间：{date}",
    "发布日期：{date} 来源：本站原创",
    "时间：{date} {time} 来源：{agency} 字体：大 中 小",
    "{date} {time}",
    "{date} 作者： 来源： 浏览：{views}",
    "发布机构：{agency} 发布时间：{date} 点击数：{views}",
    "日期：{date}　来源：{agency}　访问量：[{views}]",
    "编辑：管理员 审核：办公室",
    "文章来源： {agency} 更新时间： {date} {time}",
)
RELATED = (
    "上一篇：{agency}{last}年政府信息公开工作年度报告",
    "下一篇：{agency}政府信息公开指南",
    "上一篇：没有了",
    "下一篇：没有了",
    "相关信息",
    "相关文章",
    "{last}年政府信息公开工作年度报告",
    "{before}年度政府信息公开工作年度报告",
    "政府信息公开申请表下载",
    "关于公布{year}年度部门决算的通知",
    "附件：{year}年度报告.doc",
    "相关附件：",
    "{agency}{last}年政府信息公开年报 {lastdate}",
    "图解：一图读懂{year}年年报",
    "返回顶部",
)
FOOT = (
    "版权所有：{agency}",
    "主办：{agency} 承办：{agency}办公室",
    "{icp}ICP备{number}号-{digit}",
    "{icp}公网安备 {long}号",
    "网站标识码：{code}",
    "网站标识码{code} {icp}ICP备{number}号",
    "联系电话：{phone} 邮编：{post}",
    "地址：{street}{digit}{digit}号 邮编：{post}",
    "网站地图 | 联系我们 | 网站声明 | 隐私声明",
    "技术支持：信息中心",
    "联系我们 关于我们 网站地图",
    "建议使用1024×768分辨率 IE8.0以上浏览器访问",
    "Copyright © {year} All Rights Reserved",
    "政府网站 找错",
    "中国政府网 省政府网站 市政府网站",
    "您是第 {views} 位访问者",
    "本网站支持IPv6",
)
CARD_KEYS: tuple[tuple[str, ...], ...] = (
    ("索引号", "索 引 号", "信息索引号", "索引号码"),
    ("发布机构", "发文机关", "信息公开机构", "公开责任部门", "发布单位", "制发机关"),
    ("生成日期", "成文日期", "发布日期", "公开日期", "信息生成日期"),
    ("文号", "文 号", "文件编号", "发文字号"),
    ("有效性", "是否有效", "信息时效", "效力状态"),
    ("主题分类", "信息分类", "所属主题", "组配分类", "体裁分类"),
    ("公开方式", "公开形式"),
    ("公开范围", "公开对象"),
    ("名称", "标题", "信息名称", "名　　称"),
    ("主题词", "关键词"),
)
SUBJECTS = (
    "综合政务",
    "政府信息公开年报",
    "年度报告",
    "其他",
    "综合政务/政务公开",
    "政务公开",
    "法定主动公开内容/年报",
)
STREETS = ("人民路", "中山路", "解放路", "建设大道", "文化街", "新华街", "迎宾大道")
PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔滇藏陕甘青宁新"
DATE_FORMS = (
    "{y}-{m:02d}-{d:02d}",
    "{y}年{m:02d}月{d:02d}日",
    "{y}年{m}月{d}日",
    "{y}/{m:02d}/{d:02d}",
    "{y}.{m}.{d}",
    "{y}-{m}-{d}",
)


@dataclass(frozen=True, slots=True)
class Furniture:
    """Lines above and below the report, and the index card as pairs of key and value."""

    trail: tuple[str, ...] = ()
    menu: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    card: tuple[tuple[str, str], ...] = ()
    source: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()


def draw_furniture(rng: random.Random, mix: NoiseMix, *, agency: str, year: int, title: str) -> Furniture:
    """What stands around the report; nothing where the mixture has neither navigation nor card."""
    words = _draw_words(rng, agency, year)
    card = _draw_card(rng, words, title) if "index-card" in mix else ()
    if "navigation" not in mix:
        return Furniture(card=card)
    trail = rng.choice(TRAIL_HEADS) + rng.choice(TRAIL_MARKS).join(rng.choice(TRAILS))
    return Furniture(
        trail=(trail.format(**words),) if rng.random() < 0.75 else (),
        menu=tuple(rng.sample(MENU, rng.randint(4, 12))) if rng.random() < 0.35 else (),
        head=_draw_lines(rng, TOOLS, words, 3),
        card=card,
        source=_draw_lines(rng, SOURCES, words, 2),
        related=_draw_lines(rng, RELATED, words, 4),
        foot=_draw_lines(rng, FOOT, words, 6),
    )


def print_card(rng: random.Random, card: tuple[tuple[str, str], ...], *, pipes: bool) -> list[str]:
    """The index card as lines of text: two pairs a line between pipes, or one pair a line."""
    colon = rng.choice(("：", ":", "：", ": ", "】"))
    pairs = [(f"【{key}{colon}" if colon == "】" else f"{key}{colon}", value) for key, value in card]
    if not pipes:
        mark = rng.choice(("", "", " ", "\n"))
        return [part.rstrip() for key, value in pairs for part in f"{key}{mark}{value}".split("\n") if part.strip()]
    step = rng.choice((1, 2, 2, 3))
    groups = [pairs[start : start + step] for start in range(0, len(pairs), step)]
    return [
        "".join(f"{key} | {value} | " if value else f"{key} | | " for key, value in group).strip() for group in groups
    ]


def _draw_lines(rng: random.Random, lines: tuple[str, ...], words: dict[str, str], most: int) -> tuple[str, ...]:
    return tuple(line.format(**words) for line in rng.sample(lines, rng.randint(0, most)))


def _draw_words(rng: random.Random, agency: str, year: int) -> dict[str, str]:
    date_form = rng.choice(DATE_FORMS)
    month, day = rng.choice((1, 1, 1, 2, 2, 3)), rng.randint(1, 28)
    return {
        "agency": agency,
        "year": str(year),
        "last": str(year - 1),
        "before": str(year - 2),
        "date": date_form.format(y=year + 1, m=month, d=day),
        "lastdate": date_form.format(y=year, m=month, d=day),
        "time": f"{rng.randint(8, 18):02d}:{rng.randint(0, 59):02d}" + rng.choice(("", f":{rng.randint(0, 59):02d}")),
        "views": str(rng.randint(1, 9999)),
        "icp": rng.choice(PROVINCES),
        "number": str(rng.randint(5_000_000, 21_099_999)),
        "long": "".join(rng.choices("0123456789", k=14)),
        "code": "".join(rng.choices("0123456789", k=10)),
        "digit": str(rng.randint(1, 9)),
        "phone": f"0{rng.randint(310, 999)}-{rng.randint(2_000_000, 8_999_999)}",
        "post": f"{rng.randint(10, 85)}{rng.randint(0, 9999):04d}",
        "street": rng.choice(STREETS),
    }


def _draw_card(rng: random.Random, words: dict[str, str], title: str) -> tuple[tuple[str, str], ...]:
    number = rng.choice(
        (
            "{a}/{y}-{n:05d}",
            "{a}-0{k}01-{y}-{n:04d}",
            "00{a}{k}/{y}-{n:05d}",
            "{a}{k}{k}1/{y}-{n:06d}",
            "1{a}MB{a}{k}/{y}-{n:07d}",
        )
    ).format(a=rng.randint(10**6, 10**7), y=int(words["year"]) + 1, n=rng.randint(1, 999), k=rng.randint(1, 9))
    published = rng.random()
    values = (
        number,
        words["agency"],
        words["date"],
        "" if published < 0.7 else f"政办发〔{words['year']}〕{words['digit']}号",
        rng.choice(("有效", "有效", "有 效", "")),
        rng.choice(SUBJECTS),
        "主动公开",
        rng.choice(("面向全社会", "社会公众", "全社会")),
        title,
        rng.choice(("年度报告", "政府信息公开 年报", "")),
    )
    pairs = [(rng.choice(keys), re.sub(r"\s+", " ", value)) for keys, value in zip(CARD_KEYS, values, strict=True)]
    kept = pairs[:3] + rng.sample(pairs[3:], rng.randint(1, len(pairs) - 3))
    if rng.random() < 0.3:
        rng.shuffle(kept)
    return tuple(kept)
