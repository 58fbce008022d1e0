"""Free text read by the reviewed phrases: sentences as doctors write them, and what a careful reader takes of each."""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from models.errors import ConfigError
from warehouse import load_centre
from warehouse.intake.phrases import READINGS, create_words, read_texts
from warehouse.vocabularies import Vocabulary, folded, vocabularies

Reading = tuple[str, dict[str, list[str]], str | None]

AFFIRMED: dict[str, dict[str, str]] = {
    "histology": {
        "食管中段鳞状细胞癌, 中分化": "8070",
        "（食管）鳞癌": "8070",
        "食管 鳞状 细胞 癌": "8070",
        "低分化癌，免疫组化符合鳞状细胞癌": "8070",
        "鳞状细胞癌，未见脉管癌栓": "8070",
        "鳞状细胞癌切缘阴性": "8070",
        "未见腺癌，为鳞状细胞癌": "8070",
        "腺鳞癌": "8560",
        "食管角化型鳞状细胞癌": "8071",
        "基底样鳞状细胞癌": "8083",
        "未分化癌": "8020",
        "非小细胞癌": "8046",
        "小细胞癌": "8041",
        "印戒细胞癌，属低分化腺癌": "8490",
        "Squamous cell carcinoma, moderately differentiated": "8070",
        "SQUAMOUS CELL CARCINOMA": "8070",
        "Invasive carcinoma, squamous cell carcinoma": "8070",
        "adenosquamous carcinoma of the oesophagus": "8560",
        "No lymphovascular invasion; adenocarcinoma": "8140",
        "低分化癌, 类型待定": "8010",
        "癌, 倾向鳞癌": "8010",  # a carcinoma for certain, its kind in doubt
    },
    "behaviour": {
        "(食管)鳞状细胞癌": "3",
        "原位癌": "2",
        "鳞状上皮高级别上皮内瘤变": "2",
        "淋巴结转移性鳞癌": "6",
        "鳞状细胞癌, 周围黏膜慢性炎": "3",
        "黏膜慢性炎症": "0",
        "(食管中段)鳞状细胞癌。(胃窦)黏膜慢性炎, 未见腺癌": "3",
        "鳞状细胞癌, 局部为原位癌": "3",
    },
    "primary_site": {
        "食管中段鳞癌": "C15.4",
        "食管癌(中段)": "C15.4",
        "胸上段食管": "C15.3",
        "食管胃结合部腺癌": "C16.0",
        "右肺上叶腺癌": "C34.1",
        "食管鳞癌": "C15.9",
        "胃窦黏膜": "C16.3",
        "食管中段, 鳞癌": "C15.4",
        "(食管中段)鳞状细胞癌。(胃窦)黏膜慢性炎, 未见腺癌": "C15.4",
        "胃窦慢性炎; 食管下段鳞癌": "C15.5",
        "lower third of oesophagus": "C15.5",
    },
    "intent": {
        "根治性": "CURATIVE",
        "食管癌根治术": "CURATIVE",
        "姑息性放疗": "PALLIATIVE",
        "骨转移灶减症放疗": "PALLIATIVE",
        "新辅助化疗": "NEOADJUVANT",
        "术后辅助化疗": "ADJUVANT",
        "非根治性切除": "PALLIATIVE",
        "Palliative RT": "PALLIATIVE",
        "neoadjuvant": "NEOADJUVANT",
    },
    "site": {
        "骨转移灶": "BONE",
        "左锁骨上淋巴结": "DISTANT_LN",
        "右肾上腺": "ADRENAL",
        "纵隔淋巴结": "REGIONAL_LN",
        "第3胸椎椎体": "BONE",
        "双肺下叶": "LUNG",
    },
    "mixed_histology": {"腺鳞癌": "Y", "鳞状细胞癌伴腺癌成分": "Y"},
    "surgery": {"食管癌根治术": "SURGERY_CURATIVE", "姑息性切除": "SURGERY_PALLIATIVE", "R0切除": "SURGERY_CURATIVE"},
}

OPEN: dict[str, dict[str, str]] = {
    "histology": {
        "可疑鳞癌": "UNCERTAIN",
        "鳞癌待排": "UNCERTAIN",
        "不除外鳞状细胞癌": "UNCERTAIN",
        "考虑腺癌可能": "UNCERTAIN",
        "Suspicious for squamous cell carcinoma": "UNCERTAIN",
        "squamous cell carcinoma cannot be excluded": "UNCERTAIN",
        "鳞癌，不除外腺鳞癌": "PARTLY",
        "未见癌": "NEGATED",
        "镜下未见明确鳞状细胞癌": "NEGATED",
        "no evidence of carcinoma": "NEGATED",
        "父亲食管鳞癌": "NEGATED",
        "建议重取活检排除鳞癌": "NEGATED",
        "送检组织过少": "UNMATCHED",
        "鳞状细胞癌与小细胞癌": "AFFIRMED",  # two codes: neither is taken
        "鳞状细胞癌，局灶印戒细胞癌": "AFFIRMED",
    },
    "behaviour": {"可疑癌变": "UNCERTAIN", "未见癌": "NEGATED", "慢性炎，不除外癌": "PARTLY"},
    "primary_site": {
        "肝穿刺组织转移性鳞癌": "UNCERTAIN",
        "考虑食管来源": "UNCERTAIN",
        "颈部肿物": "UNMATCHED",
        "胃窦活检未见癌": "NEGATED",
    },
    "intent": {"可能根治": "UNCERTAIN", "挽救性放疗": "UNMATCHED"},
    "site": {"颈部淋巴结": "UNSPECIFIC", "盆腔肿块": "UNMATCHED"},
}

METASTATIC: dict[str, tuple[str, list[str]]] = {
    "双肺及肝脏多发转移": ("AFFIRMED", ["LIVER", "LUNG"]),
    "肝脏未见转移，左锁骨上淋巴结转移": ("AFFIRMED", ["DISTANT_LN"]),
    "未见肝、肺及骨转移": ("NEGATED", []),
    "肝转移、肺未见转移": ("AFFIRMED", ["LIVER"]),
    "食管癌肝转移": ("AFFIRMED", ["LIVER"]),
    "腹膜后淋巴结转移可能": ("UNCERTAIN", []),
    "肝转移, 肾上腺转移待排": ("PARTLY", ["LIVER"]),
    "肝囊肿, 双肾结石": ("UNMATCHED", []),
    "颈部淋巴结转移": ("UNSPECIFIC", []),
    "胸膜继发恶性肿瘤": ("AFFIRMED", ["PLEURA"]),
    "纵隔淋巴结转移": ("AFFIRMED", []),  # regional: a family of its own
    "Liver metastases; lungs clear": ("AFFIRMED", ["LIVER"]),
    "metastases to bone and brain": ("AFFIRMED", ["BONE", "BRAIN"]),
    "No evidence of liver metastases": ("NEGATED", []),
    "No metastases in liver, lung or bone": ("NEGATED", []),
    "No evidence of liver, lung or bone metastases": ("UNCERTAIN", []),  # how far an English negation reaches
    "No liver metastases, but lung metastases": ("AFFIRMED", ["LUNG"]),
}

ELSEWHERE: dict[str, tuple[str, list[str], list[str]]] = {
    "紫杉醇+顺铂": ("AFFIRMED", ["cisplatin", "paclitaxel"], []),
    "外院行紫杉醇联合顺铂方案化疗2周期": ("AFFIRMED", ["cisplatin", "paclitaxel"], []),
    "当地医院予卡瑞利珠单抗（艾瑞卡）200mg治疗": ("AFFIRMED", ["camrelizumab"], []),
    "多西紫杉醇单药": ("AFFIRMED", ["docetaxel"], []),
    "外院TP方案化疗": ("AFFIRMED", ["TP"], []),
    "外院化疗, 具体方案不详": ("AFFIRMED", ["systemic therapy, drug not named"], []),
    "外院放疗30次": ("AFFIRMED", [], ["RT"]),
    "外院同步放化疗": ("AFFIRMED", ["systemic therapy, drug not named"], ["RT"]),
    "食管支架置入": ("AFFIRMED", [], ["STENT"]),
    "于外院使用顺铂, 拒绝放疗": ("AFFIRMED", ["cisplatin"], []),
    "未行外院治疗": ("NEGATED", [], []),
    "建议当地医院放疗, 患者拒绝": ("NEGATED", [], []),
    "拟行免疫治疗": ("NEGATED", [], []),
    "不除外当地曾行化疗": ("UNCERTAIN", [], []),
    "本院化疗": ("UNCERTAIN", [], []),
    "外院手术": ("UNSPECIFIC", [], []),
    "外院理疗": ("UNMATCHED", [], []),
    "某某紫杉醇": ("UNCERTAIN", [], []),  # an unknown name that contains a known one is another drug
    "新药甲+顺铂": ("PARTLY", ["cisplatin"], []),
    "paclitaxel plus carboplatin, 4 cycles": ("AFFIRMED", ["carboplatin", "paclitaxel"], []),
    "declined chemotherapy": ("NEGATED", [], []),
}


Asked = dict[str, list[str]]


def cases(table: dict[str, dict[str, str]]) -> list[tuple[str, str, str]]:
    """A table of sentences as parameters."""
    return [(vocabulary, text, said) for vocabulary, texts in table.items() for text, said in texts.items()]


def every_phrase() -> Asked:
    """Each phrase alone, with the word of assertion that its vocabulary wants."""
    return {
        name: [f"{word.text} {needed(name)}".strip() for word in vocabulary.words if word.code is not None]
        for name, vocabulary in vocabularies().items()
    }


def needed(name: str) -> str:
    """A word of assertion of a vocabulary, empty when it wants none."""
    return next((word.text for word in vocabularies()[name].words if word.kind == "ASSERTION"), "")


def read(asked: list[tuple[str, str]], known: Iterable[Vocabulary]) -> dict[tuple[str, str], Reading]:
    """Texts read in one go: status, codes by family, the single code."""
    known = list(known)
    with duckdb.connect() as connection:
        create_words(connection, known)
        connection.execute("CREATE TEMP TABLE asked (vocabulary VARCHAR, written VARCHAR)")
        names, texts = zip(*asked, strict=True)
        connection.execute("INSERT INTO asked SELECT unnest(?), unnest(?)", [list(names), list(texts)])
        connection.execute("INSERT INTO asked VALUES ('histology', NULL)")
        connection.execute(read_texts("asked", known))
        rows = connection.execute(f"SELECT vocabulary, written, status, answers, code FROM {READINGS}").fetchall()
    return {(vocabulary, text): (status, answers, code) for vocabulary, text, status, answers, code in rows}


@pytest.fixture(scope="module")
def readings() -> dict[tuple[str, str], Reading]:
    """Every sentence of this file and every phrase, by vocabulary and text."""
    asked = [(vocabulary, text) for vocabulary, text, _ in [*cases(AFFIRMED), *cases(OPEN)]]
    asked += [("metastatic_site", text) for text in METASTATIC]
    asked += [("treatment_elsewhere", text) for text in [*ELSEWHERE, "ＴＰ　方 案"]]
    asked += [(name, text) for name, texts in every_phrase().items() for text in texts]
    return read(asked, vocabularies().values())


@pytest.mark.parametrize(("vocabulary", "text", "code"), cases(AFFIRMED))
def test_what_a_text_affirms_becomes_its_code(
    readings: dict[tuple[str, str], Reading], vocabulary: str, text: str, code: str
) -> None:
    """One code affirmed and nothing doubted: that code, the narrowest of nested ones."""
    assert readings[vocabulary, text][2] == code


@pytest.mark.parametrize(("vocabulary", "text", "status"), cases(OPEN))
def test_what_a_text_denies_doubts_or_leaves_out_is_no_code(
    readings: dict[tuple[str, str], Reading], vocabulary: str, text: str, status: str
) -> None:
    """Anything but one plain affirmation stays unknown, and the status says why."""
    found, _, code = readings[vocabulary, text]
    assert (found, code) == (status, None)


@pytest.mark.parametrize(("text", "expected"), METASTATIC.items())
def test_an_organ_is_metastatic_only_where_the_text_says_so(
    readings: dict[tuple[str, str], Reading], text: str, expected: tuple[str, list[str]]
) -> None:
    """Each organ shares the fate of the metastasis that is told of it."""
    status, answers, _ = readings["metastatic_site", text]
    assert (status, answers.get("", [])) == expected


@pytest.mark.parametrize(("text", "expected"), ELSEWHERE.items())
def test_treatment_elsewhere_is_what_was_given(
    readings: dict[tuple[str, str], Reading], text: str, expected: tuple[str, list[str], list[str]]
) -> None:
    """Drugs and procedures that were given count; planned, refused and doubted ones do not."""
    status, answers, _ = readings["treatment_elsewhere", text]
    assert (status, answers.get("DRUG", []), answers.get("PROCEDURE", [])) == expected


def test_no_text_is_no_reading(readings: dict[tuple[str, str], Reading]) -> None:
    """An empty cell leaves nothing open."""
    assert all(readings[key][0] for key in readings)
    assert len(readings) == len({key for key in readings if key[1]})


@pytest.mark.parametrize("name", vocabularies())
def test_a_word_means_one_thing_in_its_vocabulary(name: str) -> None:
    """No phrase has two codes of one family, and no cue of a vocabulary is a phrase of it."""
    words = [(word.text, word.family) for word in vocabularies()[name].words]
    assert len(words) == len(set(words))
    kinds: dict[str, str] = {}
    for word in vocabularies()[name].words:
        assert kinds.setdefault(word.text, word.kind) == word.kind


@pytest.mark.parametrize("name", vocabularies())
def test_every_phrase_is_understood_alone(readings: dict[tuple[str, str], Reading], name: str) -> None:
    """Each phrase, written alone and with the word of assertion that its vocabulary wants, gives its own code."""
    for word in vocabularies()[name].words:
        if word.code is not None:
            answers = readings[name, f"{word.text} {needed(name)}".strip()][1]
            assert word.code in answers.get(word.family, []), word.text


def test_folding_is_one_for_phrases_and_texts(readings: dict[tuple[str, str], Reading]) -> None:
    """Width, case and spaces between Han characters do not matter."""
    assert folded("ＴＰ　方 案") == folded("tp方案")
    assert readings["treatment_elsewhere", "ＴＰ　方 案"] == ("AFFIRMED", {"DRUG": ["TP"]}, None)


def centre(root: Path, cell: dict[str, str], phrases: str | None = None) -> Path:
    """The folder of a centre that maps procedures with one cell of intent, and has phrases of its own."""
    (root / "tables").mkdir()
    (root / "centre.toml").write_text(
        'id = "hospital"\nname = "Hospital"\ndeliveries = { path = "in" }\n[source.file]\nfiles = ["file.csv"]\n',
        "utf-8",
    )
    (root / "tables" / "procedure.toml").write_text(
        'table = "procedure"\n[[feed]]\nsource = "file"\n[feed.columns]\nkind = { constant = "RT" }\n'
        'patient_id = { column = "id", system = "HIS" }\n'
        f"intent = {{ {', '.join(f'{key} = {value!r}' for key, value in cell.items())} }}\n",
        "utf-8",
    )
    if phrases is not None:
        (root / "phrases.csv").write_text(phrases, "utf-8")
    return root


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ({"column": "x", "vocabulary": "histologie"}, "there is no vocabulary 'histologie'"),
        ({"column": "x", "vocabulary": "treatment_elsewhere"}, "has no family ''"),
        ({"column": "x", "vocabulary": "site"}, "says ADRENAL"),
    ],
)
def test_a_mapping_with_a_wrong_vocabulary_is_refused(tmp_path: Path, cell: dict[str, str], says: str) -> None:
    """A mapping that names no vocabulary, or one whose codes the column does not permit, is refused by name."""
    with pytest.raises(ConfigError, match=says) as error:
        load_centre(centre(tmp_path, cell))
    assert "procedure.toml: feed 1 of procedure, intent" in str(error.value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("intent,挽救性,SALVAGE", "vocabulary intent has no code 'SALVAGE'"),
        ("intents,挽救性,PALLIATIVE", "there is no vocabulary 'intents'"),
    ],
)
def test_a_phrase_without_a_meaning_is_refused(tmp_path: Path, line: str, says: str) -> None:
    """A centre's phrase needs a vocabulary and a code that exist; the message names the file."""
    folder = centre(tmp_path, {"column": "x", "vocabulary": "intent"}, f"vocabulary,phrase,code\n{line}\n")
    with pytest.raises(ConfigError, match=says) as error:
        load_centre(folder)
    assert "phrases.csv" in str(error.value)


def test_phrases_of_another_encoding_are_refused_in_words(tmp_path: Path) -> None:
    """A list saved by a Chinese spreadsheet as GB18030 is refused with its name and what to do."""
    folder = centre(tmp_path, {"column": "x", "vocabulary": "intent"})
    (folder / "phrases.csv").write_bytes("vocabulary,phrase,code\nintent,挽救性,PALLIATIVE\n".encode("gb18030"))
    with pytest.raises(ConfigError, match=r"phrases.csv is not UTF-8.*Save it as UTF-8"):
        load_centre(folder)


def test_a_centre_s_own_phrases_come_before_the_shipped_ones(tmp_path: Path) -> None:
    """A centre adds a phrase, gives one another code, or names a drug in its own way; other centres read as before."""
    own = "vocabulary,phrase,code\nintent,挽救性,PALLIATIVE\nintent,辅助,\ntreatment_elsewhere,院内一号,cisplatin\n"
    config = load_centre(centre(tmp_path, {"column": "x", "vocabulary": "intent"}, own))
    told = ("treatment_elsewhere", "外院予院内一号化疗")
    asked = [("intent", "挽救性放疗"), ("intent", "辅助"), ("intent", "新辅助"), told]
    found = read(asked, vocabularies(config.phrases).values())
    assert [found[key][2] for key in asked[:3]] == ["PALLIATIVE", None, "NEOADJUVANT"]
    assert found[told][1] == {"DRUG": ["cisplatin"]}
    assert read(asked[:1], vocabularies().values())[asked[0]][0] == "UNMATCHED"
