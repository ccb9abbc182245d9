#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The API reference is whole, without doxygen: each function, type, macro,
enumeration value and struct member of the public headers has a comment of its
own, before it or behind it on its line; each symbol that librill exports is
declared, and the other way round; a function that takes or gives pointers says
whose they are, or is in the manual; what comments and the manual call
rill_something or RILL_SOMETHING is there. Of rill.hpp, each class and each public
member has a comment.

Usage: check_reference.py SOURCE
"""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(source / "scripts"))
sys.dont_write_bytecode = True
import reference_filter  # noqa: E402

TOKEN = re.compile(
    r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|^[ \t]*#(?:\\\n|[^\n/]|/(?!\*))*|\w+|\n|[^\w\s]",
    re.S | re.M)


# How comments say whose a pointer is.
OWNED = (r"caller's|\bfree|\bstatic\b|borrow|good until|good as long|the host's"
         r"|[Nn]ever NULL|\bowns\b|\breference\b")


class Symbol:
    def __init__(self, kind, name, line, doc, code=""):
        self.kind, self.name, self.line = kind, name, line
        self.doc, self.code = doc, code


def declared(code):
    """Kind and name of a declaration outside of braces."""
    if found := re.search(r"\(\s*\*\s*(rill_\w+)\s*\)", code):
        return "type", found[1]
    if code.startswith("typedef"):
        return "type", re.search(r"(\w+)\s*$", code)[1]
    if found := re.search(r"\b(rill_\w+)\s*\(", code):
        return "function", found[1]
    return None


def member_names(code):
    if found := re.search(r"\(\s*\*\s*(\w+)\s*\)", code):
        return [found[1]]
    code = re.sub(r"\[[^\]]*\]", "", code)
    return [re.search(r"(\w+)\s*$", part)[1] for part in code.split(",")]


def symbols(text):
    """All that a header declares, in order."""
    found, line = [], 1
    doc = doc_end = None  # a comment before what comes next
    statement, begun = [], 0
    body = None  # "struct", "enum", "function": what braces we are in
    depth = parentheses = 0
    owner = None

    def take(kind, name, code=""):
        nonlocal doc
        found.append(Symbol(kind, name, begun, statement_doc, code))
        doc = None

    statement_doc = None
    for match in TOKEN.finditer(text):
        token, here = match[0], line
        line += token.count("\n")
        if token == "\n":
            continue
        if token.startswith("/*"):
            if token.startswith("/**<"):
                if statement and body == "enum":
                    statement_doc = token
                elif found:
                    last = found[-1].line
                    for symbol in found:
                        if symbol.line == last and symbol.doc is None:
                            symbol.doc = token
            elif token.startswith("/** ") and " @file" not in token[:10]:
                doc, doc_end = token, line
            continue
        if token.lstrip().startswith("#"):
            if macro := re.match(r"\s*#\s*define (\w+)", token):
                if not macro[1].endswith("_H"):
                    begun = here
                    statement_doc = doc if doc_end == here - 1 else None
                    take("macro", macro[1], token)
            continue
        if body == "function":
            depth += (token == "{") - (token == "}")
            if depth == 0:
                body, statement = None, []
            continue
        if token in ("RILL_BEGIN_DECLARATIONS", "RILL_END_DECLARATIONS"):
            continue
        if not statement:
            begun = here
            statement_doc = doc if doc_end == here - 1 else None
        parentheses += (token == "(") - (token == ")")
        code = " ".join(statement)
        if token == "{" and body is None:
            if code.startswith("extern"):
                statement = []
            elif kind := re.search(r"\b(struct|enum)( \w+)?$", code):
                body = kind[1]
                owner = (kind[2] or "").strip()
                take("type", owner or "enum", code)
                statement = []
            elif code.startswith("static inline"):
                take(*declared(code), code)
                body, depth = "function", 1
            continue
        ends = parentheses == 0 and (
            token == "}" or token == (";" if body != "enum" else ","))
        if not ends:
            statement.append(token)
            continue
        if body == "enum" and statement:
            take("value", statement[0])
        elif body == "struct" and statement:
            for name in member_names(code):
                take("member", f"{owner}.{name}", code)
        elif body is None and statement:
            # The end of a type, and types that are told where they are.
            if not re.fullmatch(r"struct rill_\w+|rill_\w+", code):
                if what := declared(code):
                    take(*what, code)
        statement = []
        if token == "}":
            body = None
    return found


def undocumented_of_wrapper(text):
    """What users of a C++ header see of its namespace and public members, and
    has no comment: line and code. Also how much there is."""
    missing, count, line = [], 0, 1
    scopes = []  # of namespaces and classes: (kind, name, is public)
    classes = set()
    statement, begun, doc_end, is_told = "", 0, None, False
    depth = parentheses = 0  # depth: of a function's body

    def end_statement(told_behind, is_scope=False):
        nonlocal statement, count
        code, statement = statement.strip(), ""
        elsewhere = re.search(r"\b(%s)::" % "|".join(classes or {"-"}), code)
        seen = all(public for _, _, public in scopes)
        is_forward = not is_scope and re.fullmatch(r"class \w+", code)
        if (not seen or not code or elsewhere or is_forward or
                code.startswith("using")):
            return
        count += 1
        if not is_told and not told_behind:
            missing.append((begun, " ".join(code.split())[:60]))

    for match in TOKEN.finditer(text):
        token, here = match[0], line
        line += token.count("\n")
        if token.startswith("/*"):
            if token.startswith("/** "):
                doc_end = line
            continue
        if token == "\n" or token.lstrip().startswith("#"):
            continue
        if depth > 0:
            depth += (token == "{") - (token == "}")
            if depth == 0:
                end_statement(False)
            continue
        if not statement.strip() and token not in "{};":
            begun, is_told = here, doc_end == here - 1
        parentheses += (token in "([") - (token in ")]")
        behind = re.match(r"[ \t]*/\*\*<", text[match.end():])
        head = re.match(r"\s*(namespace|class) (\w+)", statement)
        if token == "{" and head and parentheses == 0:
            kind, name = head.groups()
            end_statement(False, True)
            scopes.append((kind, name, kind == "namespace"))
            if kind == "class":
                classes.add(name)
        elif token == "{" and parentheses == 0:
            depth = 1
        elif token == "}":
            scopes.pop()
            statement = ""
        elif token == ":" and statement.strip() in ("public", "private"):
            scopes[-1] = (*scopes[-1][:2], statement.strip() == "public")
            statement = ""
        elif token == ";" and parentheses == 0:
            end_statement(behind is not None)
        else:
            statement += token if re.match(r"\W", token) else " " + token
    return missing, count


def check():
    wrong, known, functions = [], set(), {}
    wrapper = source / "include/rill.hpp"
    missing, count = undocumented_of_wrapper(
        reference_filter.convert(wrapper.read_text()))
    wrong += [f"rill.hpp:{line}: `{code}` is undocumented"
              for line, code in missing]
    if count < 60:
        wrong.append(f"only {count} declarations were found in rill.hpp")
    headers = [source / "include/rill.h",
               *sorted((source / "include/rill").glob("*.h"))]
    texts = {}
    for header in headers:
        texts[header.name] = text = reference_filter.convert(header.read_text())
        described = {}
        here = symbols(text)
        for symbol in here:
            described.setdefault(symbol.name, []).append(symbol)
            known.add(symbol.name)
            known.add(symbol.name.split(".")[-1])
            if symbol.kind == "function":
                functions[symbol.name] = symbol
        for name, several in described.items():
            if name == "enum":  # without a name: each has its own
                several = [s for s in several if s.doc is None]
                if not several:
                    continue
            if any(s.doc for s in several):
                continue
            wrong.append(f"{header.name}:{several[0].line}: "
                         f"{several[0].kind} {name} is undocumented")
    if len(functions) < 380:
        wrong.append(f"only {len(functions)} functions were found: "
                     "has the style changed?")

    for name, symbol in functions.items():
        # Handles are their scope's.
        gives = re.match(r"RILL_API (?:const )?(?:char|void|rill_\w+) \*",
                         symbol.code.replace(" * ", " * "))
        if gives and symbol.doc and not re.search(
                OWNED, re.sub(r"\s*\n \* ", " ", symbol.doc)):
            wrong.append(f"{name} gives a pointer, and does not say whose it is")

    exported = set((source / "tests/abi/librill.symbols").read_text().split())
    declares = {name for name, symbol in functions.items()
                if "static inline" not in symbol.code}
    wrong += [f"{name} is exported, and not declared"
              for name in sorted(exported - declares)]
    wrong += [f"{name} is declared, and not in the list of exported symbols"
              for name in sorted(declares - exported)]

    # The environment's, not the API's.
    for folder in ("cli", "runtime", "tests"):
        for file in sorted((source / folder).rglob("*.[cp]*")):
            if file.suffix in (".c", ".py"):
                known |= set(re.findall(r'(?:env|get)\("(RILL_\w+)"',
                                        file.read_text()))
    texts["rill.hpp"] = wrapper.read_text()
    pages = [*sorted((source / "docs").rglob("*.md")), source / "README.md"]
    texts |= {str(page.relative_to(source)): page.read_text()
              for page in pages if "decisions" not in page.parts}
    for name, text in texts.items():
        if name.endswith((".h", ".hpp")):
            text = "\n".join(reference_filter.COMMENT.findall(text))
        for word in sorted(set(re.findall(
                r"(?<![\w/.-])(?:rill_[a-z]\w*|RILL_[A-Z]\w*)(?![\w*/]|\.[a-z]+\()",
                text))):
            if word not in known and not word.endswith("_"):
                wrong.append(f"{name}: there is no {word}")
    print(f"{len(functions)} functions, {len(known)} names")
    return wrong


sys.exit("\n".join(check()) or 0)
