"""The hospitals' words and codes for the same things: organs, histologies, conditions, adverse events, tests."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Test:
    """A laboratory test: Chinese name, LOINC code, unit; another unit, and how many of the first make one of it."""

    name: str
    loinc: str
    unit: str
    other_unit: str = ""
    factor: Decimal = Decimal(1)
    digits: int = 0


ORGANS: dict[str, tuple[str, str]] = {
    "DISTANT_LN": ("C77.200", "腹膜后淋巴结继发恶性肿瘤"),
    "LUNG": ("C78.000", "肺继发恶性肿瘤"),
    "PLEURA": ("C78.200x001", "胸膜继发恶性肿瘤"),
    "PERITONEUM": ("C78.600x002", "腹膜继发恶性肿瘤"),
    "LIVER": ("C78.700", "肝继发恶性肿瘤"),
    "SKIN": ("C79.200", "皮肤继发恶性肿瘤"),
    "BRAIN": ("C79.300", "脑继发恶性肿瘤"),
    "BONE": ("C79.500", "骨继发恶性肿瘤"),
    "ADRENAL": ("C79.700", "肾上腺继发恶性肿瘤"),
}
"""Organ to the ICD-10 code of its metastasis, with a Chinese extension, and its name."""

PRIMARIES: dict[str, tuple[str, str, str]] = {
    "C15.3": ("C15.300", "食管上段恶性肿瘤", "食管上段"),
    "C15.4": ("C15.400", "食管中段恶性肿瘤", "食管中段"),
    "C15.5": ("C15.500x001", "食管下段恶性肿瘤", "食管下段"),
    "C16.0": ("C16.000", "贲门恶性肿瘤", "贲门"),
    "C16.2": ("C16.200", "胃体恶性肿瘤", "胃体"),
    "C16.3": ("C16.300", "胃窦恶性肿瘤", "胃窦"),
    "C34.1": ("C34.100", "肺上叶恶性肿瘤", "肺上叶"),
    "C34.3": ("C34.300", "肺下叶恶性肿瘤", "肺下叶"),
    "C18.7": ("C18.700", "乙状结肠恶性肿瘤", "乙状结肠"),
    "C22.0": ("C22.000x003", "肝细胞癌", "肝脏"),
    "C73": ("C73.x00", "甲状腺恶性肿瘤", "甲状腺"),
}
"""ICD-O-3 topography to hospital code, hospital name and the organ as pathologists write it."""

COMORBIDITIES: dict[str, tuple[str, str]] = {"I10": ("I10.x00x002", "高血压"), "E11": ("E11.900", "2型糖尿病")}

HISTOLOGIES: dict[str, tuple[str, str, str]] = {
    "squamous": ("鳞状细胞癌, 中分化", "鳞癌", "8070"),
    "adenosquamous": ("腺鳞癌", "腺鳞癌", "8560"),
    "adenocarcinoma": ("腺癌, 低分化", "腺癌", "8140"),
    "carcinoma_nos": ("低分化癌, 类型待定, 建议免疫组化", "癌, 未特指", "8010"),
    "hepatocellular": ("肝细胞癌", "肝细胞癌", "8170"),
}
"""Histology as written, as ticked on a form, and its ICD-O-3 morphology."""

ADVERSE_EVENTS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "fatigue": (("乏力", "疲乏", "全身乏力"), "Fatigue", "fatigue"),
    "hypertension": (("高血压", "血压升高"), "Hypertension", "hypertension"),
    "nausea": (("恶心", "恶心呕吐"), "Nausea", "nausea_vomiting"),
    "vomiting": (("呕吐",), "Vomiting", "nausea_vomiting"),
    "anemia": (("贫血", "血红蛋白降低"), "Anemia", "anemia"),
    "hand_foot": (
        ("手足综合征", "手足皮肤反应"),
        "Palmar-plantar erythrodysesthesia syndrome",
        "hand_foot",
    ),
    "alt": (("肝功能异常", "谷丙转氨酶升高", "ALT升高"), "Alanine aminotransferase increased", "liver"),
    "ast": (("谷草转氨酶升高", "AST升高"), "Aspartate aminotransferase increased", "liver"),
    "bilirubin": (("胆红素升高",), "Blood bilirubin increased", "liver"),
    "hypothyroidism": (("甲状腺功能减退", "甲减"), "Hypothyroidism", "hypothyroidism"),
    "proteinuria": (("蛋白尿", "尿蛋白阳性"), "Proteinuria", "proteinuria"),
    "pneumonia": (("肺炎", "肺部感染"), "Lung infection", "pneumonia"),
    "mucositis": (("口腔黏膜炎", "口腔溃疡"), "Mucositis oral", "mucositis"),
    "rash": (("皮疹", "斑丘疹"), "Rash maculo-papular", "rash"),
    "epistaxis": (("鼻出血", "鼻衄"), "Epistaxis", "hemorrhage"),
    "hemoptysis": (("咯血", "痰中带血"), "Bronchopulmonary hemorrhage", "hemorrhage"),
    "fever": (("发热",), "Fever", ""),
    "cough": (("咳嗽",), "Cough", ""),
    "insomnia": (("失眠",), "Insomnia", ""),
}
"""Event to its words as doctors write it, its CTCAE term, and its column of escc87.csv without `ae_`, if it has one."""

RELATIONS: dict[str, str] = {
    "肯定有关": "definitely related",
    "很可能有关": "probably related",
    "可能有关": "possibly related",
    "无法判定": "cannot be assessed",
    "待评价": "to be assessed",
    "": "",
    "可能无关": "possibly unrelated",
    "无关": "unrelated",
    "肯定无关": "definitely unrelated",
}
"""Relation to treatment as Chinese hospitals write it, and its English."""

TESTS: dict[str, Test] = {
    "ALT": Test("丙氨酸氨基转移酶", "1742-6", "U/L"),
    "AST": Test("天门冬氨酸氨基转移酶", "1920-8", "U/L"),
    "TBIL": Test("总胆红素", "14631-6", "umol/L", "mg/dL", Decimal("17.1"), 2),
    "CREA": Test("肌酐", "14682-9", "umol/L", "mg/dL", Decimal("88.4"), 2),
    "HB": Test("血红蛋白", "718-7", "g/L", "g/dL", Decimal(10), 1),
    "NEUT": Test("中性粒细胞计数", "751-8", "10^9/L", "10^3/uL", Decimal(1), 2),
    "PLT": Test("血小板计数", "777-3", "10^9/L", "10^3/uL", Decimal(1)),
    "K": Test("钾", "2823-3", "mmol/L"),
    "NA": Test("钠", "2951-2", "mmol/L"),
    "CRP": Test("C反应蛋白", "1988-5", "mg/L"),
    "TSH": Test("促甲状腺激素", "3016-3", "mIU/L"),
    "FT4": Test("游离甲状腺素", "14920-3", "pmol/L", "ng/dL", Decimal("12.87"), 2),
    "U-PRO": Test("尿蛋白", "20454-5", ""),
    "U-PRO24": Test("24小时尿蛋白定量", "2889-4", "g/24h"),
}
"""Tests by the code that the hospitals' laboratories use."""

QUALITATIVE: dict[str, str] = {"阴性": "negative", "±": "trace", "见备注": "see note"}
"""Results in words, and their English."""

ELSEWHERE = ("{drugs}", "外院行{drugs}方案化疗", "当地医院予{drugs}治疗, 具体不详", "于外院使用{drugs}, 拒绝放疗")
"""Ways to tell at follow-up which drugs another hospital gave."""

NOTHING_ELSEWHERE: dict[int, str] = {
    1: "未行外院治疗",
    3: "建议当地医院放疗, 患者拒绝",
    5: "外院未行化疗",
    7: "不除外当地曾行化疗",
    9: "外院理疗",
    11: "家属{name}代述外院服药",
}
"""What is told of treatment elsewhere when there was none, by the patient's number modulo 16."""

IRRADIATED: dict[str, str] = {"BONE": "骨转移灶", "ESOPHAGUS": "食管", "BRAIN": "脑"}

SITES: dict[str, str] = {
    "ADRENAL": "肾上腺",
    "BONE": "骨",
    "DISTANT_LN": "腹膜后淋巴结",
    "ESOPHAGUS": "食管原发灶",
    "LIVER": "肝",
    "LUNG": "肺",
    "PERITONEUM": "腹膜",
    "PLEURA": "胸膜",
    "REGIONAL_LN": "纵隔淋巴结",
    "SKIN": "皮下",
}
"""Organ to the site of a lesion as radiologists write it."""


def in_other_unit(test: Test, value: Decimal) -> Decimal:
    """A value as the analyser with the other unit prints it."""
    return (value / test.factor).quantize(Decimal(1).scaleb(-test.digits))
