// SPDX-License-Identifier: MIT
// eval (ECMA-262 19.2.1) and CreateDynamicFunction (20.2.1.1.1).
#include <pthread.h>
#include <stdlib.h>

#include "vm/interpreter/calls.h"
#include "vm/interpreter/dynamic_names.h"
#include "vm/interpreter/eval_cache.h"
#include "vm/interpreter/modules.h"
#include "vm/interpreter/optimized.h"
#include "vm/interpreter/run.h"
#include "vm/objects/charge.h"
#include "vm/objects/error_object.h"

bool vm_is_builtin_code(Isolate *iso, const Code *code) {
  StringView name;
  return code->referrer != NULL && vm_string_view(iso, code->referrer, &name) &&
         vm_names_builtin(name);
}

bool vm_runs_builtin_module(Isolate *iso) {
  for (const Frame *frame = iso->frame; frame != NULL; frame = frame->caller) {
    Activation at;
    for (uint32_t i = 0; vm_frame_activation(frame, i, &at); i++)
      if (!(at.code->template->flags & TEMPLATE_SELF_HOSTED))
        return vm_is_builtin_code(iso, at.code);
  }
  return false;
}

const Code *vm_calling_script(Isolate *iso) {
  for (const Frame *frame = iso->frame; frame != NULL; frame = frame->caller) {
    if (!vm_is_builtin_code(iso, frame->code)) return frame->code;
  }
  return NULL;
}

// What stands for code that is gone: nothing refers to it but its Code, which
// the collector has not found yet.
static SourceFile no_source = {.references = 1, .units = "", .line_count = 1};
static Template gone = {
    .references = 1, .kind = CODE_EVAL, .source = &no_source};
static pthread_once_t gone_once = PTHREAD_ONCE_INIT;

static void make_gone(void) {
  static uint32_t line_start;
  no_source.line_starts = &line_start;
  no_source.name = ATOM(anonymous_in_brackets);
  gone.name = ATOM(empty);
}

// Is it sure that nobody has a reference to the code that has just run? `code`
// has the only one to its template; it has made no function and no environment
// with names, and since `captures` no error, profile or compiler saw its frame.
static bool is_over(const Isolate *iso, const Code *code, uint64_t captures) {
  const Template *t = code->template;
  if (code->external_bytes == 0 || t->function_count != 0 || code->heat != 0 ||
      code->tier != TIER_BASELINE || code->variants != NULL ||
      iso->profiler != NULL || iso->coverage != NULL ||
      captures != vm_error_captures()) {
    return false;
  }
  for (uint32_t i = 0; i < t->record_count; i++) {
    RecordKind kind = t->records[i].kind;
    if (kind == RECORD_SCOPE || kind == RECORD_EVAL_SITE) return false;
  }
  return true;
}

// Frees what the code was compiled to, which is most of the memory that the
// evaluation of a short text takes.
static void let_go(Isolate *iso, Code *code) {
  pthread_once(&gone_once, make_gone);
  Template *t = (Template *)code->template;
  code->template = vm_template_retain(&gone);
  code->instructions = NULL;
  code->constants = NULL;
  code->keys = NULL;
  gc_external_adjust(iso->heap, GC_EXTERNAL_NATIVE,
                     -(int64_t)code->external_bytes);
  code->external_bytes = 0;
  vm_template_release(t);
}

// Runs eval code over an environment (NULL: the global one). Takes the
// reference to it.
static Value run_eval(Isolate *iso, Template *t, Environment *environment,
                      Object *home_object, Value this_value,
                      const Code *caller) {
  if (!vm_check_stack(iso)) {
    vm_template_release(t);
    return VALUE_EXCEPTION;
  }
  Code *code = vm_code_take(iso, t, caller != NULL ? caller->module : NULL);
  if (code == NULL) return VALUE_EXCEPTION;
  if (caller != NULL) code->referrer = caller->referrer;
  Function *function = vm_function_new(iso, code, environment, home_object);
  uint64_t captures = vm_error_captures();
  Value v = vm_run_function(iso, function, this_value);
  if (v != VALUE_EXCEPTION && is_over(iso, code, captures)) let_go(iso, code);
  return v;
}

static Template *compile_indirect(Isolate *iso, String *source) {
  EvalText text = {.kind = EVAL_TEXT_SCRIPT};
  if (!vm_string_view(iso, source, &text.view)) return NULL;
  text.hash = vm_string_hash(iso, source);
  Template *t = vm_eval_cache_find(iso, &text);
  if (t != NULL) return t;
  CompileOptions options = {.goal = COMPILE_EVAL};
  t = vm_compile_string(iso, source, &options);
  if (t != NULL) vm_eval_cache_insert(iso, &text, t);
  return t;
}

Value vm_indirect_eval(Isolate *iso, Value source) {
  if (!value_is_string(source)) return source;
  Template *t = compile_indirect(iso, value_as_string(source));
  if (t == NULL) return VALUE_EXCEPTION;
  return run_eval(iso, t, NULL, NULL, iso->realm->global_this,
                  vm_calling_script(iso));
}

Value vm_run_eval_in(Isolate *iso, Template *t, Realm *realm,
                     String *referrer) {
  if (!vm_check_stack(iso)) return VALUE_EXCEPTION;
  Realm *running = iso->realm;
  iso->realm = realm;
  Value v = VALUE_EXCEPTION;
  Code *code = vm_code_new(iso, t, NULL);
  if (code != NULL) {
    code->referrer = referrer;
    v = vm_run_function(iso, vm_function_new(iso, code, NULL, NULL),
                        realm->global_this);
  }
  iso->realm = running;
  return v;
}

// The private names that the environments show, innermost first, in memory of
// the caller's. False: threw.
static bool visible_private_names(Isolate *iso, const Environment *e,
                                  String ***out, uint32_t *count) {
  String **names = NULL;
  uint32_t capacity = 0;
  *count = 0;
  for (; e != NULL; e = e->parent) {
    const ScopeDescription *d = e->description;
    if (d == NULL) continue;
    for (uint32_t i = 0; i < d->name_count; i++) {
      String *s = d->names[i].name;
      bool is_private =
          string_length(s) > 1 &&
          (s->cell.flags & STRING_WIDE ? s->utf16[0] : s->latin1[0]) == '#';
      if (!is_private) continue;
      if (*count == capacity) {
        capacity = capacity ? capacity * 2 : 8;
        String **grown = realloc(names, capacity * sizeof *names);
        if (grown == NULL) {
          free(names);
          vm_throw_out_of_memory(iso);
          return false;
        }
        names = grown;
      }
      names[(*count)++] = s;
    }
  }
  *out = names;
  return true;
}

// 19.2.1.1 PerformEval, direct.
static Value direct_eval(Isolate *iso, Frame *frame, const Record *record,
                         Value source) {
  if (!value_is_string(source)) return source;
  Value register_value =
      frame->registers[record->eval_site.environment_register];
  Environment *environment = value_is_cell(register_value)
                                 ? (Environment *)value_as_cell(register_value)
                                 : NULL;
  uint32_t private_count;
  String **private_names;
  if (!visible_private_names(iso, environment, &private_names, &private_count))
    return VALUE_EXCEPTION;
  CompileOptions options = {
      .goal = COMPILE_EVAL,
      .is_strict = record->eval_site.is_strict,
      .is_direct_eval = true,
      .in_function = record->eval_site.in_function,
      .in_method = record->eval_site.in_method,
      .in_derived_constructor = record->eval_site.in_derived_constructor,
      .in_field_initializer = record->eval_site.in_field_initializer,
      .in_parameters = record->eval_site.in_parameters,
      .private_names = private_names,
      .private_name_count = private_count,
  };
  Template *t = vm_compile_string(iso, value_as_string(source), &options);
  free(private_names);
  if (t == NULL) return VALUE_EXCEPTION;
  return run_eval(iso, t, environment, frame->function->home_object,
                  frame->this_value, frame->code);
}

bool vm_call_eval(Isolate *iso, Frame *frame, const Instruction *pc,
                  CallRequest *request, CallOutcome *out) {
  Object *eval = INTRINSIC_OBJECT(iso, Eval);
  if (eval == NULL || request->callee != value_from_cell(eval)) return false;
  const Record *record = &frame->code->template->records[pc[1].word];
  Value source = request->argc != 0 ? request->argv[0] : VALUE_UNDEFINED;
  request->result = direct_eval(iso, frame, record, source);
  *out = request->result == VALUE_EXCEPTION ? CALL_THREW : CALL_RETURNED;
  return true;
}

// The text is parameters, then body, in one width as the compiler wants them;
// it puts the function together and checks the two apart.
static Template *compile_dynamic(Isolate *iso, const NativeCall *call,
                                 unsigned flavour) {
  StringBuilder b;
  vm_builder_init(&b, iso);
  for (uint32_t i = 0; i + 1 < call->argc; i++) {
    String *s = vm_to_string(iso, call->argv[i]);
    if (s == NULL) {
      vm_builder_discard(&b);
      return NULL;
    }
    if (i != 0) vm_builder_append_unit(&b, ',');
    vm_builder_append(&b, s);
  }
  String *parameters = vm_builder_finish(&b);
  if (parameters == NULL) return NULL;
  String *body = call->argc != 0 ? vm_to_string(iso, call->argv[call->argc - 1])
                                 : ATOM(empty);
  if (body == NULL) return NULL;
  String *both = vm_string_concat(iso, parameters, body);
  EvalText text = {.split = string_length(parameters), .kind = flavour};
  if (both == NULL || !vm_string_view(iso, both, &text.view)) return NULL;
  text.hash = vm_string_hash(iso, both);
  Template *t = vm_eval_cache_find(iso, &text);
  if (t != NULL) return t;
  StringView view = text.view;
  if (!vm_charge(iso, (size_t)view.length * 4)) return NULL;
  WorkWatch watch = vm_compile_watch(iso);
  CompileOptions options = {
      .goal = COMPILE_FUNCTION,
      .watch = &watch,
      .is_generator = (flavour & 1) != 0,
      .is_async = (flavour & 2) != 0,
      .parameters = view.units,
      .parameters_length = text.split,
      .body = (const char *)view.units +
              (size_t)text.split * (view.is_wide ? 2 : 1),
      .body_length = string_length(body),
  };
  CompileError error;
  t = vm_compile(view.units, view.length, view.is_wide, &options, &error);
  if (t == NULL)
    vm_throw_compile_error(iso, &error, NULL);
  else
    vm_eval_cache_insert(iso, &text, t);
  return t;
}

Value vm_create_dynamic_function(Isolate *iso, const NativeCall *call,
                                 uint32_t template_flags) {
  static const uint16_t fallbacks[] = {
      INTRINSIC_FunctionPrototype, INTRINSIC_GeneratorFunctionPrototype,
      INTRINSIC_AsyncFunctionPrototype,
      INTRINSIC_AsyncGeneratorFunctionPrototype};
  unsigned flavour = (template_flags >> 1) & 3;
  Template *t = compile_dynamic(iso, call, flavour);
  if (t == NULL) return VALUE_EXCEPTION;
  // Its import() resolves as in the code that made it.
  const Code *caller = vm_calling_script(iso);
  Code *code = vm_code_take(iso, t, caller != NULL ? caller->module : NULL);
  if (code == NULL) return VALUE_EXCEPTION;
  if (caller != NULL) code->referrer = caller->referrer;
  Value v = value_from_cell(vm_function_new(iso, code, NULL, NULL));
  if (value_is_undefined(call->new_target) || call->new_target == call->callee)
    return v;
  // GetPrototypeFromConstructor of a subclass.
  Object *new_target = value_as_object(call->new_target);
  Value prototype = vm_get(iso, new_target, KEY(prototype));
  if (value_is_exception(prototype)) return prototype;
  if (!value_is_object(prototype)) {
    Realm *realm = vm_function_realm(iso, new_target);
    if (realm == NULL) return VALUE_EXCEPTION;
    prototype = value_from_cell(realm->intrinsics[fallbacks[flavour]]);
  }
  if (vm_set_prototype_of(iso, value_as_object(v), value_as_object(prototype)) <
      0)
    return VALUE_EXCEPTION;
  return v;
}
