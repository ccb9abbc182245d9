// SPDX-License-Identifier: MIT
// The C API: native classes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/api_tests.h"

typedef struct Counter {
  double value, step;
} Counter;

static int alive;

static void *new_counter(rill_isolate *iso, void *data, rill_value this_value,
                         size_t count, const rill_value *arguments) {
  if (count == 0) {
    rill_throw_error(iso, "a start is needed");
    return NULL;
  }
  double start = rill_to_number(iso, arguments[0]);
  if (start != start) return NULL; // rill_to_number failed, or NaN was given
  Counter *c = calloc(1, sizeof *c);
  c->value = start;
  c->step = *(double *)data;
  alive++;
  return c;
}
static void free_counter(void *data) {
  if (data == NULL) return;
  alive--;
  free(data);
}
static rill_value add(rill_isolate *iso, void *data, rill_value this_value,
                      size_t count, const rill_value *arguments) {
  Counter *c = data;
  c->value += count > 0 ? rill_to_number(iso, arguments[0]) : c->step;
  return this_value;
}
static rill_value get_value(rill_isolate *iso, void *data,
                            rill_value this_value, size_t count,
                            const rill_value *arguments) {
  return rill_number(iso, ((Counter *)data)->value);
}
static rill_value set_value(rill_isolate *iso, void *data,
                            rill_value this_value, size_t count,
                            const rill_value *arguments) {
  ((Counter *)data)->value = rill_to_number(iso, arguments[0]);
  return NULL;
}
static rill_value step(rill_isolate *iso, void *data, rill_value this_value,
                       size_t count, const rill_value *arguments) {
  return rill_number(iso, *(double *)data);
}

static const rill_member counter_members[] = {
    {.name = "add", .method = add, .length = 1},
    {.name = "value", .getter = get_value, .setter = set_value},
    {.name = "seen", .getter = get_value},
    {.name = "@@toPrimitive", .method = get_value},
    {.name = "step", .method = step, .flags = RILL_MEMBER_STATIC},
    {.name = "defaultStep", .getter = step, .flags = RILL_MEMBER_STATIC},
};

static double one = 1;

static rill_class *counter(rill_isolate *iso) {
  rill_class_options options = RILL_CLASS_INIT;
  options.name = "Counter";
  options.constructor = new_counter;
  options.length = 1;
  options.finalize = free_counter;
  options.data = &one;
  options.members = counter_members;
  options.member_count = sizeof counter_members / sizeof counter_members[0];
  rill_class *class = rill_class_new(iso, &options);
  assert_non_null(class);
  assert_true(rill_class_define(iso, class));
  return class;
}

static const char *text(rill_isolate *iso, const char *source) {
  rill_value value = rill_eval(iso, source, RILL_TEXT_END, "class.js");
  return value == NULL ? rill_get_error(iso)->message
                       : rill_to_string(iso, value, NULL);
}

static void test_members(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_class *class = counter(iso);
  assert_string_equal(text(iso,
                           "const c = new Counter(5); c.add().add(2);"
                           "c.value"),
                      "8");
  assert_string_equal(text(iso, "c.value = 40; c.seen + c.add(2)"), "82");
  assert_string_equal(text(iso, "Counter.step() + Counter.defaultStep"), "2");
  assert_string_equal(
      text(iso,
           "[Counter.name, Counter.length, Counter.prototype.add.name,"
           "Counter.prototype.add.length, c.constructor === Counter,"
           "Object.keys(Counter.prototype).length,"
           "Object.getOwnPropertyDescriptor(Counter.prototype, 'value')"
           ".get.name, Counter.prototype[Symbol.toPrimitive].name,"
           "c instanceof Counter, typeof Counter] + ''"),
      "Counter,1,add,1,true,0,get value,[Symbol.toPrimitive],true,function");
  rill_value c = rill_eval(iso, "c", 1, NULL);
  assert_true(rill_is_instance(iso, c, class));
  assert_true(((Counter *)rill_instance_data(iso, c, class))->value == 42);
  assert_true(rill_strict_equals(iso, rill_class_constructor(iso, class),
                                 rill_eval(iso, "Counter", 7, NULL)));
  rill_isolate_free(iso);
  assert_int_equal(alive, 0);
}

static void test_brand(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_class *class = counter(iso);
  static const struct {
    const char *source, *message;
  } wrong[] = {
      {"Counter(1)",
       "Class constructor Counter cannot be invoked without 'new'"},
      {"Counter.prototype.add.call({})",
       "Method Counter.prototype.add called on incompatible receiver "
       "#<Object>"},
      {"Counter.prototype.value",
       "Method Counter.prototype.get value called on incompatible receiver "
       "#<Counter>"},
      {"Object.create(new Counter(1)).add()",
       "Method Counter.prototype.add called on incompatible receiver "
       "#<Counter>"},
      {"'use strict'; new Counter(1).seen = 2",
       "Cannot set property seen of #<Counter> which has only a getter"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    assert_null(rill_eval(iso, wrong[i].source, RILL_TEXT_END, NULL));
    assert_string_equal(rill_get_error(iso)->name, "TypeError");
    assert_string_equal(rill_get_error(iso)->message, wrong[i].message);
  }
  // Nothing of an object that failed to be constructed.
  assert_string_equal(text(iso, "new Counter()"), "a start is needed");
  assert_string_equal(
      text(iso, "new Counter({ valueOf() { throw new Error('own') } })"),
      "own");
  // A prototype that lies does not matter, nor one that is taken away.
  assert_string_equal(
      text(iso,
           "const o = new Counter(3); Object.setPrototypeOf(o, null);"
           "Counter.prototype.add.call(o, 1);"
           "Reflect.get(Counter.prototype, 'value', o)"),
      "4");
  assert_false(rill_is_instance(iso, rill_object(iso), class));
  assert_null(rill_instance_data(iso, NULL, class));
  static int kind;
  rill_value plain = rill_host_object(iso, &kind, &one, NULL);
  assert_null(rill_instance_data(iso, plain, class));
  assert_null(rill_host_data(iso, rill_eval(iso, "o", 1, NULL), class));
  rill_isolate_free(iso);
  assert_int_equal(alive, 0);
}

static void test_subclasses(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_class *class = counter(iso);
  assert_string_equal(
      text(iso,
           "class Twice extends Counter { #n = 2; constructor() {"
           "super(10); this.own = 1 } add(x) { return super.add(x * "
           "this.#n) } static get s() { return super.step() } }"
           "const t = new Twice; t.add(3);"
           "[t.value, t.own, Twice.s, t instanceof Counter,"
           "Object.getPrototypeOf(t) === Twice.prototype] + ''"),
      "16,1,1,true,true");
  assert_string_equal(
      text(iso,
           "(class extends Counter { constructor() { } }).name;"
           "try { new (class extends Counter { constructor() { } }) }"
           "catch (e) { e.name }"),
      "ReferenceError");
  assert_string_equal(text(iso,
                           "Reflect.construct(Counter, [7], Array) "
                           "instanceof Array"),
                      "true");
  // A function whose prototype is no object: the class's own is taken.
  assert_string_equal(
      text(iso,
           "function F() {} F.prototype = 1;"
           "Object.getPrototypeOf(Reflect.construct(Counter, [7], F)) === "
           "Counter.prototype"),
      "true");
  assert_true(rill_is_instance(iso, rill_eval(iso, "t", 1, NULL), class));
  rill_isolate_free(iso);
  assert_int_equal(alive, 0);
}

typedef struct Limited {
  Counter counter; // as the parent's methods see it
  double limit;
} Limited;

static void *new_limited(rill_isolate *iso, void *data, rill_value this_value,
                         size_t count, const rill_value *arguments) {
  Limited *l = calloc(1, sizeof *l);
  l->counter.step = 1;
  l->limit = rill_to_number(iso, arguments[0]);
  alive++;
  return l;
}
static rill_value left(rill_isolate *iso, void *data, rill_value this_value,
                       size_t count, const rill_value *arguments) {
  const Limited *l = data;
  return rill_number(iso, l->limit - l->counter.value);
}

static void test_native_inheritance(void **state) {
  rill_isolate *iso = isolate(0, 0);
  rill_class *base = counter(iso);
  static const rill_member members[] = {{.name = "left", .getter = left}};
  rill_class_options options = RILL_CLASS_INIT;
  options.name = "Limited";
  options.constructor = new_limited;
  options.finalize = free_counter;
  options.parent = base;
  options.members = members;
  options.member_count = 1;
  rill_class *limited = rill_class_new(iso, &options);
  assert_true(rill_class_define(iso, limited));
  options.name = "Hidden";
  options.constructor = NULL;
  options.parent = limited;
  options.member_count = 0;
  rill_class *hidden = rill_class_new(iso, &options);
  assert_true(rill_class_define(iso, hidden));
  assert_string_equal(
      text(iso,
           "const l = new Limited(10); l.add(4).add();"
           "[l.left, l.value, l instanceof Counter, Limited.step(),"
           "Object.getPrototypeOf(Limited) === Counter] + ''"),
      "5,5,true,1,true");
  rill_value l = rill_eval(iso, "l", 1, NULL);
  assert_true(rill_is_instance(iso, l, base));
  assert_true(rill_is_instance(iso, l, limited));
  assert_false(rill_is_instance(iso, l, hidden));
  assert_string_equal(text(iso,
                           "Reflect.get(Limited.prototype, 'left', new "
                           "Counter(1))"),
                      "Method Limited.prototype.get left called on "
                      "incompatible receiver #<Counter>");
  assert_string_equal(text(iso, "new Hidden"),
                      "Hidden cannot be constructed by scripts");
  Limited *own = calloc(1, sizeof *own);
  alive++;
  rill_value h = rill_class_instance(iso, hidden, own);
  assert_ptr_equal(rill_instance_data(iso, h, base), own);
  assert_true(rill_set(iso, rill_global(iso), "h", h));
  assert_string_equal(text(iso, "h.add(-3).left"), "3");
  // Several classes of one shape, and bad ones.
  assert_non_null(counter(iso));
  options.name = NULL;
  assert_null(rill_class_new(iso, &options));
  assert_int_equal(rill_get_error(iso)->kind, RILL_ERROR_HOST);
  rill_isolate_free(iso);
  assert_int_equal(alive, 0);
}

static void test_garbage(void **state) {
  rill_isolate *iso = isolate(0, 0);
  counter(iso);
  text(iso, "for (let i = 0; i < 10000; i++) new Counter(i)");
  rill_collect_garbage(iso);
  rill_collect_garbage(iso);
  assert_true(alive < 5000);
  rill_isolate_free(iso);
  assert_int_equal(alive, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_members),
      cmocka_unit_test(test_brand),
      cmocka_unit_test(test_subclasses),
      cmocka_unit_test(test_native_inheritance),
      cmocka_unit_test(test_garbage),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
