// SPDX-License-Identifier: MIT
// What calls.c measures, through QuickJS's API. It is not built with the rest:
//
//   cc -O3 -I QUICKJS benches/embedding/calls_quickjs.c
//     QUICKJS/build/libqjs.a -lm -o calls-quickjs
#include <quickjs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CALLS = 1000000, ROUNDS = 11 };

static double nanoseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static JSValue add(JSContext *context, JSValueConst this_value, int count,
                   JSValueConst *arguments) {
  double a, b;
  if (count < 2) return JS_ThrowTypeError(context, "two numbers are needed");
  if (JS_ToFloat64(context, &a, arguments[0]) < 0 ||
      JS_ToFloat64(context, &b, arguments[1]) < 0)
    return JS_EXCEPTION;
  return JS_NewFloat64(context, a + b);
}

static double into_script(JSContext *context, JSValue function) {
  double start = nanoseconds(), sum = 0, number;
  for (int i = 0; i < CALLS; i++) {
    JSValue arguments[] = {JS_NewFloat64(context, i),
                           JS_NewFloat64(context, 1)};
    JSValue result =
        JS_Call(context, function, JS_UNDEFINED, 2, (JSValueConst *)arguments);
    if (JS_IsException(result)) exit(1);
    if (JS_ToFloat64(context, &number, result) < 0) exit(1);
    sum += number;
    JS_FreeValue(context, result);
    JS_FreeValue(context, arguments[0]);
    JS_FreeValue(context, arguments[1]);
  }
  if (sum != (double)CALLS * (CALLS + 1) / 2) exit(1);
  return (nanoseconds() - start) / CALLS;
}

static double run(JSContext *context, JSValue loop) {
  double start = nanoseconds();
  JSValue calls = JS_NewInt32(context, CALLS);
  JSValue result =
      JS_Call(context, loop, JS_UNDEFINED, 1, (JSValueConst *)&calls);
  if (JS_IsException(result)) exit(1);
  return (nanoseconds() - start) / CALLS;
}

static JSValue evaluate(JSContext *context, const char *text) {
  JSValue value =
      JS_Eval(context, text, strlen(text), "calls.js", JS_EVAL_TYPE_GLOBAL);
  if (JS_IsException(value)) exit(1);
  return value;
}

int main(void) {
  JSRuntime *runtime = JS_NewRuntime();
  JSContext *context = JS_NewContext(runtime);
  JSValue global = JS_GetGlobalObject(context);
  JS_SetPropertyStr(context, global, "add",
                    JS_NewCFunction(context, add, "add", 2));
  JSValue plus = evaluate(context, "(a, b) => a + b");
  JSValue into_native = evaluate(
      context,
      "(n) => { let s = 0; for (let i = 0; i < n; i++) s = add(s, i); }");
  JSValue empty_loop = evaluate(
      context, "(n) => { let s = 0; for (let i = 0; i < n; i++) s = s + i; }");
  double best[3] = {1e9, 1e9, 1e9};
  for (int i = 0; i < ROUNDS; i++) {
    double times[] = {into_script(context, plus), run(context, into_native),
                      run(context, empty_loop)};
    for (int j = 0; j < 3; j++)
      if (times[j] < best[j]) best[j] = times[j];
  }
  printf("C into a script's function and back: %.1f ns\n", best[0]);
  printf("script into a native function and back: %.1f ns\n",
         best[1] - best[2]);
  JS_FreeValue(context, plus);
  JS_FreeValue(context, into_native);
  JS_FreeValue(context, empty_loop);
  JS_FreeValue(context, global);
  JS_FreeContext(context);
  JS_FreeRuntime(runtime);
}
