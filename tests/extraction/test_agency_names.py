from __future__ import annotations

import pytest

from extraction.agency_names import match_agencies, parse_agency


@pytest.mark.parametrize(
    ("name", "places", "organ"),
    [
        ("河南省郑州市惠济区人民政府办公室", ("河南省", "郑州市", "惠济区", None), "人民政府办公室"),
        ("郑州市惠济区政府办", ("河南省", "郑州市", "惠济区", None), "人民政府办公室"),
        ("重慶市渝中區衛生健康委", ("重庆市", None, "渝中区", None), "卫生健康委员会"),
        ("吉林市财政局", ("吉林省", "吉林市", None, None), "财政局"),
        ("吉林长春市财政局", ("吉林省", "长春市", None, None), "财政局"),
        ("海南藏族自治州教育局", ("青海省", "海南藏族自治州", None, None), "教育局"),
        ("内蒙古自治区锡林郭勒盟卫健委", ("内蒙古自治区", "锡林郭勒盟", None, None), "卫生健康委员会"),
        ("岚浦区人民政府云头街道办事处", (None, None, "岚浦区", "云头街道"), "办事处"),
        ("岚浦区云头街道", (None, None, "岚浦区", "云头街道"), "办事处"),
        ("栖川市岚浦区云头镇人民政府", (None, "栖川市", "岚浦区", "云头镇"), "人民政府"),
        ("沙市区人民政府", (None, None, "沙市区", None), "人民政府"),
        ("麓宁县政务服务和数据管理局", (None, None, "麓宁县", None), "政务服务和数据管理局"),
        ("珑塘区城市管理局", (None, None, "珑塘区", None), "城市管理局"),
        ("岚州市经济开发区管委会", (None, "岚州市", None, None), "经济开发区管理委员会"),
        ("栖川经济技术开发区管委会", (None, None, None, None), "栖川经济技术开发区管理委员会"),
        ("市财政局", (None, None, None, None), "市财政局"),
        ("财政局", (None, None, None, None), "财政局"),
        ("", (None, None, None, None), ""),
    ],
)
def test_a_name_is_taken_apart(name: str, places: tuple[str | None, ...], organ: str) -> None:
    agency = parse_agency(name)
    assert (agency.places, agency.organ) == (places, organ)


def match(*names: str) -> dict[str, tuple[str, str]]:
    return {named.printed: (named.agency.full, named.rule) for named in match_agencies(names)}


def test_a_name_without_its_city_is_that_of_the_only_one_that_fits() -> None:
    found = match("惠济区政府办", "郑州市惠济区人民政府办公室", "河南省郑州市惠济区人民政府办公室")
    assert set(found.values()) == {
        ("河南省郑州市惠济区人民政府办公室", "place_above"),
        ("河南省郑州市惠济区人民政府办公室", "name"),
    }


def test_a_name_that_two_agencies_may_have_stands_for_itself_until_a_person_looks() -> None:
    names = ("鼓楼区民政局", "南京市鼓楼区民政局", "福州市鼓楼区民政局")
    found = {named.printed: named for named in match_agencies(names)}
    assert found["鼓楼区民政局"].rule == "ambiguous"
    assert found["鼓楼区民政局"].review
    assert len({named.agency for named in found.values()}) == 3


def test_districts_and_schools_one_character_apart_are_never_one() -> None:
    names = [f"{place}第{number}中学" for place in ("东城区", "西城区", "南城区", "北城区") for number in "一二三"]
    assert len({named.agency for named in match_agencies(names)}) == len(names)


def test_a_misread_organ_is_taken_for_the_common_one_and_shown_to_a_person() -> None:
    names = [f"{place}卫生健康委员会" for place in ("岚浦区", "栖川县", "砚山县")]
    found = match(*names, "岚浦区卫生健康季员会")
    assert found["岚浦区卫生健康季员会"] == ("岚浦区卫生健康委员会", "spelling")


def test_a_name_without_a_place_is_for_review() -> None:
    (named,) = match_agencies(["市财政局"])
    assert (named.rule, named.review) == ("no_place", True)
