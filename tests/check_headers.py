# SPDX-License-Identifier: MIT
# Every public header compiles by itself and all at once, as C11 and as C++17,
# with warnings as errors; rill.hpp as C++17. Arguments: C compiler, C++ compiler, include folder.
import pathlib
import subprocess
import sys

cc, cxx, include = sys.argv[1:]
headers = ["rill.h"] + sorted(
    "rill/" + h.name for h in (pathlib.Path(include) / "rill").glob("*.h"))
texts = [f"#include <{h}>\nint main(void) {{ return 0; }}\n" for h in headers]
texts.append("".join(f"#include <{h}>\n" for h in reversed(headers)) +
             "int main(void) { rill_options o = RILL_OPTIONS_INIT; "
             "return o.size == 0; }\n")
strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I",
          include]
failed = False
for compiler, language, standard in [(cc, "c", "c11"), (cxx, "c++", "c++17")]:
    wrapper = "#include <rill.hpp>\nint main() { return 0; }\n"
    for text in texts + [wrapper] * (language == "c++"):
        done = subprocess.run(
            [*compiler.split(), f"-std={standard}", *strict, "-x", language,
             "-"], input=text, text=True, capture_output=True)
        if done.returncode != 0:
            failed = True
            print(text, done.stderr)
sys.exit(failed)
