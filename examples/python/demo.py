# SPDX-License-Identifier: MIT
"""What rill.py does: RILL_LIBRARY=build/librill.so python3 demo.py"""
import sys

try:
    import rill
except ImportError as e:  # a Python that was built without ctypes
    print(f"skipped: {e}")
    sys.exit(77)

with rill.Isolate(max_heap_bytes=16 << 20) as isolate:
    # Functions of Python's are functions of the script's, and back.
    stock = {"tea": 5, "cake": 2}
    isolate.define("stock", lambda item: stock[item])
    isolate.define("items", lambda: sorted(stock))
    print(isolate.eval("items().map((i) => [i, stock(i) * 2])"))

    # A script may await; its value is that of its last statement.
    print(isolate.eval("""
        const later = async (n) => n + 1;
        let sum = 0;
        for (let i = 0; i < 3; i++) sum += await later(i);
        ({ sum, text: "déjà vu" })
    """))

    # Errors of Python's can be caught by the script...
    print(isolate.eval("try { stock('milk') } catch (e) { e.message }"))
    # ...and the script's by Python.
    try:
        isolate.eval("const x = null;\nx.y", name="mistake.js")
    except rill.Error as e:
        print(f"{e.file}:{e.line}: {e}")

    # Limits: nothing that a script does can evade them.
    try:
        isolate.eval("for (;;) { try { for (;;); } catch {} }", fuel=100000)
    except rill.Error as e:
        print("terminated" if e.terminated else e)
    try:
        isolate.eval("const a = []; for (;;) a.push('x'.repeat(1e6) + a.length)")
    except rill.Error as e:
        print(e)
    print(isolate.eval("typeof process"), isolate.eval("6 * 7"))
