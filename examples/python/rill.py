# SPDX-License-Identifier: MIT
"""rill from Python, by ctypes: scripts, functions of Python's, limits.

    with Isolate() as isolate:
        isolate.define("add", lambda a, b: a + b)
        isolate.eval("add(1, 2)")  # 3

Values travel as JSON: numbers, texts, booleans, None, lists and dicts. The
library is the file that RILL_LIBRARY names, or librill.so.0 where the system
looks for libraries. An isolate is for one thread at a time.
"""
import ctypes
import json
import os

_lib = ctypes.CDLL(os.environ.get("RILL_LIBRARY", "librill.so.0"))
_FUNCTION = ctypes.CFUNCTYPE(
    ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
    ctypes.c_size_t, ctypes.POINTER(ctypes.c_void_p))
_KIND_TERMINATED = 2


class _Options(ctypes.Structure):  # rill_options
    _fields_ = [("size", ctypes.c_size_t), ("max_heap_bytes", ctypes.c_size_t),
                ("stack_bytes", ctypes.c_size_t), ("allow", ctypes.c_uint32),
                ("check", ctypes.c_uint32)]


class _Error(ctypes.Structure):  # rill_error
    _fields_ = [("kind", ctypes.c_int), ("name", ctypes.c_char_p),
                ("message", ctypes.c_char_p), ("stack", ctypes.c_char_p),
                ("file", ctypes.c_char_p), ("line", ctypes.c_uint32),
                ("column", ctypes.c_uint32), ("source_line", ctypes.c_char_p)]


class _Scope(ctypes.Structure):  # rill_scope
    _fields_ = [("private", ctypes.c_size_t * 4)]


def _declare(name, result, *arguments):
    function = getattr(_lib, name)
    function.restype, function.argtypes = result, arguments
    return function


_P, _S, _N = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
_new = _declare("rill_isolate_new", _P, ctypes.POINTER(_Options))
_free = _declare("rill_isolate_free", None, _P)
_eval_async = _declare("rill_eval_async", _P, _P, _S, _N, _S)
_await = _declare("rill_await", _P, _P, _P)
_to_json = _declare("rill_to_json", _P, _P, _P, ctypes.POINTER(_N))
_from_json = _declare("rill_from_json", _P, _P, _S, _N)
_define = _declare("rill_define", ctypes.c_bool, _P, _S, _FUNCTION, _P)
_throw_error = _declare("rill_throw_error", _P, _P, _S)
_get_error = _declare("rill_get_error", ctypes.POINTER(_Error), _P)
_set_deadline = _declare("rill_set_deadline", None, _P, ctypes.c_uint64)
_set_fuel = _declare("rill_set_fuel", None, _P, ctypes.c_int64)
_interrupt = _declare("rill_interrupt", None, _P)
_version = _declare("rill_version", _S)
_scope_open = _declare("rill_scope_open_at", None, _P, ctypes.POINTER(_Scope),
                       _S, ctypes.c_int)
_scope_close = _declare("rill_scope_close", None, _P, ctypes.POINTER(_Scope))


def version():
    return _version().decode()


class Error(Exception):
    """What a script threw; `terminated`: it was ended by a limit."""

    def __init__(self, isolate):
        e = _get_error(isolate).contents
        self.name, self.message, self.stack, self.file = (
            text.decode() for text in (e.name, e.message, e.stack, e.file))
        self.line, self.column = e.line, e.column
        self.terminated = e.kind == _KIND_TERMINATED
        super().__init__(f"{self.name}: {self.message}" if self.name
                         else self.message)


class Isolate:
    def __init__(self, max_heap_bytes=0, allow=0):
        options = _Options(ctypes.sizeof(_Options), max_heap_bytes, 0, allow, 0)
        self._isolate = _new(ctypes.byref(options))
        if self._isolate is None:
            raise MemoryError("rill_isolate_new")
        self._functions = []  # ctypes must keep them as long as they are called

    def close(self):
        isolate, self._isolate = self._isolate, None
        if isolate is not None:
            _free(isolate)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def eval(self, source, name="eval", fuel=-1, milliseconds=0):
        """Runs a script, which may await, and gives its value as Python's."""
        isolate, text, scope = self._isolate, source.encode(), _Scope()
        if isolate is None:
            raise ValueError("the isolate is closed")
        _scope_open(isolate, ctypes.byref(scope), b"rill.py", 0)
        _set_fuel(isolate, fuel)
        _set_deadline(isolate, milliseconds)
        try:
            value = _eval_async(isolate, text, len(text), name.encode())
            value = value and _await(isolate, value)
            if not value:
                raise Error(isolate)
            return self._to_python(value)
        finally:
            _set_fuel(isolate, -1)
            _set_deadline(isolate, 0)
            _scope_close(isolate, ctypes.byref(scope))

    def define(self, name, function):
        """Makes a global of a function of Python's."""
        def enter(isolate, data, this_value, count, arguments):
            try:
                result = function(
                    *[self._to_python(arguments[i]) for i in range(count)])
                text = json.dumps(result).encode()
            except Exception as e:  # none may pass through C
                text = f"{type(e).__name__}: {e}".replace("%", "%%").encode()
                return _throw_error(isolate, text)
            return _from_json(isolate, text, len(text))

        callback = _FUNCTION(enter)
        self._functions.append(callback)
        if not _define(self._isolate, name.encode(), callback, None):
            raise Error(self._isolate)

    def interrupt(self):
        """Ends what runs. Any thread."""
        _interrupt(self._isolate)

    def _to_python(self, value):
        length = _N()
        text = _to_json(self._isolate, value, ctypes.byref(length))
        if not text:  # undefined, functions
            return None
        return json.loads(ctypes.string_at(text, length.value))
