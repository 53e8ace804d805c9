#!/usr/bin/env python3
"""Writes Sources/PosternSASL/SASLPrepTables.swift: the tables of RFC 3454 that SASLprep (RFC 4013) names.

Python's own stringprep module holds them, over its copy of Unicode 3.2. Run from the repository's folder:
    python3 Scripts/stringprep-tables.py > Sources/PosternSASL/SASLPrepTables.swift
"""
import stringprep as s

PROHIBITED = [s.in_table_c12, s.in_table_c21_c22, s.in_table_c3, s.in_table_c4, s.in_table_c6, s.in_table_c7,
              s.in_table_c8, s.in_table_c9]
TABLES = [
    ("mappedToNothing", "B.1: commonly mapped to nothing.", s.in_table_b1),
    ("nonASCIISpaces", "C.1.2: spaces outside ASCII.", s.in_table_c12),
    ("prohibited", "C.1.2, C.2, C.3, C.4, C.6 to C.9: prohibited in the output.", lambda c: any(t(c) for t in PROHIBITED)),
    ("rightToLeft", "D.1: characters of the directions R and AL.", s.in_table_d1),
    ("leftToRight", "D.2: characters of the direction L.", s.in_table_d2),
]


def ranges(contains):
    found = []
    for code in range(0x110000):
        if 0xD800 <= code <= 0xDFFF or not contains(chr(code)):
            continue
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return found


print("// Made by Scripts/stringprep-tables.py: do not edit.\n")
print("/// The tables of RFC 3454 that SASLprep names, in the terms of Unicode 3.2.")
print("enum SASLPrepTables {")
for number, (name, comment, contains) in enumerate(TABLES):
    print(("\n" if number else "") + f"    /// Table {comment}")
    print(f"    static let {name} = ScalarRanges([")
    line = "       "
    for low, high in ranges(contains):
        item = f" 0x{low:X}, 0x{high:X},"
        if len(line + item) > 120:
            print(line)
            line = "       "
        line += item
    print(line)
    print("    ])")
print("}")
