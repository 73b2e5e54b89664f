"""Names of languages in English, for people who read "Bengali" more readily than "bn"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

NAMES = {
    "af": "Afrikaans", "ak": "Akan", "am": "Amharic", "ar": "Arabic", "az": "Azerbaijani",
    "be": "Belarusian", "bfi": "British Sign Language", "bg": "Bulgarian", "bn": "Bengali",
    "bs": "Bosnian", "ca": "Catalan", "ckb": "Central Kurdish", "cmn": "Mandarin Chinese",
    "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fil": "Filipino",
    "fr": "French", "ga": "Irish", "gd": "Scottish Gaelic", "gu": "Gujarati", "ha": "Hausa",
    "hak": "Hakka Chinese", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian",
    "hy": "Armenian", "id": "Indonesian", "ig": "Igbo", "it": "Italian", "ja": "Japanese",
    "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "kn": "Kannada", "ko": "Korean",
    "kri": "Krio", "ku": "Kurdish", "ln": "Lingala", "lo": "Lao", "lt": "Lithuanian",
    "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi",
    "ms": "Malay", "mt": "Maltese", "my": "Burmese", "ne": "Nepali", "nl": "Dutch",
    "no": "Norwegian", "om": "Oromo", "pa": "Panjabi", "pl": "Polish", "prs": "Dari",
    "ps": "Pashto", "pt": "Portuguese", "rmy": "Romani", "ro": "Romanian", "rom": "Romani",
    "ru": "Russian", "rw": "Kinyarwanda", "si": "Sinhala", "sk": "Slovak", "sl": "Slovene",
    "sn": "Shona", "so": "Somali", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish",
    "sw": "Swahili", "syl": "Sylheti", "ta": "Tamil", "te": "Telugu", "th": "Thai",
    "ti": "Tigrinya", "tl": "Tagalog", "tr": "Turkish", "tw": "Twi", "uk": "Ukrainian",
    "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "wo": "Wolof", "yi": "Yiddish",
    "yo": "Yoruba", "yue": "Cantonese", "zh": "Chinese", "zu": "Zulu",
}  # fmt: skip
"""By the shortest code of ISO 639."""
LONGER = {
    "amh": "am", "ara": "ar", "ben": "bn", "bul": "bg", "ces": "cs", "chi": "zh", "cze": "cs",
    "cym": "cy", "deu": "de", "dut": "nl", "ell": "el", "eng": "en", "fas": "fa", "fra": "fr",
    "fre": "fr", "ger": "de", "gre": "el", "guj": "gu", "heb": "he", "hin": "hi", "hun": "hu",
    "ita": "it", "jpn": "ja", "kor": "ko", "kur": "ku", "lav": "lv", "lit": "lt", "mal": "ml",
    "nep": "ne", "nld": "nl", "pan": "pa", "per": "fa", "pol": "pl", "por": "pt", "pus": "ps",
    "ron": "ro", "rum": "ro", "rus": "ru", "slk": "sk", "slo": "sk", "som": "so", "spa": "es",
    "sqi": "sq", "alb": "sq", "swa": "sw", "tam": "ta", "tel": "te", "tgl": "tl", "tha": "th",
    "tir": "ti", "tur": "tr", "ukr": "uk", "urd": "ur", "vie": "vi", "wel": "cy", "yid": "yi",
    "yor": "yo", "zho": "zh",
}  # fmt: skip
"""Codes of three letters for languages that also have one of two."""


def language_name(code: str) -> str:
    """Return the English name of an ISO 639 code (en, eng, en-GB); other words stay as they are."""
    first = code.strip().replace("_", "-").partition("-")[0].lower()
    return NAMES.get(LONGER.get(first, first), code)


def language_labels(codes: Iterable[str]) -> dict[str, str]:
    """Return a label for each code; of two codes of one language both keep theirs beside."""
    names = {code: language_name(code) for code in codes}
    often = Counter(names.values())
    return {
        code: f"{name} ({code})" if often[name] > 1 and name != code else name
        for code, name in names.items()
    }
