"""Texts in which Python's json, int, float, Decimal and str.strip differ from other languages'.

Revision 75868b020152 parses the token counts and costs of traces and the values of assessments in
Python; the outcome (a number, or NULL) is what must be equal.
"""

_STRINGS = ["12", "1_000", "1__0", "_1", "1_", " 7 ", "\t8\n", "\u00a09\u2003", "\ufeff9", "３", "٣٤", "1e3",
            "1E3", "12.0", "12.5", "+5", "-5", "++5", "5.", ".5", ".", "", " ", "0x10", "0b1", "1,000", "nan",
            "NaN", "sNaN", "nan123", "Infinity", "inf", "-Inf", "infinit", "1e", "1e400", "1e-400",
            "9223372036854775807.0", "9223372036854775807.5", "9223372036854775808", "00012", "1 2", "−5",
            "1e1_0", "1_.5", "1._5", "true", "null", "None", "1d", "1f", "1n", "\x1c6\x1f", "0e99999999999999999999",
            "1e-99999999999999999999", "5e-1", "٣.٥", "１２．５"]

# Values of a key, as JSON text.
NUMBERS = [
    "7", "-7", "0", "-0", "3.0", "3.5", "-0.0", "0.1", "1e3", "1E+3", "1e-3", "1e18", "1e19", "1e400", "-1e400",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
    "9007199254740993", "123456789012345678.0", "9007199254740993.0", "9223372036854775807.0",
    "1.0000000000000000000001", "0.1e1", "4.9e-324", "2.2250738585072011e-308", "1.7976931348623157e308",
    "1.7976931348623159e308", "0.1000000000000000055511151231257827021181583404541015625",
    "12345678901234567890123456789012345678901234567890.0", "1" + "0" * 400, "true", "false", "null", "NaN",
    "Infinity", "-Infinity", "[1]", "[]", "{}", '{"a": 1}', '"\\u0031\\u0032"',
]
NUMBERS += ['"' + text.replace("\t", "\\t").replace("\n", "\\n").replace("\x1c", "\\u001c").replace("\x1f", "\\u001f")
            + '"' for text in _STRINGS]

_DIGITS_PYTHON_READS, _DIGITS_PYTHON_REFUSES = "1" * 4300, "1" * 4301  # sys.get_int_max_str_digits

# Whole texts; KEY stands for the key that is looked up.
OBJECTS = [
    "", " ", "null", "[]", "[1, 2]", '"x"', "12", "true", "NaN", "{", "{}", "not json", '{"KEY": 1', '{"KEY": 1,}',
    "{'KEY': 1}", '{"KEY": 1} x', ' {"KEY": 2}\r\n\t', '\ufeff{"KEY": 3}', '{"KEY": 01}', '{"KEY": +1}',
    '{"KEY": .5}', '{"KEY": 1.}', '{"KEY": 1, "KEY": 2}', '{"KEY": 1, "KEY": null}', '{"Key": 1}',
    '{"\\u0069nput_tokens": 4, "\\u0069nput_cost": 4}', '{"KEY": 5, "other": {"deep": [[[]]]}}',
    '{"k": "a\nb", "KEY": 6}', '{"k": "\\x41", "KEY": 6}', '{"k": "\\ud83d", "KEY": 7}', '{"k": "\x7f\u2028", "KEY": 8}',
    '{"KEY": -NaN}', '{"KEY": 1}\u00a0', '\u00a0{"KEY": 1}', '{"KEY": 1}\x0b', '{"KEY": 1 /* c */}', '{KEY: 1}',
    '{"KEY": 1e}', '{"KEY": 0x10}', '{"KEY": 1_000}', '{"KEY": undefined}', '{"KEY": nan}', '{"KEY": infinity}',
    '{"k": ' + "[" * 300 + "]" * 300 + ', "KEY": 9}', '{"": 0, "__proto__": {"KEY": 3}, "constructor": 1}',
    '{"k": ' + _DIGITS_PYTHON_READS + ', "KEY": 10}', '{"k": ' + _DIGITS_PYTHON_REFUSES + ', "KEY": 11}',
    '{"k": "\\u0000", "KEY": 12}', '{"k": "\\ud83d\\ude00😀", "KEY": 13}',
]

# assessments.value: JSON as a rule, but any text is possible.
ASSESSMENTS = [
    "3", "3.5", "-0.0", "0", "true", "false", "null", "NaN", "Infinity", "-Infinity", "1e999", "1e-999", "1" + "0" * 400,
    _DIGITS_PYTHON_REFUSES, "9007199254740993", "[1]", '{"a": 1}', "{}", "[]", '"yes"', '"no"', '" No "', '"YES\\t"',
    '"maybe"', '"true"', '"1"', '""', "yes", " No ", "YES", "maybe", "", " ", "not json", "1_000", "３", "٣", "+1", "01",
    ".5", "5.", "0x10", "1 ", "\n2\t", "\ufeff1", "\u00a01", "\u00a0yes\u00a0", "YES\x1c", "\x1f no \x85", "\ufeffyes",
    '"\\u00a0yes\\u2003"', '"yes\\u001c"', '"\\ufeffyes"', '"ｙｅｓ"', "ＹＥＳ", "y\u0065\u0301s", '"yes" x', "'yes'",
    '"ye\\u0073"', '"\\ud83d"', '"no\\u0000"', "True", "None", "nan", "infinity", '["yes"]', "1e5", "-1E-5", "Yes.",
    "123456789012345678901234567890.123", "\u2028yes\u2029", "\u200byes", '"\n"', "NO\x0b",
]
