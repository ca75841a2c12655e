"""What the categories, levels and languages of the catalogue are called."""

from __future__ import annotations

from collections.abc import Mapping

CATEGORIES: Mapping[str, tuple[str, str]] = {
    "general": ("General", "ads, tracking and more in one list: a household needs one of these"),
    "advertising": ("Advertising", "ads"),
    "tracking": ("Tracking", "trackers and analytics"),
    "privacy": ("Privacy", "what tells others who somebody is or what they do"),
    "telemetry": ("Telemetry", "what devices, systems and apps report to their makers"),
    "television": ("Television", "smart TVs and streaming boxes"),
    "malware": ("Malware", "what infects machines, and what infected machines talk to"),
    "phishing": ("Phishing", "sites that pass themselves off as others"),
    "scams": ("Scams", "swindles, fake shops, traps"),
    "mining": ("Mining", "mining of coins on other people's machines"),
    "adult": ("Adult", "adult sites, and search that cannot leave them out"),
    "gambling": ("Gambling", "gambling and betting"),
    "social": ("Social", "social networks"),
    "piracy": ("Piracy", "copies without leave"),
    "dating": ("Dating", "dating sites"),
    "regional": ("Regional", "sites of some languages or countries: beside a general list"),
    "new-domains": ("New domains", "names that were registered a few days ago"),
    "dynamic-dns": ("Dynamic DNS", "names that people give to machines at home"),
    "bypass": ("Ways round", "ways round this resolver: encrypted DNS, VPNs, proxies"),
    "shorteners": ("Short links", "short links"),
    "allow": ("Exceptions", "lists that allow"),
}
"""The title of each category, and what lists of it are about, in the order of the catalogue."""

LANGUAGES: Mapping[str, str] = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "he": "Hebrew",
    "hu": "Hungarian",
    "id": "Indonesian",
    "is": "Icelandic",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mk": "Macedonian",
    "ms": "Malay",
    "nb": "Norwegian Bokmål",
    "nl": "Dutch",
    "nn": "Norwegian Nynorsk",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sk": "Slovak",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
"""The languages of BCP 47 that lists of the catalogue are for; one that is not here is called by its code."""

LEVELS: Mapping[str, str] = {
    "gentle": "gentle: nothing that is missed",
    "normal": "normal",
    "strict": "strict: some of it is missed",
}

BREAKS: Mapping[str, str] = {
    "rarely": "rarely breaks anything",
    "sometimes": "sometimes breaks something",
    "often": "often breaks something",
}
