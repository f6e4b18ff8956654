"""The words that dates and deadlines are made of, Arabic and English, and the lexer that finds them in a text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from commitments.text import Folded, fold

# Every spelling that folding doesn't make equal, month by month: Levant and Iraq, Egypt and Gulf, Algeria and Tunisia,
# Morocco, Mauritania, Libya (1970 to 2011), English.
MONTHS = (
    "يناير|كانون ثاني|كانون ثان|جانفي|أي النار|january|jan",
    "فبراير|شباط|فيفري|فبرائر|النوار|february|feb",
    "مارس|آذار|march|mar",
    "أبريل|نيسان|أفريل|ايبريل|الطير|april|apr",
    "مايو|أيار|ماي|الماء|may",
    "يونيو|يونية|يوني|حزيران|جوان|june|jun",
    "يوليو|يولية|يولي|تموز|جويلية|يوليوز|ناصر|july|jul",
    "أغسطس|آب|أوت|غشت|أغشت|هانيبال|august|aug",
    "سبتمبر|أيلول|شتنبر|شتمبر|الفاتح|september|sept|sep",
    "أكتوبر|أوكتوبر|تشرين أول|التمور|october|oct",
    "نوفمبر|تشرين ثاني|تشرين ثان|نونبر|نوفنبر|الحرث|november|nov",
    "ديسمبر|كانون أول|دجنبر|دجمبر|دسمبر|december|dec",
)
HIJRI_MONTHS = (
    "محرم|المحرم|محرم الحرام|muharram",
    "صفر|صفر الخير|safar",
    "ربيع أول|rabi al awwal|rabi ul awwal|rabi al awal|rabi i|rabi 1",
    "ربيع ثاني|ربيع آخر|rabi al thani|rabi ath thani|rabi al akhir|rabi ul thani|rabi ii|rabi 2",
    "جمادى أولى|جمادى أول|jumada al awwal|jumada al ula|jumada al awal|jumada i|jumada 1",
    (
        "جمادى آخرة|جمادى ثانية|جمادى ثاني|جمادى آخر|jumada al thani|jumada al akhirah|jumada al akhira|"
        "jumada ath thani|jumada ii|jumada 2"
    ),
    "رجب|رجب المرجب|rajab",
    "شعبان|شعبان المعظم|shaban|shaaban",
    "رمضان|رمضان المبارك|رمضان الكريم|ramadan|ramadhan|ramazan",
    "شوال|shawwal|shawal",
    "ذو قعدة|ذي قعدة|ذوالقعدة|dhu al qidah|dhu al qadah|dhul qidah|dhul qadah|dhu l qidah|zul qadah|dhu al qada",
    "ذو حجة|ذي حجة|ذوالحجة|dhu al hijjah|dhu al hijja|dhul hijjah|dhul hijja|dhu l hijjah|zul hijjah|zil hijja",
)
# Libya's are other words, too: months only beside a day or «شهر», or between a limit and a year.
RARE = "أي النار|النوار|الطير|الماء|ناصر|هانيبال|الفاتح|التمور|الحرث"
# Half of a name that two months share.
HALVES = {((1, 12), False): "كانون", ((10, 11), False): "تشرين", ((5, 6), True): "جمادى|jumada"}
# Month names that are a person's name or another word as well: alone, they name no month.
NAMES = (
    "may|april|june|august|march|jan|mar|sep|sept|dec|oct|nov|اب|مارس|ماي|نيسان|تموز|ايار|رجب|رمضان|شعبان|شوال|صفر|"
    "محرم|المحرم|ربيع"
)

WEEKDAYS = (
    "الاثنين|monday|mon",
    "الثلاثاء|الثلاثا|tuesday|tue|tues",
    "الأربعاء|الاربعا|wednesday|wed",
    "الخميس|thursday|thu|thur|thurs",
    "الجمعة|friday|fri",
    "السبت|saturday",
    "الأحد|sunday",
)
INDEFINITE_WEEKDAYS = ("اثنين", "ثلاثاء", "أربعاء", "خميس", "جمعة", "سبت", "أحد")  # only after first, last …
SEASONS = {
    "21": "spring|springtime|ربيع|فصل الربيع",
    "22": "summer|summertime|صيف|فصل الصيف",
    "23": "autumn|fall|fall of|خريف|فصل الخريف",
    "24": "winter|wintertime|شتاء|فصل الشتاء",
}
# unit, how many of it the word itself says (0: none, the number stands beside it), plural
UNITS = {
    ("hour", 0, False): "hour|ساعة",
    ("hour", 0, True): "hours|ساعات",
    ("hour", 2, False): "ساعتين|ساعتان",
    ("day", 0, False): "day|يوم|يوما|اليوم",
    ("day", 0, True): "days|أيام",
    ("day", 2, False): "يومين|يومان",
    ("week", 0, False): "week|أسبوع|أسبوعا",
    ("week", 0, True): "weeks|أسابيع",
    ("week", 2, False): "أسبوعين|أسبوعان",
    ("fortnight", 0, False): "fortnight",
    ("fortnight", 0, True): "fortnights",
    ("month", 0, False): "month|شهر|شهرا",
    ("month", 0, True): "months|أشهر|شهور",
    ("month", 2, False): "شهرين|شهران|شهري",
    ("quarter", 0, False): "quarter|ربع|ثلاثي",
    ("quarter", 0, True): "quarters|أرباع",
    ("quarter", 2, False): "ربعين|ربعان",
    ("half", 0, False): "semester|half|نصف|سداسي",
    ("half", 0, True): "semesters|halves",
    ("third", 0, False): "third|ثلث|trimester",
    ("year", 0, False): "year|عام|عاما|سنة|calendar year",
    ("year", 0, True): "years|أعوام|سنوات|سنين|سنوت",
    ("year", 2, False): "عامين|عامان|سنتين|سنتان",
    ("decade", 0, False): "decade|عقد|عقدا",
    ("decade", 0, True): "decades|عقود",
    ("decade", 2, False): "عقدين|عقدان",
    ("century", 0, False): "century|قرن|قرنا",
    ("century", 0, True): "centuries|قرون",
    ("century", 2, False): "قرنين|قرنان",
}
CARDINALS = {
    1: "one|a|an|واحد|واحدة|أحد|إحدى|حادي",
    2: "two|اثنان|اثنين|اثنتان|اثنتين|اثنا|اثني|اثنتا|اثنتي",
    3: "three|ثلاث|ثلاثة",
    4: "four|أربع|أربعة",
    5: "five|خمس|خمسة",
    6: "six|ست|ستة",
    7: "seven|سبع|سبعة",
    8: "eight|ثمان|ثماني|ثمانية",
    9: "nine|تسع|تسعة",
    10: "ten|عشر|عشرة",
    11: "eleven",
    12: "twelve|dozen",
    13: "thirteen",
    14: "fourteen",
    15: "fifteen",
    16: "sixteen",
    17: "seventeen",
    18: "eighteen",
    19: "nineteen",
    20: "twenty|عشرون|عشرين",
    30: "thirty|ثلاثون|ثلاثين",
    40: "forty|أربعون|أربعين",
    50: "fifty|خمسون|خمسين",
    60: "sixty|ستون|ستين",
    70: "seventy|سبعون|سبعين",
    80: "eighty|ثمانون|ثمانين",
    90: "ninety|تسعون|تسعين",
    100: "hundred|مئة|مائة|مية",
    200: "مئتان|مئتين|مائتان|مائتين|مئتا|مئتي|مائتي",
    300: "ثلاثمئة|ثلاثمائة",
    400: "أربعمئة|أربعمائة",
    500: "خمسمئة|خمسمائة",
    600: "ستمئة|ستمائة",
    700: "سبعمئة|سبعمائة",
    800: "ثمانمئة|ثمانمائة",
    900: "تسعمئة|تسعمائة",
    1000: "thousand|ألف|آلاف|ألفا",
    2000: "ألفان|ألفين|ألفي",
}
ORDINALS = {
    -1: "last|final|closing|أخير|أخيرة|آخر",
    1: "first|أول|أولى|حادي|حادية|الفاتح|فاتح|غرة",
    2: "second|ثاني|ثانية|ثان",
    3: "third|ثالث|ثالثة",
    4: "fourth|رابع|رابعة",
    5: "fifth|خامس|خامسة",
    6: "sixth|سادس|سادسة",
    7: "seventh|سابع|سابعة",
    8: "eighth|ثامن|ثامنة",
    9: "ninth|تاسع|تاسعة",
    10: "tenth|عاشر|عاشرة",
    11: "eleventh",
    12: "twelfth",
    13: "thirteenth",
    14: "fourteenth",
    15: "fifteenth",
    16: "sixteenth",
    17: "seventeenth",
    18: "eighteenth",
    19: "nineteenth",
    20: "twentieth",
    30: "thirtieth",
}
RELATIVE = {
    1: (
        "next|coming|upcoming|forthcoming|following|مقبل|مقبلة|مقبلين|مقبلتين|قادم|قادمة|قادمين|قادمتين|آتي|آتية|آت|"
        "تالي|تالية|تاليين"
    ),
    0: "this|current|present|هذا|هذه|جاري|جارية|جار|حالي|حالية|راهن|راهنة",
    -1: "last|past|previous|preceding|ماضي|ماضية|ماضيين|منصرم|منصرمة|فائت|فائتة|سابق|سابقة|أخيرين",
}
DEICTIC = {
    -1: "yesterday|أمس|البارحة",
    0: "today|now|the present|اليوم|هذا اليوم|الآن|يومنا هذا",
    1: "tomorrow|غدا|الغد|غد",
    2: "the day after tomorrow|day after tomorrow|بعد غد",
}
EDGES = {
    "end": "end|close|expiry|expiration|lapse|نهاية|انتهاء|انقضاء|ختام|نهايات|موفى|متم",
    "start": "beginning|start|commencement|onset|outset|dawn|بداية|مطلع|مستهل",
    "inside": (
        "halfway through|midway through|halfway into|midway into|towards the end|toward the end|early|early in|"
        "opening|rest|remainder|opening days|opening weeks|first days|first weeks|final days|"
        "final weeks|"
        "final months|last days|last weeks|last months|closing days|closing weeks|closing months|بقية|باقي|أوائل|"
        "بدايات|mid|middle|late|late in|later in|course|منتصف|أواسط|وسط|أواخر|غضون"
    ),
}
# An edge and what it is the edge of, in one phrase.
UNIT_EDGES = {
    ("end", "year"): "year end|years end",
    ("end", "month"): "month end|months end",
    ("end", "quarter"): "quarter end",
    ("inside", "year"): "midyear|mid year",
    ("inside", "month"): "midmonth|mid month",
    ("inside", "century"): "midcentury|mid century",
}
TENS = {
    20: "عشرينيات|عشرينات|twenties",
    30: "ثلاثينيات|ثلاثينات|thirties",
    40: "أربعينيات|أربعينات|forties",
    50: "خمسينيات|خمسينات|fifties",
    60: "ستينيات|ستينات|sixties",
    70: "سبعينيات|سبعينات|seventies",
    80: "ثمانينيات|ثمانينات|eighties",
    90: "تسعينيات|تسعينات|nineties",
}
# Days of the year that have a name → month, day, Hijri.
FEASTS = {
    (1, 1, False): "new year day|new years day|رأس السنة|رأس السنة الميلادية|عيد رأس السنة|عيد رأس السنة الميلادية",
    (12, 31, False): "new year eve|new years eve",
    (1, 1, True): "رأس السنة الهجرية|عيد رأس السنة الهجرية",
}
CODES = {"quarter": "q", "half": "h"}
ERAS = {True: "ه|هج|هجري|هجرية|للهجرة|ah|hijri|a h", False: "م|ميلادي|ميلادية|للميلاد|ad|ce"}

# ---- The words around a date. A limit → how it takes a date, a duration, an event (see deadlines.LIMITS).
LIMITS = {
    "by": (
        "by|and by|not exceed|not exceeding|not past|not to extend past|not extending past|without going past|"
        "not to exceed|as late as|no later than|not later than|by no later than|by not later than|no later than by|on or before|"
        "by or before|in or before|at the latest by|latest by|not after|no later|not beyond|due|due by|due on|due in|"
        "deadline|deadline of|deadline is|deadline for|بحلول|مع حلول|عند حلول|بموعد أقصاه|في موعد أقصاه|موعد أقصاه|"
        "موعدا أقصاه|أقصاه|أقصاها|في أجل أقصاه|أجل أقصاه|أجلا أقصاه|في تاريخ أقصاه|في موعد لا يتجاوز|موعد لا يتجاوز|"
        "في موعد لا يتعدى|موعد لا يتعدى|في أجل لا يتجاوز|في أجل لا يتعدى|في موعد غايته|بموعد لا يتجاوز|لا تتجاوز|"
        "لا يتجاوز|لا يتعدى|لا تتعدى|لا يتأخر عن|لا تتأخر عن|قبل أو بحلول|في أو قبل|في موعد لا يتأخر عن|"
        "ألا يتجاوز|ألا يتعدى|ألا يتأخر عن|ألا يتأخر ذلك عن|لا يتأخر ذلك عن|دون أن يتجاوز|دون تجاوز|"
        "آخر أجل|آخر موعد|المهلة النهائية|مهلة نهائية|الموعد النهائي|موعد نهائي|ليس بعد|ليس أبعد من|في مدة أقصاها|في مهلة أقصاها|خلال مدة أقصاها|مع"
    ),
    "until": "until|and until|till|up until|إلى حين|لحين|حتى يحين",
    "through": "through|thru|up to|up to and including|until and including",
    "upto": "حتى|وحتى|لغاية|ولغاية|إلى غاية|حتى حلول|حتى غاية|لحد|إلى حد",
    "most": "at most|no more than|not more than|a maximum of|no longer than|not longer than",
    "before": (
        "up to but not including|until but not including|until, but not including,|up to, but not including,|"
        "preceding|in the run up to|the run up to|in the lead up to|the lead up to|في موعد يسبق|موعد يسبق|تسبق|"
        "يسبق|before|"
        "prior to|ahead of|earlier than|in advance of|قبل|قبيل|قبل حلول|"
        "قبل موعد|قبل تاريخ|قبل موعد محدد|قبل تاريخ محدد|قبل موعد مقرر|التي تسبق|الذي يسبق|سابق ل|سابقة ل"
    ),
    "after": (
        "after|beyond|following|later than|subsequent to|بعد|عقب|إثر|في أعقاب|بعد تاريخ|بعد مرور|بعد مضي|بعد انقضاء|"
        "بعد فوات|بعد حلول|بعد موعد|بعيد|تلي|يلي|التي تلي|الذي يلي|التي تلت|الذي تلا|التي تعقب|الذي يعقب"
    ),
    "from": (
        "from|starting|starting from|starting on|starting in|starting with|beginning in|beginning on|beginning from|"
        "beginning with|begins on|begins in|begin on|begin in|starts on|starts in|start on|start in|as of|as from|"
        "effective|effective from|effective as of|with effect from|commencing|commencing on|commencing in|"
        "commencing from|from and after|on or after|onwards from|من|اعتبارا من|ابتداء من|ابتداء ب|بدءا من|بدءا ب|"
        "بداية من|انطلاقا من|إعتبارا من|ابتداءا من|بدء من|تبدأ في|يبدأ في|تبدأ من|يبدأ من|في أو بعد"
    ),
    "not before": (
        "not until|as early as|no earlier than|not earlier than|no sooner than|not sooner than|not before|"
        "no earlier|ليس قبل|"
        "لا قبل|"
        "في موعد لا يسبق|موعد لا يسبق"
    ),
    "during": (
        "over the course of|during the course of|في بحر|during|within|over|throughout|inside|in the course of|"
        "for|in the space of|within a period of|خلال|أثناء|ضمن|"
        "طوال|طيلة|على مدار|على مدى|لمدة|لفترة|في غضون|في ظرف|في خلال|في حدود|بغضون|في مدة|في أثناء|لأجل مدته|مدة|"
        "مهلة|بمهلة|داخل|داخل أجل|غضون|عبر|على امتداد"
    ),
    "in": "in|in over|in more than",
    "inside": "في|فى",
    "eve": "eve of|the eve of|عشية",
    "at": "on|at|بعد ظهر|بعد الظهر|يوم|بتاريخ|بيوم|تاريخ",
    "between": "between|anywhere between|any time between|بين|ما بين|فيما بين|في ما بين",
    "upon": (
        "upon|by the time|by the time that|once|when|as soon as|whenever|pending|at such time as|عند|عندما|حينما|لدى|"
        "فور|بمجرد|حال|حالما|ريثما|ما إن|متى|ما أن|بانتظار|في حال|رهنا ب|until such time as|only when|only after|حين|"
        "فور الانتهاء من|بشرط|شريطة|حسب تطور"
    ),
    "since": "since|dated|dating from|dating back to|منذ|مذ|ago|المؤرخ|المؤرخة|مؤرخ|مؤرخة|المؤرخ في|المؤرخة في|مؤرخ في|مؤرخة في",
    "agent": "من قبل|من خلال|من جانب|بدلا من|عوضا من",  # by someone, by means of: no time at all
}
# A meaning → the words that have it. Fillers may stand between a limit and its date, and say nothing of their own.
WORDS = {
    "fiscal": "fiscal year|financial year|fiscal|fy|السنة المالية|العام المالي|سنة مالية|عام مالي",
    "yearnoun": (
        "year|عام|سنة|عامي|سنتي|أعوام|سنوات|years|calendar year|السنة الميلادية|العام الميلادي|السنة الهجرية|"
        "العام الهجري"
    ),
    "filler": (
        "the|either|initial|an initial|period|a period of|the period of|period of|periods of|a maximum of|maximum of|"
        "a maximum period of|a period not exceeding|a period not to exceed|a period of no more than|"
        "a period of not more than|no more than|not more than|not exceeding|at most|up to|less than|the date of|"
        "date of|the end of the day on|close of business on|close of business|end of business|midnight|noon|"
        "midnight of|midnight on|midday|the morning of|the evening of|the night of|a time frame of|a timeframe of|"
        "the space of|the month of|the months of|only|just|exactly|another|a further|an additional|additional|"
        "no later than|a total of|under|fewer than|the afternoon of|afternoon|the day of|مدة|فترة|مهلة|أجل|"
        "مدة أقصاها|فترة أقصاها|مهلة أقصاها|أقصاها|أقصاه|لا تتجاوز|"
        "لا يتجاوز|لا تتعدى|لا تزيد على|لا تزيد عن|لا يزيد على|لا يزيد عن|لا تقل عن|قدرها|مدتها|مدته|تاريخ|موعد|حلول|"
        "يوم|أيام|ليلة|مساء|صباح|الساعة|منتصف الليل|منتصف ليل|منتصف ليلة|ظهر|فجر|كل من|ذلك|إما|أقل من|ما لا يزيد على|"
        "ما لا يزيد عن|ما لا يتجاوز|مرور|مضي|انقضاء مدة|انقضاء"
    ),
    "counted": (
        "troops|soldiers|personnel|people|persons|dollars|million|billion|thousand|km|kilometres|kilometers|members|"
        "families|prisoners|detainees|vehicles|projects|tons|tonnes|barrels|megawatts|mw|homes|houses|percent|"
        "per cent|square|metres|meters|refugees|men|women|children|fighters|contractors|advisers|advisors|forces|"
        "cases|victims|users|students|schools|jobs|points|pages|countries|states|جندي|جنديا|جنود|عسكري|عسكريا|فرد|"
        "فردا|شخص|شخصا|أشخاص|دولار|دولارا|مليون|مليار|ألف|كيلومتر|كم|عضو|عضوا|عائلة|أسرة|سجين|سجينا|معتقل|معتقلا|"
        "مركبة|مشروع|مشروعا|طن|طنا|برميل|برميلا|ميغاواط|منزل|منزلا|دينار|متر|مترا|نازح|نازحا|لاجئ|لاجئا|مقاتل|مقاتلا|"
        "مستشار|مستشارا|مدرب|مدربا|أمريكي|أميركي|عراقي|دولة|قتيل|قتيلا|ضحية|طالب|طالبا|مدرسة|وظيفة|نقطة|صفحة|عنصر|"
        "عنصرا|وثيقة"
    ),
    "place": (
        "bridge|city|square|street|avenue|revolution|movement|alliance|university|hospital|stadium|airport|town|"
        "brigade|uprising|suburb|جسر|مدينة|ميدان|ساحة|شارع|ثورة|حركة|قوى|تحالف|جامعة|مستشفى|ملعب|مطار|لواء|انتفاضة|"
        "حي|ضاحية|انقلاب"
    ),
    "document": (
        "resolution|resolutions|unscr|law|decree|act|article|order|regulation|directive|agreement|accord|accords|"
        "treaty|convention|memorandum|constitution|declaration|communique|vision|agenda|protocol|charter|paragraph|"
        "statement|plan|no|number|budget|war|قرار|قرارات|قانون|مرسوم|مادة|فقرة|بند|أمر|اتفاقية|اتفاق|معاهدة|مذكرة|"
        "دستور|إعلان|بيان|رؤية|أجندة|ميثاق|بروتوكول|رقم|خطة|نظام|موازنة|حرب|ثورة|انتفاضة"
    ),
    "happening": (
        "attack|attacks|massacre|bombing|bombings|explosion|assassination|killing|killings|هجوم|هجمات|مجزرة|"
        "مجازر|مذبحة|مقتل|سقوط|استشهاد|وفاة|رحيل|زلزال|death|collapse|fall of|earthquake|"
        "تفجير|تفجيرات|انفجار|اغتيال|اعتداء|اعتداءات|حادثة"
    ),
    "spoken": (
        "said|says|told|tells|added|adds|stated|noted|stressed|confirmed|reported|remarked|explained|"
        "informed|reiterated|affirmed|tweeted|announced|declared|قال|قالت|قالا|قالوا|أضاف|أضافت|صرح|صرحت|ذكر|ذكرت|أكد|"
        "أكدت|أكدا|أشار|أشارت|أوضح|أوضحت|أفاد|أفادت|شدد|شددت|تابع|تابعت|لفت|لفتت|كشف|كشفت|أبلغ|أبلغت|أخبر|أخبرت|"
        "نقلت|أعلن|أعلنت|جددت|كتبت|غرد"
    ),
    "lasting": "war|wars|conflict|fighting|cooperation|occupation|sanctions|حرب|حروب|صراع|نزاع|قتال|تعاون|احتلال|عقوبات|حصار",
    "told": "told|tells|informed|أبلغ|أبلغت|أخبر|أخبرت",  # someone, before it is said when
    "baseline": (
        "levels|level|baseline|baselines|base year|compared to|compared with|relative to|مستويات|مستوى|خط الأساس|"
        "سنة الأساس|مقارنة|قياسا"
    ),
    "replaced": "instead of|rather than|in place of|no longer|بدلا من|عوضا من|بدلا عن|عوضا عن",
    "recalled": "أحداث|ذكرى|ضحايا|شهداء|victims of the",
    "stated": "statement|declaration|communique|announcement|بيان|إعلان|بلاغ",
    "issued": "signature|signing|issue|issuance|publication|adoption|توقيع|صدور|إصدار|نشر",
    "except": (
        "not|except|except for|excluding|other than|with the exception of|apart from|ليس|ليست|باستثناء|عدا|"
        "ما عدا|فيما عدا"
    ),
    "negated": (
        "not|cannot|no|never|nor|neither|none|nobody|nothing|wont|cant|shant|mustnt|shouldnt|wouldnt|couldnt|dont|"
        "doesnt|isnt|arent|prohibited|forbidden|لن|لا|ألا|ليس|ليست|ليسوا|عدم|يمنع|تمنع|يحظر|تحظر|ممنوع|محظور"
    ),
    "lasts": (
        "done|completed|finished|concluded|submitted|occur|happen|take place|يتم|تتم|يجري|تجري|يحدث|تحدث|"
        "remain|remains|stay|stays|exist|last|continue|extend|persist|later|يبقى|تبقى|بقاء|البقاء|يكون|تكون|يتواجد|"
        "تتواجد|يستمر|تستمر|استمرار|يمتد|تمتد|يظل|تظل|وجود"
    ),
    "whatever": (
        "بأي حال|بأي حال من الأحوال|في أي حال|في أي حال من الأحوال|تحت أي ظرف|تحت أي ظرف من الظروف|بأي شكل من الأشكال|"
        "مهما كانت الظروف|in any event|in any case|under any circumstances"
    ),
    # What stands between a negation and a limit: the negation ends there; or what the two mean together isn't understood.
    "but": "but|only|except|unless|rather|instead|other than|إلا|سوى|بل|لكن|ولكن|إنما|وإنما|غير أن|فقط",
    "unclear": (
        "and|or|that|which|who|because|if|although|while|without|fail|fails|failing|hesitate|refuse|refuses|did|has|have|"
        "had|was|were|و|أو|دون|بدون|لم|لأن|إذا|الذي|التي|الذين|يتردد|تتردد|تفشل|يفشل|ترفض|يرفض"
    ),
    "no negation": (
        "لا مانع|لا حاجة|لا اعتراض|لا خلاف|no need|no obstacle|whether or not|no doubt|no matter|no objection|not only|not just|not merely|"
        "لا بد|لا سيما|لا شك|لا غنى|لا يزال|لا تزال|لا يزالون|لا زال|لا زالت"
    ),
    "extends": "extended|extend|extends|extending|extension|prolonged|prolong|مدد|مددت|يمدد|تمدد|تمديد|تمديدها|تمديده",
    "moves": (
        "postponed|postpone|postponing|postponement|delayed|rescheduled|deferred|moved|brought forward|pushed back|"
        "put off|تأجيل|تأجل|تأجلت|أجلت|إرجاء|أرجئ|أرجئت|ترحيل|تغيير موعد|تقديم موعد"
    ),
    "portion": "لاحقا|مبكر|مبكرة|متأخر|متأخرة|ما|تبقى|يتبقى|متبق|متبقي|متبقية|جزء|موسم|أخير|أخيرة",
    "clock": (
        "noon|oclock|midday|midnight|morning|afternoon|evening|night|hour|close of business|end of business|الساعة|"
        "ظهر|ظهرا|فجر|"
        "فجرا|صباح|صباحا|عصر|عصرا|مساء|ليل|ليلا|ليلة|منتصف الليل|منتصف ليل|منتصف ليلة|midnight of|midnight on|"
        "the morning of|the afternoon of|the evening of|the night of|morning of|afternoon of|evening of|night of|"
        "close of business on|the end of the day on|دوام"
    ),
    "zone": "بتوقيت|توقيت",
    "future": (
        "will|shall|must|should|would|to|be|going|expected|planned|scheduled|intends|intend|plan|plans|may|can|that|"
        "aims|aim|until|سوف|أن|يجب|ينبغي|مقرر|مزمع|متوقع|يعتزم|تعتزم|يعتزمان|تلتزم|يلتزم|على أن|سيتم|ستتم"
    ),
    "past": (
        "voted|struck|erupted|hosted|signed|held|adopted|concluded|established|founded|launched|issued|announced|"
        "ratified|killed|born|died|"
        "occurred|happened|began|started|ended|met|visited|invaded|liberated|captured|destroyed|convened|released|"
        "published|approved|passed|enacted|formed|created|built|attacked|was|were|had|did|entered|won|elected|"
        "appointed|took|made|led|returned|withdrew|agreed|reached|joined|left|opened|closed|became|since|ago|"
        "recovered|suffered|fell|rose|declared|completed|fought|seized|lost|endorsed|unveiled|الموقع|الموقعة|الموقعه|"
        "المبرم|المبرمة|الصادر|الصادرة|المنعقد|المنعقدة|المعقود|المعقودة|المولود|المولودة|وقعت|وقعا|وقعها|وقعتها|"
        "وقعتا|وقع|عقدت|انعقد|انعقدت|جرى|جرت|تم|تمت|كان|كانت|كانا|قتل|قتلوا|قتلت|اجتاح|اجتاحت|منذ|أبرم|أبرمت|أبرما|"
        "صدر|صدرت|أصدر|أصدرت|استعادت|استعاد|اعتمد|اعتمدت|أقر|أقرت|تأسس|تأسست|أسس|دخل|دخلت|ولد|ولدت|توفي|توفيت|زار|"
        "زارت|اتفقت|اتفق|شهد|شهدت|بدأ|بدأت|انتهى|انتهت|حدث|حدثت|أعلن|أعلنت|انسحب|انسحبت|غزا|غزت|احتل|احتلت|سقط|سقطت|"
        "أطلق|أطلقت|شارك|شاركت|اغتيل|قصف|قصفت|نفذ|نفذت|افتتح|افتتحت|انتخب|انتخبت|حرر|حررت|طرد|فاز|فازت|تولى|تولت|وصل|"
        "وصلت|غادر|غادرت|التقى|التقت|التي عقدت|الذي عقد|قد عقد|كان عقد|الذي وقع|التي وقعت|المؤرخ|المؤرخة|المعتمد|"
        "المعتمدة|المقر|شكلت|شكل|أجريت|أجرى|أجرت|استمرت|استمر"
    ),
    "be": "is|are|has|have|been|يتم|تتم|تنتهي|ينتهي|يصدر|تصدر|تكون|يكون|إشعار آخر|further notice|notice",
    "half": "half|half a|half an|نصف",
    "and a half": "and a half|ونصف|والنصف",
    "of": "of|من|في|ل|لل|for|in|from",
    "and": "and|و|&",
    "or": "or|أو",
    "to": (
        "منتهي في|منتهية في|to|until|till|through|up to|and until|and up to|and ending|and ending on|"
        "and ending in|and ends on|and by|"
        "ending on|ending in|ending|and continuing until|thru|إلى|حتى|وحتى|لغاية|ولغاية|إلى غاية|وإلى|وتنتهي في|"
        "وينتهي في|تنتهي في|ينتهي في|وتنتهي|على أن تنتهي في|وصولا إلى|ول"
    ),
    "same": (
        "corresponding to|equivalent to|i e|that is|الموافق|الموافقة|الموافق ل|الموافقة ل|الموافق ليوم|الموافق يوم|"
        "المصادف|المصادف ل|المصادفة|الموافقين|المقابل ل|ما يوافق|يوافق|الموافق لتاريخ|بما يوافق|أي"
    ),
    "every": "every|each|كل|per|every other",
    "times": (
        "once|twice|thrice|times|one time|مرة|مرتين|مرتان|مرات|مرة واحدة|once a|twice a|times a|times per|once per|"
        "twice per|once in"
    ),
    "approximate": (
        "مع اقتراب|اقتراب|مع قرب|تقارب|يقارب|about|around|near|close to|around the time of|approximately|roughly|"
        "circa|some time around|"
        "sometime around|nearly|or so|حوالي|نحو|قرابة|زهاء|"
        "تقريبا|بحدود|في حدود|ما يقارب|ما يقرب من"
    ),
    "few": (
        "few|several|some|many|couple of|a few|a couple of|number of|a number of|handful of|a handful of|matter of|"
        "a matter of|بضع|بضعة|عدة|عدد من|بعض|العديد من|كثير من|قليل|قليلة"
    ),
    "working": "working|business|عمل|العمل",
    "plain": "calendar|full|whole|consecutive|تقويمية|تقويميا|كاملة|متتالية",
    "new": "new|جديد|جديدة",
    "promise": "agreed|announced|declared|اتفق|اتفقت|أعلن|أعلنت",
    "content": "on|على|بشأن|حول",
    "onward": "or later|or after|or thereafter|أو بعده|أو بعدها|أو ما بعده|أو ما بعدها|onward|onwards|"
    "and beyond|فصاعدا|وما بعد|وما بعده|وما بعدها|فما بعد",
    "at latest": (
        "deadline|موعدا نهائيا|موعدا أقصى|at the latest|at the very latest|latest|at most|or earlier|or sooner|"
        "or less|at the outside|maximum|"
        "على أبعد تقدير|على أبعد حد|على أقصى تقدير|كحد أقصى|بحد أقصى|على الأكثر|أو قبل ذلك|أو أقل|كموعد أقصى|"
        "كأقصى حد|كأقصى موعد|كموعد نهائي"
    ),
    "at least": (
        "more than|longer than|or more|or longer|تزيد على|تزيد عن|يزيد على|يزيد عن|على أقرب تقدير|in over|"
        "in more than|after over|at the earliest|"
        "at least|"
        "no less than|not less than|أكثر من|أو أكثر|ما يزيد على|ما يزيد عن|لا تقل عن|لا يقل عن|"
        "ما لا يقل عن|على الأقل|كحد أدنى|على أقل تقدير"
    ),
    "fewer": (
        "less than|fewer than|under|no more than|not more than|at most|up to|أقل من|ليس أكثر من|لا يزيد على|"
        "لا تزيد على|لا يزيد عن|لا تزيد عن|"
        "لا تتجاوز|لا يتجاوز"
    ),
    "from now": "from now|from today|hence|later|time|من الآن|من اليوم|بعد ذلك|من تاريخه|من هذا التاريخ",
    "old": "old|of age|العمر|عمره|عمرها|سنه",
    "vague": (
        "any day now|any time now|any moment now|ليلة رأس السنة|ليلة رأس السنة الميلادية|soon|very soon|shortly|"
        "as soon as possible|"
        "as soon as practicable|as soon as feasible|as early as possible|"
        "at the earliest possible date|at the earliest opportunity|at the earliest possible time|at the earliest|"
        "promptly|immediately|forthwith|without delay|without further delay|without undue delay|urgently|"
        "in due course|in due time|in good time|in a timely manner|in the near future|in the foreseeable future|"
        "for the foreseeable future|in the future|in the not too distant future|in the short term|in the medium term|"
        "in the long term|in the longer term|over time|in time|eventually|in the near term|at a later date|"
        "at a later time|at a later stage|at an early date|as quickly as possible|at the appropriate time|"
        "at an appropriate time|in the interim|before long|any time soon|at some point|gradually over time|"
        "within a reasonable time|within a reasonable period|in a reasonable time|قريبا|قريبا جدا|عما قريب|عن قريب|"
        "عاجلا|فورا|على الفور|حالا|في الحال|في أقرب وقت|في أقرب وقت ممكن|بأقرب وقت|في أقرب فرصة|بأسرع وقت|"
        "بأسرع وقت ممكن|في أسرع وقت|في أسرع وقت ممكن|بأسرع ما يمكن|في أقرب الآجال|في أقرب الأجال|في القريب العاجل|"
        "في مستقبل قريب|في مستقبل منظور|في المستقبل|مستقبلا|لاحقا|في وقت لاحق|وقت لاحق|في موعد لاحق|في تاريخ لاحق|"
        "في مرحلة لاحقة|في الوقت المناسب|في الوقت الملائم|في حينه|دون تأخير|من دون تأخير|بدون تأخير|دون إبطاء|"
        "بلا تأخير|على المدى القريب|على المدى المتوسط|على المدى البعيد|على المدى الطويل|على المدى القصير|"
        "في الأمد القريب|في الأمد المنظور|مع مرور الوقت|خلال فترة وجيزة|في فترة وجيزة|خلال مدة وجيزة|"
        "في غضون فترة وجيزة|خلال فترة معقولة|في غضون فترة معقولة|خلال مدة معقولة|بصورة عاجلة|بصورة فورية|"
        "بشكل فوري|بشكل عاجل|"
        "على وجه السرعة|على نحو عاجل|في القريب|في موعد قريب|في وقت قريب"
    ),
    "vague period": (
        "period|window|timetable|timeline|phase|stage|time|future|term|days ahead|weeks ahead|months ahead|"
        "years ahead|فترة|مرحلة|وقت|مدة|آونة|حقبة|مستقبل|مراحل|فترات"
    ),
    "phase": "legislative year|legislative term|سنة تشريعية|فصل تشريعي|phase|stage|duration|lifetime|مرحلة|"
    "طور|فترة|مدة",
    "near": "near|foreseeable|ahead|to come|قريب|قريبة|منظور|وجيزة|قصيرة|ahead of us|short",
    "standing": (
        "permanently|round the clock|around the clock|hours a day|hours per day|days a week|on a permanent basis|"
        "in perpetuity|perpetually|indefinitely|for an indefinite period|always|at all times|continuously|"
        "continually|on an ongoing basis|on a continuing basis|on a continuous basis|on a standing basis|constantly|"
        "forever|without time limit|without a time limit|at any time|without interruption|without limit of time|"
        "unlimited in time|for an unlimited period|for an indefinite duration|for an unlimited duration|"
        "for an indefinite time|على الدوام|على مدار الساعة|ساعة في اليوم|أيام في الأسبوع|دوما|دائما|بشكل دائم|"
        "بصورة دائمة|بصفة دائمة|على نحو دائم|على أساس دائم|باستمرار|بشكل مستمر|بصورة مستمرة|بصفة مستمرة|"
        "على نحو مستمر|بشكل متواصل|بصورة متواصلة|إلى الأبد|للأبد|إلى أجل غير مسمى|لأجل غير مسمى|لأجل غير محدد|"
        "لمدة غير محددة|لمدة غير محدودة|إلى أجل غير محدد|دون سقف زمني|دون تحديد سقف زمني|من دون سقف زمني|"
        "في جميع الأوقات|في كل الأوقات|في كل وقت|طوال الوقت|دون انقطاع|بلا انقطاع|من دون انقطاع|في كل حين|"
        "بلا سقف زمني|على طول الخط"
    ),
    "rhythm": (
        "annually|yearly|monthly|weekly|quarterly|biannually|bi annually|semi annually|semiannually|biennially|"
        "bimonthly|fortnightly|biweekly|bi weekly|periodically|regularly|on a regular basis|on an annual basis|"
        "on a yearly basis|on a monthly basis|on a weekly basis|on a quarterly basis|on a daily basis|"
        "on a periodic basis|on a biannual basis|on a semi annual basis|at regular intervals|per annum|"
        "year after year|from time to time|at intervals of|daily|nightly|every year|سنويا|شهريا|أسبوعيا|يوميا|فصليا|"
        "دوريا|نصف سنوي|نصف سنوية|نصف سنويا|ربع سنوي|ربع سنوية|ربع سنويا|بانتظام|بشكل منتظم|بصورة منتظمة|بصفة منتظمة|"
        "على نحو منتظم|على أساس منتظم|بين الحين والآخر|من وقت لآخر|من حين لآخر|على فترات منتظمة|بصفة سنوية|"
        + "|".join(
            f"{manner} {how}"
            for manner in ("بشكل", "على نحو", "على أساس")
            for how in ("سنوي", "شهري", "أسبوعي", "يومي", "فصلي", "دوري", "نصف سنوي", "ربع سنوي")
        )
        + "|"
        + "|".join(
            f"{manner} {how}"
            for manner in ("بصورة", "بصفة", "بوتيرة")
            for how in ("سنوية", "شهرية", "أسبوعية", "يومية", "فصلية", "دورية", "نصف سنوية", "ربع سنوية")
        )
    ),
    "periodic": (
        "annual|biannual|bi annual|semi annual|semiannual|biennial|triennial|periodic|recurring|سنوي|سنوية|شهري|"
        "شهرية|أسبوعي|أسبوعية|فصلي|فصلية|دوري|دورية"
    ),
}
# What happens on a day that nobody knows yet: an act, or a gathering, which is to come only if the words say so.
EVENTS = {
    "act": (
        "legislative year|legislative term|سنة تشريعية|فصل تشريعي|negotiation|reduction|signature|"
        "signing|ratification|approval|adoption|entry into force|entry into effect|"
        "coming into force|enters into force|formation|completion|conclusion|referendum|census|ceasefire|cease fire|"
        "withdrawal|handover|hand over|transfer|transition|inauguration|defeat|liberation|publication|request|"
        "notification|receipt|vote|appointment|implementation|establishment|end|expiry|expiration|outcome|results|"
        "settlement|restoration|stabilization|arrival|departure|return|agreement|acceptance|enactment|passage|budget|"
        "verification|certification|acquittal|ratified|signed|approved|completed|adopted|formed|agreed|achieved|"
        "ready|permit|defeated|eradicated|lifting|release|opening|closure|legislation|تفاوض|خفض|تخفيض|توقيع|مصادقة|"
        "تصديق|موافقة|اعتماد|إقرار|دخول|دخوله|دخولها|نفاذ|سريان|تشكيل|استكمال|إتمام|اكتمال|انتهاء|إنهاء|نهاية|انعقاد|"
        "عقد|استفتاء|تعداد|إحصاء|وقف إطلاق النار|انسحاب|تسليم|تسلم|استلام|انتقال|تنصيب|هزيمة|دحر|تحرير|نشر|صدور|"
        "إصدار|اتفاق|طلب|إخطار|إشعار|تبليغ|تصويت|تعيين|تنفيذ|تأسيس|إنشاء|تحقق|تحقيق|تحسن|استقرار|قضاء|عودة|حصول|توصل|"
        "إبرام|إعلان|إنجاز|زوال|رفع|إطلاق|انتخاب|تولي|وصول|مغادرة|خروج|بدء|استئناف|إجراء|تثبيت|تثبت|تقديم|مناقشة|"
        "إبلاغ|قبول|إيداع|تفعيل|افتتاح|تسوية|حل|مهمة|موازنة"
    ),
    "gathering": (
        "turn of the year|turn of the century|eid|hajj|christmas|easter|nowruz|عيد|نوروز|election|elections|"
        "meeting|meetings|session|sessions|round|rounds|talks|negotiations|summit|conference|"
        "visit|dialogue|consultations|review|war|mission|operations|crisis|vacation|recess|holiday|ramadan fast|"
        "parliamentary term|انتخابات|اجتماع|اجتماعات|جلسة|جلسات|جولة|جولات|محادثات|مباحثات|مفاوضات|قمة|مؤتمر|زيارة|"
        "حوار|مشاورات|مراجعة|حرب|معركة|معارك|عمليات|لقاء|لقاءات|دورة|ملتقى|منتدى|أزمة|جائحة|وباء|عملية|عطلة|استحقاق|"
        "أعمال"
    ),
}

VALUED = {
    "season": SEASONS,
    "unit": UNITS,
    "cardinal": CARDINALS,
    "ordinal": ORDINALS,
    "relative": RELATIVE,
    "deictic": DEICTIC,
    "edge": EDGES,
    "tens": TENS,
    "era": ERAS,
    "code": CODES,
    "feast": FEASTS,
    "limit": LIMITS,
    "event": EVENTS,
}
MERIDIEMS = {"am", "pm", "ص", "مساء", "صباحا", "ظهرا", "gmt", "utc"}


def _tables() -> Iterator[tuple[str, object, str]]:
    """(category, value, alternatives) of every table above."""
    for hijri, tradition in ((False, MONTHS), (True, HIJRI_MONTHS)):
        for number, names in enumerate(tradition, 1):
            yield "month", (number, hijri), names
    for category, week in (("weekday", WEEKDAYS), ("indefinite weekday", INDEFINITE_WEEKDAYS)):
        for number, names in enumerate(week):
            yield category, number, names
    for (edge, unit), names in UNIT_EDGES.items():
        yield "edge", edge, names
        yield "edge of", unit, names
    for category, table in VALUED.items():
        for value, names in table.items():
            yield category, value, names
    for category, names in WORDS.items():
        yield category, True, names
    for value, names in HALVES.items():
        yield "month", value, names
    yield "name", True, NAMES
    yield "rare", True, RARE


# A word with apostrophes inside, a number, or one other character.
TOKEN = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*|[^\s\w]|_")
ORDINAL_ENDINGS = {"st", "nd", "rd", "th"}
COMPACT = re.compile("(19[0-9]{2}|2[01][0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])")
LONGEST_NUMBER = 6  # digits; a longer one is no day, year or count


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A number, mark or phrase: what it can mean (category → value), and its place in the folded text."""

    text: str
    start: int
    end: int
    means: Mapping[str, object]
    joined: bool = False  # carries the conjunction of «وآذار»
    clitic: str = ""  # the preposition of «بنهاية», «لعام»
    definite: bool = False  # carries the Arabic article
    timed: bool = False  # a time of day, left out, stands beside it


def _index() -> dict[str, list[tuple[tuple[str, ...], dict[str, object]]]]:
    """First word → the phrases that begin with it, longest first, as their other words and meanings."""
    phrases: dict[tuple[str, ...], dict[str, object]] = {}
    for category, value, names in _tables():
        for name in names.split("|"):
            first, *rest = TOKEN.findall(fold(name).text)
            phrases.setdefault((first, *rest), {})[category] = value
    index: dict[str, list[tuple[tuple[str, ...], dict[str, object]]]] = {}
    for (first, *rest), means in sorted(phrases.items(), key=lambda item: -len(item[0])):
        index.setdefault(first, []).append((tuple(rest), means))
    return index


INDEX = _index()


def _forms(word: str) -> Iterator[tuple[str, bool, str, bool]]:
    """A word as it stands, then without what Arabic writes onto it: (form, conjunction, preposition, article)."""
    yield word, False, "", word.startswith("ال")
    for joined in (False, True) if word[0] in "وف" else (False,):
        stem = word[joined:]
        for clitic in ("", stem[0]) if len(stem) > 3 and stem[0] in "بلك" else ("",):
            rest = stem[len(clitic) :]
            if clitic == "ل" and rest[0] == "ل":
                rest = "ا" + rest  # «للعام»
            yield rest, joined, clitic, rest.startswith("ال")
            if rest.startswith("ال") and len(rest) > 3:
                yield rest[2:], joined, clitic, True


def lex(folded: Folded) -> list[Lexeme]:
    """The lexemes of a text in order; times of day are left out. Linear in the text."""
    matches = (match for match in TOKEN.finditer(folded.text) if match[0] != "'")
    tokens = [(match[0].replace("'s", "").replace("'", ""), match.start(), match.end()) for match in matches]
    tokens = _unbracketed(tokens)
    lexemes, i, timed = [], 0, False
    while i < len(tokens):
        word, start, end = tokens[i]
        if word.isdecimal():
            count, lexeme = _number(tokens, i)
            if lexeme is None:
                timed = True
                lexemes[-1:] = [replace(each, timed=True) for each in lexemes[-1:]]
            quoted = _phrase(tokens, i + count) if i + count < len(tokens) else None  # ‘31 December 2031’
            short = start and folded.text[start - 1] == "'" and len(word) == 2
            if lexeme and short and not (quoted and "month" in quoted[1].means):
                lexeme = replace(lexeme, means={"short year": True})  # March '31
        elif (
            word == "ال" and tokens[i + 1 : i + 2] and (tokens[i + 1][0].isdecimal() or tokens[i + 1][0] == "(")
        ):  # «الـ90»
            count, lexeme = 1, None
        else:
            count, lexeme = _phrase(tokens, i) or (1, Lexeme(word, start, end, {}))
        i += count
        if lexeme:
            lexemes.append(replace(lexeme, timed=True) if timed else lexeme)
            timed = False
    return _unwrapped(lexemes)


def _unbracketed(tokens: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """The tokens without brackets or quotation marks around a single word: (by) 1 March 2031, “early” 2031; those around
    a month's second name or an era, sixty (60) and (1) March are told apart later."""
    alone = {
        i
        for i in range(1, len(tokens) - 1)
        if tokens[i][0].isalpha() and (tokens[i - 1][0], tokens[i + 1][0]) in BRACKETS and not _told_apart(tokens[i])
    }
    return [each for i, each in enumerate(tokens) if alone.isdisjoint((i - 1, i + 1)) or i in alone]


def _told_apart(token: tuple[str, int, int]) -> bool:
    _, lexeme = _phrase([token], 0) or (0, None)
    half = lexeme and lexeme.means.get("month") in HALVES  # «(تشرين) الثاني»
    return bool(lexeme) and not half and not lexeme.means.keys().isdisjoint(("month", "era"))


# Marks around a date, or between a limit and its date, say nothing; what stands on both sides tells which these are.
BRACKETS = frozenset((("(", ")"), ("[", "]"), ("{", "}"), ('"', '"')))
OPENING, CLOSING = frozenset('([{"'), frozenset(')]}"')
DATED = frozenset(
    (
        "compact",
        *("number", "cardinal", "ordinal", "month", "weekday", "season", "unit", "yearnoun", "edge", "relative"),
        *("deictic", "decade", "tens", "code", "half", "few", "filler", "feast", "approximate", "fiscal"),
    )
)
WANTING = frozenset(("limit", "edge", "of", "filler", "unit", "yearnoun", "to", "and", "or"))
NO_LIMITS = (None, "upon", "agent")
LEADING = frozenset((*":-.,", *OPENING))
ENDS = ("by", "until", "upto", "not before")  # a comma may follow only these


def _unwrapped(lexemes: list[Lexeme]) -> list[Lexeme]:
    """The lexemes without the brackets, quotation marks, colons and dashes that stand before a date or a part of it:
    by (31 December 2031), 31 December (2031), «شهر (أيار) 2031», by: 31 December, by “the end of 2031”."""
    kept: list[Lexeme] = []
    opened: list[tuple[str, bool]] = []  # each bracket that is open, and whether it is left out
    for i, each in enumerate(lexemes):
        mark = each.text
        closes = opened and mark in CLOSING and (mark != '"' or opened[-1][0] == '"')
        if closes:
            left_out = opened.pop()[1]
        elif mark in OPENING:
            left_out = _wraps(kept[-2:], lexemes[i + 1 : i + 4])
            if mark != '"' or left_out:
                opened.append((mark, left_out))
        else:
            left_out = _leads(kept[-1:], lexemes, i) if mark in LEADING else mark == "*" and _stressed(lexemes, i)
        if not left_out:
            kept.append(each)
        elif closes and kept and kept[-1].end == each.start:  # the words that are read end with it
            kept[-1] = replace(kept[-1], end=each.end)
    return kept


def _wraps(before: list[Lexeme], within: list[Lexeme]) -> bool:
    """An opening mark stands between a limit and its date, or inside a date."""
    within = within["of" in within[0].means :] if len(within) > 1 else within  # 31 December (of 2031)
    if not within or DATED.isdisjoint(within[0].means):
        return False
    if len(within) > 2 and within[1].text in CLOSING and "number" in within[0].means and len(within[0].text) < 3:
        behind = within[2].means.keys()  # (60) sixty days, (31) December; but sixty (60) days
        if not behind.isdisjoint(("cardinal", "month", "unit")) and not (before and "month" in before[-1].means):
            return not before or {"number", "cardinal"}.isdisjoint(before[-1].means)
    if not before:
        return False
    last, first = before[-1].means, within[0].means
    if before[-1].text in (",", "-"):  # 31 December, (2031)
        last = before[0].means if "month" in before[0].means else last
    year = len(within[0].text) == 4 and "number" in first
    if year:  # and nothing else: not in March (2000 troops)
        closed = (
            len(within) < 2 or within[1].text in CLOSING or within[1].text in ("-", "/") or "era" in within[1].means
        )
        inside = bool({"month", "season", "ordinal", "unit", "yearnoun"} & last.keys()) or "code" in before[0].means
        return closed and (inside or not WANTING.isdisjoint(last))
    if "month" not in last and not {"number", "cardinal", "ordinal"}.isdisjoint(last):  # but sixty (60), 2031 (1453 AH)
        return len(before[-1].text) != 4 and ("month" in first or "unit" in first)
    if "month" in last:
        return "number" in first or "ordinal" in first
    return "weekday" in last or not WANTING.isdisjoint(last)


def _stressed(lexemes: list[Lexeme], i: int) -> bool:
    """What follows is stressed: by *31 December 2031*; not 2031*, which looks for all that begins so."""
    joined = i > 0 and lexemes[i - 1].end == lexemes[i].start
    return not joined and i + 1 < len(lexemes) and lexemes[i].end == lexemes[i + 1].start


def _leads(before: list[Lexeme], lexemes: list[Lexeme], i: int) -> bool:
    """A colon, dash or ellipsis stands between a limit and its date; a comma, between the last day's limit and it."""
    limit = before[0].means.get("limit") if before else None
    date = next((each for each in lexemes[i : i + 5] if each.text not in LEADING), None)
    if limit in NO_LIMITS or date is None or DATED.isdisjoint(date.means):
        return False
    dots = [each.text for each in lexemes[max(i - 1, 0) : i + 2]].count(".")
    signed = lexemes[i].end == date.start and "number" in date.means  # within -5 days
    return {",": limit in ENDS, ".": dots > 1, "-": not signed}.get(lexemes[i].text, True)


def _number(tokens: list[tuple[str, int, int]], i: int) -> tuple[int, Lexeme | None]:
    """Digits with what is written onto them: 1st, 2030s; None for a time of day (15:13, 5 pm), which is passed over."""
    word, start, end = tokens[i]
    following = [*tokens[i + 1 : i + 6], ("", 0, 0), ("", 0, 0)]
    (suffix, at, stop), (minutes, *_) = following[:2]
    if suffix == ":" and len(word) <= 2 and minutes.isdecimal():
        count = 5 if following[2][0] == ":" and following[3][0].isdecimal() else 3
        return count + (following[count - 1][0] in {*MERIDIEMS, "م"}), None
    if suffix in MERIDIEMS and len(word) <= 2:
        return 2, None
    thousands = minutes if suffix == "," and len(word) <= 3 and len(minutes) == 3 and minutes.isdecimal() else ""
    if thousands and at == end and following[1][1] == stop:  # 1,000
        return 3, Lexeme(f"{word},{minutes}", start, following[1][2], {"number": int(word + minutes)})
    value = int(word) if len(word) <= LONGEST_NUMBER else None
    if at == end and suffix in ORDINAL_ENDINGS and len(word) <= 2:
        return 2, Lexeme(word, start, stop, {"ordinal": value})
    if at == end and suffix == "s" and len(word) == 4 and word.endswith("0"):
        return 2, Lexeme(word, start, stop, {"decade": f"{word[:3]}X"})
    if compact := COMPACT.fullmatch(word):  # 20311231
        year, month, day = map(int, compact.groups())
        return 1, Lexeme(word, start, end, {"compact": (year, month, day)})
    return 1, Lexeme(word, start, end, {} if value is None else {"number": value})


def _phrase(tokens: list[tuple[str, int, int]], i: int) -> tuple[int, Lexeme] | None:
    """The longest phrase of INDEX that begins here, and how many tokens it takes.

    A later word may carry the article, and a hyphen may stand for a space.
    """
    word, start, _ = tokens[i]
    for form, joined, clitic, definite in _forms(word):
        for rest, means in INDEX.get(form, ()):
            j = i + 1
            for wanted in rest:
                j += j + 1 < len(tokens) and tokens[j][0] == "-"
                if j >= len(tokens) or tokens[j][0] not in (wanted, f"ال{wanted}"):
                    break
                j += 1
            else:
                text = " ".join(each for each, *_ in tokens[i:j])
                return j - i, Lexeme(text, start, tokens[j - 1][2], means, joined, clitic, definite)
    return None
