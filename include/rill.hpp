/* SPDX-License-Identifier: MIT */
/*
 * librill for C++17: everything that is to be freed is an object that frees it,
 * and a call that fails throws rill::Error. Header only, over rill.h, which can
 * be used beside it: objects give their C handle by get().
 *
 *   rill::Isolate isolate;
 *   isolate.define("twice", [](rill::Call &c) { return c[0].number() * 2; });
 *   double x = isolate.eval("twice(21)").number();
 *
 * Threads and scopes are as rill.h says: an isolate is used by one thread at a
 * time, and a Value is good until the innermost scope is closed.
 */
#ifndef RILL_HPP
#define RILL_HPP

#include <cmath>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rill.h"

/* The wrapper: all of this header. */
namespace rill {

class Isolate;
class Value;

/* What a script threw, or how it was ended: a copy, which needs no isolate. */
class Error : public std::runtime_error {
public:
  /* The isolate's last error. */
  explicit Error(rill_isolate *isolate) : Error(*rill_get_error(isolate)) {}
  /* A copy of an error: its texts are the object's own. */
  explicit Error(const rill_error &e)
      : std::runtime_error(*e.name ? e.name + std::string(": ") + e.message
                                   : e.message),
        kind(e.kind), name(e.name), message(e.message), stack(e.stack),
        file(e.file), source_line(e.source_line), line(e.line),
        column(e.column) {}

  rill_error_kind kind;    /* why there was no result */
  std::string name;        /* its class, "TypeError"; empty if it is none */
  std::string message;     /* its text, or what was thrown as one */
  std::string stack;       /* the frames, innermost first */
  std::string file;        /* where it was made; empty: not known */
  std::string source_line; /* the line there; empty: not known */
  std::uint32_t line;      /* from 1 on; 0: not known */
  std::uint32_t column;    /* from 1 on; 0: not known */
  /* Interrupted, past its deadline, or out of fuel: not to be caught and gone
   * on from within a native function. */
  bool terminated() const { return kind == RILL_ERROR_TERMINATED; }
};

/* A handle of the innermost scope, copied freely. */
class Value {
public:
  /* What the C API gave; NULL is undefined. */
  Value(rill_isolate *isolate, rill_value value)
      : isolate_(isolate), value_(value) {}
  /* The handle of the C API. */
  rill_value get() const { return value_; }
  /* Whose value it is. */
  rill_isolate *isolate() const { return isolate_; }

  /* What sort of value it is. */
  rill_type type() const { return rill_type_of(isolate_, value_); }
  /* Is it undefined? */
  bool is_undefined() const { return type() == RILL_UNDEFINED; }
  /* Is it an array? */
  bool is_array() const { return rill_is_array(isolate_, value_); }
  /* Is it a promise, to be awaited? */
  bool is_promise() const { return rill_is_promise(isolate_, value_); }
  /* Can it be called? */
  bool is_function() const { return type() == RILL_FUNCTION; }

  /* ToBoolean. */
  bool boolean() const { return rill_to_boolean(isolate_, value_); }
  /* ToNumber; NaN where it fails, for which nothing is thrown. */
  double number() const { return rill_to_number(isolate_, value_); }
  /* ToString, in UTF-8. Throws Error. */
  std::string string() const {
    std::size_t length = 0;
    const char *bytes = rill_to_string(isolate_, value_, &length);
    if (bytes == nullptr) throw Error(isolate_);
    return {bytes, length};
  }
  /* JSON.stringify; what has no JSON (undefined, functions) is "null". Throws
   * Error. */
  std::string json() const {
    rill_clear_error(isolate_);
    std::size_t length = 0;
    const char *bytes = rill_to_json(isolate_, value_, &length);
    if (bytes != nullptr) return {bytes, length};
    if (rill_get_error(isolate_)->kind == RILL_ERROR_NONE) return "null";
    throw Error(isolate_);
  }

  /* A property; undefined if there is none. Throws Error, as getters may. */
  Value operator[](const char *name) const {
    return checked(rill_get(isolate_, value_, name));
  }
  /* An element; undefined if there is none. Throws Error. */
  Value operator[](std::uint32_t index) const {
    return checked(rill_get_index(isolate_, value_, index));
  }
  /* Of a number literal: without this one, 0 could be a name, too. */
  Value operator[](int index) const {
    return (*this)[static_cast<std::uint32_t>(index)];
  }
  /* How many elements an array has; 0 of what is none. */
  std::size_t length() const { return rill_length(isolate_, value_); }
  /* Sets a property to what to_value takes; the object itself, so that sets can
   * follow. Throws Error. */
  template <typename T> const Value &set(const char *name, T &&value) const;
  /* Adds an element to an array, in the same way. */
  template <typename T> const Value &push(T &&value) const;

  /* Calls it with what to_value takes, and undefined as `this`. Throws Error.
   */
  template <typename... T> Value operator()(T &&...arguments) const;
  /* Calls a method of it, with it as `this`. Throws Error. */
  template <typename... T>
  Value call(const char *method, T &&...arguments) const;
  /* Runs the event loop until a promise is settled: what it was fulfilled
   * with. Throws Error, also if it was rejected. Not within a native
   * function. */
  Value await() const { return checked(rill_await(isolate_, value_)); }

private:
  Value checked(rill_value value) const {
    if (value == nullptr) throw Error(isolate_);
    return {isolate_, value};
  }
  rill_isolate *isolate_;
  rill_value value_;
};

/* C++ values as the script's: bool, numbers, texts, nullptr, handles, vectors
 * of these. A handle of the innermost scope. Throws Error. */
template <typename T> Value to_value(rill_isolate *isolate, const T &v) {
  using Plain = std::decay_t<T>;
  rill_value made;
  if constexpr (std::is_same_v<Plain, Value>) {
    made = v.get();
  } else if constexpr (std::is_same_v<Plain, rill_value>) {
    made = v;
  } else if constexpr (std::is_same_v<Plain, std::nullptr_t>) {
    made = rill_null(isolate);
  } else if constexpr (std::is_same_v<Plain, bool>) {
    made = rill_boolean(isolate, v);
  } else if constexpr (std::is_arithmetic_v<Plain>) {
    made = rill_number(isolate, static_cast<double>(v));
  } else if constexpr (std::is_convertible_v<const T &, std::string_view>) {
    std::string_view text = v;
    made = rill_string(isolate, text.data(), text.size());
  } else {
    made = rill_array(isolate);
    for (const auto &element : v) {
      if (made == nullptr ||
          !rill_push(isolate, made, to_value(isolate, element).get()))
        throw Error(isolate);
    }
  }
  if (made == nullptr) throw Error(isolate);
  return {isolate, made};
}

template <typename T>
const Value &Value::set(const char *name, T &&value) const {
  if (!rill_set(isolate_, value_, name, to_value(isolate_, value).get()))
    throw Error(isolate_);
  return *this;
}
template <typename T> const Value &Value::push(T &&value) const {
  if (!rill_push(isolate_, value_, to_value(isolate_, value).get()))
    throw Error(isolate_);
  return *this;
}
template <typename... T> Value Value::operator()(T &&...arguments) const {
  rill_value all[] = {to_value(isolate_, arguments).get()..., nullptr};
  return checked(
      rill_call(isolate_, value_, nullptr, sizeof...(arguments), all));
}
template <typename... T>
Value Value::call(const char *method, T &&...arguments) const {
  rill_value all[] = {to_value(isolate_, arguments).get()..., nullptr};
  return checked(rill_call(isolate_, (*this)[method].get(), value_,
                           sizeof...(arguments), all));
}

/* Closes when it goes: the handles made since it was opened are freed. */
class Scope {
public:
  /* Opens a scope in the innermost one. */
  explicit Scope(rill_isolate *isolate) : isolate_(isolate) {
    rill_scope_open(isolate_, &scope_);
  }
  /* The same, of a wrapped isolate. */
  inline explicit Scope(const Isolate &isolate);
  /* Closes it: its handles are good no longer. */
  ~Scope() { rill_scope_close(isolate_, &scope_); }
  /* Not copied: it is closed once. */
  Scope(const Scope &) = delete;
  /* Not copied. */
  Scope &operator=(const Scope &) = delete;

private:
  rill_isolate *isolate_;
  rill_scope scope_;
};

/* A value beyond its scope. It must go before its isolate does. */
class Kept {
public:
  /* Keeps nothing. */
  Kept() = default;
  /* Keeps a value. Throws Error: out of memory. */
  explicit Kept(const Value &value)
      : isolate_(value.isolate()), kept_(rill_keep(isolate_, value.get())) {
    if (kept_ == nullptr) throw Error(isolate_);
  }
  /* Takes over what another one keeps. */
  Kept(Kept &&other) noexcept
      : isolate_(other.isolate_), kept_(std::exchange(other.kept_, nullptr)) {}
  /* The same; the other one gets what this one had. */
  Kept &operator=(Kept &&other) noexcept {
    std::swap(isolate_, other.isolate_);
    std::swap(kept_, other.kept_);
    return *this;
  }
  /* Lets the value go. */
  ~Kept() {
    if (kept_ != nullptr) rill_release(isolate_, kept_);
  }
  /* The value, as a handle of the innermost scope. Not of one that keeps
   * nothing. */
  Value value() const { return {isolate_, rill_kept_value(isolate_, kept_)}; }

private:
  rill_isolate *isolate_ = nullptr;
  rill_kept *kept_ = nullptr;
};

/* What a native function gets. Missing arguments are undefined. */
class Call {
public:
  /* Of what a rill_function gets. */
  Call(rill_isolate *isolate, rill_value self, std::size_t count,
       const rill_value *arguments)
      : isolate_(isolate), self_(self), count_(count), arguments_(arguments) {}
  /* The isolate that calls. */
  rill_isolate *isolate() const { return isolate_; }
  /* What `this` is. */
  Value self() const { return {isolate_, self_}; }
  /* How many arguments there are. */
  std::size_t count() const { return count_; }
  /* An argument, counted from 0. */
  Value operator[](std::size_t i) const {
    return {isolate_, i < count_ ? arguments_[i] : rill_undefined(isolate_)};
  }

private:
  rill_isolate *isolate_;
  rill_value self_;
  std::size_t count_;
  const rill_value *arguments_;
};

/* An isolate, and what its functions capture. */
class Isolate {
public:
  /* As rill_isolate_new makes it: it may do nothing but compute. Throws
   * std::bad_alloc. */
  explicit Isolate(const rill_options &options = RILL_OPTIONS_INIT)
      : isolate_(rill_isolate_new(&options)) {
    if (isolate_ == nullptr) throw std::bad_alloc();
  }
  /* Not copied. */
  Isolate(const Isolate &) = delete;
  /* Not copied. */
  Isolate &operator=(const Isolate &) = delete;
  /* Frees it with all its values; nothing of it may be used any more. */
  ~Isolate() { rill_isolate_free(isolate_); }
  /* For the C API; it stays this object's. */
  rill_isolate *get() const { return isolate_; }

  /* Runs a script: the value of its last statement. Throws Error. */
  Value eval(std::string_view source, const char *name = "eval") {
    return checked(rill_eval(isolate_, source.data(), source.size(), name));
  }
  /* Runs a script that may await at its top: a promise of its value. Throws
   * Error. */
  Value eval_async(std::string_view source, const char *name = "eval") {
    return checked(
        rill_eval_async(isolate_, source.data(), source.size(), name));
  }
  /* Runs an ES module: its namespace. Throws Error. */
  Value eval_module(std::string_view source, const char *name) {
    return checked(
        rill_eval_module(isolate_, source.data(), source.size(), name));
  }
  /* Runs the event loop until nothing is left to wait for. Throws Error, if
   * nobody caught one. */
  void run() {
    if (!rill_run_loop(isolate_)) throw Error(isolate_);
  }

  /* The global object. */
  Value global() { return checked(rill_global(isolate_)); }
  /* A new object. Throws Error, as all that make something: out of memory. */
  Value object() { return checked(rill_object(isolate_)); }
  /* A new array. */
  Value array() { return checked(rill_array(isolate_)); }
  /* What to_value takes, as a value. */
  template <typename T> Value value(const T &v) {
    return to_value(isolate_, v);
  }

  /* A function of the script's that calls `callee`, which takes a Call & and
   * returns nothing or what to_value takes. What it throws is thrown to the
   * script: rill::Error as the value that was thrown, other exceptions as an
   * Error with their text. It is copied, and kept as long as the isolate. */
  template <typename F> Value function(const char *name, F callee) {
    Callee &kept = keep(std::move(callee));
    return checked(rill_function_new(isolate_, name, enter, &kept));
  }
  /* The same as a global of this name. */
  template <typename F> void define(const char *name, F callee) {
    Callee &kept = keep(std::move(callee));
    if (!rill_define(isolate_, name, enter, &kept)) throw Error(isolate_);
  }

  /* Ends what it is running, or runs next, uncatchably. Any thread. */
  void interrupt() { rill_interrupt(isolate_); }
  /* All that it runs from now on ends after this time; 0: no limit. */
  void set_deadline(std::uint64_t milliseconds) {
    rill_set_deadline(isolate_, milliseconds);
  }
  /* It may take so many turns of loops and calls; negative: no limit. */
  void set_fuel(std::int64_t steps) { rill_set_fuel(isolate_, steps); }

private:
  using Callee = std::function<rill_value(Call &)>;

  template <typename F> Callee &keep(F callee) {
    callees_.push_back(std::make_unique<Callee>(
        [callee = std::move(callee)](Call &c) mutable -> rill_value {
          using Result = std::invoke_result_t<F &, Call &>;
          if constexpr (std::is_void_v<Result>) {
            callee(c);
            return rill_undefined(c.isolate());
          } else {
            return to_value(c.isolate(), callee(c)).get();
          }
        }));
    return *callees_.back();
  }

  /* No exception of C++ may cross the frames of C. */
  static rill_value enter(rill_isolate *isolate, void *data, rill_value self,
                          std::size_t count,
                          const rill_value *arguments) noexcept {
    try {
      rill_clear_error(isolate);
      Call call(isolate, self, count, arguments);
      return (*static_cast<Callee *>(data))(call);
    } catch (const Error &e) {
      if (e.terminated()) { /* it stays so */
        rill_interrupt(isolate);
        return nullptr;
      }
      rill_value thrown = rill_get_exception(isolate);
      return thrown != nullptr ? rill_throw(isolate, thrown)
                               : rill_throw_error(isolate, "%s", e.what());
    } catch (const std::exception &e) {
      return rill_throw_error(isolate, "%s", e.what());
    } catch (...) {
      return rill_throw_error(isolate, "an exception of C++");
    }
  }

  Value checked(rill_value value) {
    if (value == nullptr) throw Error(isolate_);
    return {isolate_, value};
  }

  rill_isolate *isolate_;
  std::vector<std::unique_ptr<Callee>> callees_;
};

inline Scope::Scope(const Isolate &isolate) : Scope(isolate.get()) {}

} // namespace rill

#endif
