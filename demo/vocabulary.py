"""The hospitals' words and codes for the same things: organs, histologies, cancers, conditions, adverse events."""

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
    "carcinoma_nos": ("恶性肿瘤, 考虑癌, 建议免疫组化", "癌, 未特指", "8010"),
    "hepatocellular": ("肝细胞癌", "肝细胞癌", "8170"),
}
"""Histology as written, as ticked on a form, and its ICD-O-3 morphology."""

ADVERSE_EVENTS: dict[str, tuple[str, str]] = {
    "fatigue": ("乏力", "Fatigue"),
    "hypertension": ("高血压", "Hypertension"),
    "nausea_vomiting": ("恶心呕吐", "Nausea"),
    "anemia": ("贫血", "Anemia"),
    "hand_foot": ("手足综合征", "Palmar-plantar erythrodysesthesia syndrome"),
    "liver": ("肝功能异常", "Alanine aminotransferase increased"),
    "hypothyroidism": ("甲状腺功能减退", "Hypothyroidism"),
    "proteinuria": ("蛋白尿", "Proteinuria"),
    "pneumonia": ("肺炎", "Lung infection"),
    "mucositis": ("口腔黏膜炎", "Mucositis oral"),
    "rash": ("皮疹", "Rash maculo-papular"),
    "hemorrhage": ("出血", "Epistaxis"),
}

TESTS: dict[str, tuple[str, str, str]] = {
    "ALT": ("丙氨酸氨基转移酶", "U/L", "1742-6"),
    "AST": ("天门冬氨酸氨基转移酶", "U/L", "1920-8"),
    "TBIL": ("总胆红素", "umol/L", "14631-6"),
    "CREA": ("肌酐", "umol/L", "14682-9"),
    "HB": ("血红蛋白", "g/L", "718-7"),
    "ANC": ("中性粒细胞计数", "10^9/L", "751-8"),
    "PLT": ("血小板计数", "10^9/L", "777-3"),
    "TSH": ("促甲状腺激素", "mIU/L", "3016-3"),
    "U-PRO": ("尿蛋白", "", "20454-5"),
}
"""Test to its Chinese name, unit and LOINC code."""

IRRADIATED: dict[str, str] = {"BONE": "骨转移灶", "ESOPHAGUS": "食管", "BRAIN": "脑"}
