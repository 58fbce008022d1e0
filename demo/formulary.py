"""The drugs of the demo hospitals: how they are given and how their names are written.

Keys are those of the drug seed. Spellings carry brands, salts, strengths and tags as order systems do.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drug:
    """One drug: usual dose in mg (of one infusion or one capsule), interval or schedule in days, and its names."""

    key: str
    chinese: tuple[str, ...]
    english: tuple[str, ...]
    plain: str
    spec: str
    mg: int
    cycle_days: int = 21
    is_oral: bool = False
    units_per_day: int = 1
    on_days: int = 0
    infusion_days: int = 1


def _infused(
    key: str, plain: str, chinese: tuple[str, ...], english: tuple[str, ...], spec: str, mg: int, cycle_days: int = 21
) -> Drug:
    return Drug(key, chinese, english, plain, spec, mg, cycle_days)


_PD1 = (
    _infused(
        "camrelizumab",
        "卡瑞利珠单抗",
        ("注射用卡瑞利珠单抗(艾瑞卡)200mg", "注射用卡瑞利珠单抗", "艾瑞卡", "[乙]注射用卡瑞利珠单抗"),
        ("camrelizumab 200mg", "AiRuiKa", "SHR-1210"),
        "200mg*1瓶",
        200,
    ),
    _infused(
        "tislelizumab",
        "替雷利珠单抗",
        ("替雷利珠单抗注射液", "替雷利珠单抗注射液（百泽安）100mg", "百泽安", "替雷利珠单抗注射液 100mg:10ml"),
        ("tislelizumab 100mg/10ml", "Tevimbra", "tislelizumab-jsgr"),
        "100mg:10ml*1瓶",
        200,
    ),
    _infused(
        "pembrolizumab",
        "帕博利珠单抗",
        ("帕博利珠单抗注射液", "帕博利珠单抗注射液(可瑞达)", "可瑞达", "派姆单抗注射液"),
        ("pembrolizumab", "Keytruda", "pembrolizumab 100mg/4ml"),
        "100mg:4ml*1瓶",
        200,
    ),
    _infused(
        "sintilimab", "信迪利单抗", ("信迪利单抗注射液", "达伯舒"), ("sintilimab", "Tyvyt"), "100mg:10ml*1瓶", 200
    ),
    _infused(
        "toripalimab", "特瑞普利单抗", ("特瑞普利单抗注射液", "拓益"), ("toripalimab", "Tuoyi"), "240mg:6ml*1瓶", 240
    ),
    _infused(
        "nivolumab",
        "纳武利尤单抗",
        ("纳武利尤单抗注射液", "欧狄沃"),
        ("nivolumab", "Opdivo"),
        "100mg:10ml*1瓶",
        240,
        14,
    ),
)

_PDL1 = (
    _infused(
        "benmelstobart",
        "贝莫苏拜单抗",
        ("贝莫苏拜单抗注射液600mg/20ml", "安得卫"),
        ("benmelstobart", "TQB2450"),
        "600mg:20ml",
        1200,
    ),
    _infused(
        "adebrelimab",
        "阿得贝利单抗",
        ("阿得贝利单抗注射液", "艾瑞利"),
        ("adebrelimab", "SHR-1316"),
        "600mg:12ml*1瓶",
        1200,
    ),
    _infused(
        "sugemalimab", "舒格利单抗", ("舒格利单抗注射液", "择捷美"), ("sugemalimab", "Cejemly"), "600mg:20ml*1瓶", 1200
    ),
)

_CHEMOTHERAPY = (
    _infused(
        "paclitaxel",
        "紫杉醇",
        ("紫杉醇注射液", "紫杉醇注射液 30mg:5ml", "特素"),
        ("paclitaxel", "taxol"),
        "30mg:5ml*1支",
        270,
    ),
    _infused(
        "paclitaxel_nab",
        "白蛋白紫杉醇",
        ("注射用紫杉醇(白蛋白结合型)", "紫杉醇(白蛋白结合型)100mg", "白蛋白紫杉醇"),
        ("nab-paclitaxel", "albumin-bound paclitaxel"),
        "100mg*1瓶",
        400,
    ),
    _infused("docetaxel", "多西他赛", ("多西他赛注射液", "多西紫杉醇"), ("docetaxel", "DTX"), "20mg:1ml*1支", 120),
    _infused("cisplatin", "顺铂", ("注射用顺铂", "顺铂注射液 30mg"), ("cisplatin", "DDP"), "30mg*1支", 120),
    _infused("carboplatin", "卡铂", ("卡铂注射液", "波贝"), ("carboplatin", "CBP"), "100mg:10ml*1支", 450),
    _infused("nedaplatin", "奈达铂", ("注射用奈达铂", "鲁贝"), ("nedaplatin", "NDP"), "50mg*1支", 130),
    _infused("oxaliplatin", "奥沙利铂", ("注射用奥沙利铂", "艾恒"), ("oxaliplatin", "L-OHP"), "50mg*1支", 200),
    Drug(
        "fluorouracil",
        ("氟尿嘧啶注射液", "5-FU"),
        ("fluorouracil", "5-FU"),
        "氟尿嘧啶",
        "250mg:10ml*1支",
        1250,
        infusion_days=4,
    ),
    _infused(
        "irinotecan", "伊立替康", ("盐酸伊立替康注射液", "艾力"), ("irinotecan", "CPT-11"), "40mg:2ml*1支", 270, 14
    ),
    _infused("gemcitabine", "吉西他滨", ("注射用盐酸吉西他滨", "泽菲"), ("gemcitabine", "GEM"), "200mg*1瓶", 1600),
    _infused("vinorelbine", "长春瑞滨", ("重酒石酸长春瑞滨注射液", "盖诺"), ("vinorelbine", "NVB"), "10mg:1ml*1支", 40),
    _infused("pemetrexed", "培美曲塞", ("注射用培美曲塞二钠", "力比泰"), ("pemetrexed", "PEM"), "200mg*1瓶", 800),
    Drug(
        "s1",
        ("替吉奥胶囊", "维康达"),
        ("S-1", "TS1"),
        "替吉奥",
        "20mg*42粒",
        20,
        is_oral=True,
        units_per_day=4,
        on_days=14,
    ),
    Drug(
        "capecitabine",
        ("卡培他滨片", "希罗达"),
        ("capecitabine", "Xeloda"),
        "卡培他滨",
        "500mg*12片",
        500,
        is_oral=True,
        units_per_day=6,
        on_days=14,
    ),
)

_TARGETED = (
    Drug(
        "anlotinib",
        ("盐酸安罗替尼胶囊", "福可维", "盐酸安罗替尼胶囊(福可维)", "[乙]盐酸安罗替尼胶囊"),
        ("anlotinib", "Focus V", "anlotinib hydrochloride"),
        "安罗替尼",
        "12mg*7粒",
        12,
        is_oral=True,
        on_days=14,
    ),
    Drug(
        "apatinib",
        ("甲磺酸阿帕替尼片", "艾坦"),
        ("apatinib", "rivoceranib"),
        "阿帕替尼",
        "250mg*10片",
        250,
        28,
        is_oral=True,
        on_days=28,
    ),
    _infused(
        "bevacizumab", "贝伐珠单抗", ("贝伐珠单抗注射液", "安可达"), ("bevacizumab", "Avastin"), "100mg:4ml*1瓶", 900
    ),
    _infused(
        "rh_endostatin",
        "恩度",
        ("重组人血管内皮抑制素注射液", "恩度"),
        ("recombinant human endostatin", "YH-16"),
        "15mg:3ml*1支",
        210,
    ),
    _infused(
        "ramucirumab",
        "雷莫西尤单抗",
        ("雷莫西尤单抗注射液", "希冉择"),
        ("ramucirumab", "IMC-1121B"),
        "100mg:10ml*1瓶",
        500,
        14,
    ),
)

_AGAINST_SIDE_EFFECTS = (
    Drug(
        "amlodipine",
        ("苯磺酸氨氯地平片", "络活喜"),
        ("amlodipine",),
        "氨氯地平",
        "5mg*28片",
        5,
        28,
        is_oral=True,
        on_days=28,
    ),
    Drug(
        "levothyroxine",
        ("左甲状腺素钠片", "优甲乐"),
        ("levothyroxine", "Euthyrox"),
        "左甲状腺素",
        "50μg*100片",
        0,
        100,
        is_oral=True,
        on_days=100,
    ),
)
"""Not part of any line; a strength of less than a milligram is told as 0."""

FORMULARY: dict[str, Drug] = {
    drug.key: drug for drug in (*_PD1, *_PDL1, *_CHEMOTHERAPY, *_TARGETED, *_AGAINST_SIDE_EFFECTS)
}

PREMEDICATION = (
    ("地塞米松磷酸钠注射液", "dexamethasone", "5mg:1ml", 10),
    ("盐酸帕洛诺司琼注射液", "palonosetron", "0.25mg:5ml", 0),
)
"""Given before chemotherapy and no part of any line: Chinese name, English name, pack, mg (0: less than one)."""

SUPPORTIVE_CAPSULES = ("醋酸甲地孕酮分散片", "megestrol", "160mg*14片")
"""Appetite support that carries an anticancer code and must not open a line."""
