// SPDX-License-Identifier: MIT
// Exceptions and everything that leaves a statement early. A finalizer exists
// once: who passes through it notes in a register how to go on, and a dispatch
// after it does. Iterators are closed in line.
//
// Code that an exit runs after it has left a region (closing an outer iterator,
// say) lies between the region's words but not under its handler: it is a hole.
#include "vm/bytecode/emitter.h"

#include <stdlib.h>

// Regions ---------------------------------------------------------------------

void bytecode_region_begin(FunctionState *f, Control *control,
                           ControlKind kind) {
  *control = (Control){.outer = f->control, .kind = kind};
  control->region.start = bytecode_here(B(f));
  f->control = control;
}

static void add_hole(FunctionState *f, Control *control, uint32_t begin) {
  Region *region = &control->region;
  uint32_t end = bytecode_here(B(f));
  if (begin == end) return;
  if (region->hole_count + 2 > region->hole_capacity) {
    uint32_t capacity = region->hole_capacity ? region->hole_capacity * 2 : 8;
    uint32_t *holes = realloc(region->holes, capacity * sizeof *holes);
    if (!holes) {
      bytecode_fail(B(f), BUILD_OUT_OF_MEMORY);
      return;
    }
    region->holes = holes;
    region->hole_capacity = capacity;
  }
  region->holes[region->hole_count++] = begin;
  region->holes[region->hole_count++] = end;
}

bool bytecode_region_end(FunctionState *f, Control *control,
                         Register exception) {
  Region *region = &control->region;
  uint32_t end = bytecode_here(B(f));
  uint32_t start = region->start;
  bool any = false;
  for (uint32_t i = 0; i < region->hole_count; i += 2) {
    bytecode_handler(B(f), start, region->holes[i], end, exception);
    any |= start != region->holes[i];
    start = region->holes[i + 1];
  }
  bytecode_handler(B(f), start, end, end, exception);
  any |= start != end;
  free(region->holes);
  region->holes = NULL;
  f->control = control->outer;
  B(f)->is_reachable = any;
  return any;
}

// Leaving ---------------------------------------------------------------------

static bool has_region(const Control *control) {
  return control->kind >= CONTROL_CATCH;
}

// What leaving `control` takes. True: control went to a finalizer.
static bool cross(FunctionState *f, Control *control, const AstNode *target,
                  bool is_continue, Register returned) {
  if (control->kind == CONTROL_ITERATOR) {
    bytecode_iterator_close(f, control->iterator, control->is_async);
    return false;
  }
  if (control->kind != CONTROL_FINALLY) return false;
  bool is_return = returned != NO_REGISTER;
  FinallyExit *known = control->exits;
  while (known && !(known->is_return == is_return && known->target == target &&
                    known->is_continue == is_continue)) {
    known = known->next;
  }
  if (!known) {
    known = bytecode_arena(f->unit, sizeof *known);
    if (!known) return true;
    *known = (FinallyExit){control->exits, is_return, is_continue, target,
                           COMPLETION_EXITS + control->exit_count++};
    control->exits = known;
  }
  if (is_return) bytecode_move(B(f), control->value, returned);
  bytecode_emit_imm(B(f), OP_LOAD_INT, control->completion, known->number);
  bytecode_goto(B(f), control->finalizer);
  return true;
}

typedef struct Passed {
  Control *control;
  uint32_t at;
} Passed;

// Walks outwards to the target (NULL: out of the function).
static void leave(FunctionState *f, const AstNode *target, bool is_continue,
                  Register returned) {
  if (!B(f)->is_reachable) return;
  Control *innermost = f->control;
  uint32_t passed_count = 0, passed_capacity = 0;
  Passed *passed = NULL;
  Control *c = innermost;
  for (; c && !(target && c->node == target); c = c->outer) {
    // While the exit's own code is emitted, it is outside of c already, but a
    // hole of c begins only after the instruction that leaves it.
    if (has_region(c)) {
      if (passed_count == passed_capacity) {
        passed_capacity = passed_capacity ? passed_capacity * 2 : 8;
        Passed *grown = realloc(passed, passed_capacity * sizeof *passed);
        if (!grown) {
          bytecode_fail(B(f), BUILD_OUT_OF_MEMORY);
          goto done;
        }
        passed = grown;
      }
      passed[passed_count++] = (Passed){c, bytecode_here(B(f))};
    }
    f->control = c->outer;
    if (cross(f, c, target, is_continue, returned)) goto done;
  }
  f->control = c;
  if (target && c) {
    bytecode_goto(B(f), is_continue ? c->continue_label : c->break_label);
  } else if (!target) {
    if (f->kind == CODE_DERIVED_CONSTRUCTOR && f->ast && f->ast->this_binding) {
      uint32_t mark = mark_of(f);
      Place place = bytecode_place(f, f->ast->this_binding);
      Register this_value = place.kind == PLACE_REGISTER ? place.reg : temp(f);
      bytecode_place_load(f, place, this_value);
      bytecode_emit(B(f), OP_RETURN_CONSTRUCTED, returned, this_value, 0);
      release(f, mark);
    } else if (f->kind == CODE_DERIVED_CONSTRUCTOR && f->ast) {
      // Never calls super(): `this` stays uninitialized.
      uint32_t mark = mark_of(f);
      Register this_value = temp(f);
      bytecode_load_value(f, VALUE_EMPTY, this_value);
      bytecode_emit(B(f), OP_RETURN_CONSTRUCTED, returned, this_value, 0);
      release(f, mark);
    } else {
      bytecode_emit(B(f), OP_RETURN, returned, 0, 0);
    }
  }
done:
  for (uint32_t i = 0; i < passed_count; i++)
    add_hole(f, passed[i].control, passed[i].at);
  free(passed);
  f->control = innermost;
}

void bytecode_return(FunctionState *f, Register value) {
  leave(f, NULL, false, value);
}

void bytecode_return_undefined(FunctionState *f) {
  bool crosses = f->kind == CODE_DERIVED_CONSTRUCTOR;
  for (const Control *c = f->control; c; c = c->outer)
    crosses |= c->kind > CONTROL_CATCH;
  if (!crosses) {
    bytecode_emit(B(f), OP_RETURN_UNDEFINED, 0, 0, 0);
    return;
  }
  uint32_t mark = mark_of(f);
  Register r = temp(f);
  bytecode_load_value(f, VALUE_UNDEFINED, r);
  bytecode_return(f, r);
  release(f, mark);
}

void bytecode_exit(FunctionState *f, const AstNode *target, bool is_continue) {
  leave(f, target, is_continue, NO_REGISTER);
}

// Iterators -------------------------------------------------------------------

void bytecode_iterator_close(FunctionState *f, Register iterator,
                             bool is_async) {
  if (!is_async) {
    bytecode_emit(B(f), OP_ITERATOR_CLOSE, iterator, 0, 0);
    return;
  }
  uint32_t mark = mark_of(f);
  Register base = bytecode_temps(B(f), 2);
  Label done = LABEL_INIT;
  bytecode_emit(B(f), OP_ITERATOR_METHOD, base, iterator,
                bytecode_atom_key(f, ATOM(return_)));
  bytecode_jump(B(f), OP_JUMP_IF_UNDEFINED, base, &done);
  bytecode_move(B(f), (Register)(base + 1), iterator);
  bytecode_emit(B(f), OP_CALL, base, base, 0);
  bytecode_emit(B(f), OP_AWAIT, base, base, 0);
  bytecode_emit(B(f), OP_CHECK_OBJECT, base, 0, 0);
  bytecode_bind(B(f), &done);
  release(f, mark);
}

// For a throw completion: what goes wrong while closing is not heard of.
static void close_async_quietly(FunctionState *f, Register iterator) {
  uint32_t mark = mark_of(f);
  Control region;
  Register base = bytecode_temps(B(f), 2);
  Register ignored = temp(f);
  Label done = LABEL_INIT;
  bytecode_region_begin(f, &region, CONTROL_CATCH);
  bytecode_emit(B(f), OP_ITERATOR_METHOD, base, iterator,
                bytecode_atom_key(f, ATOM(return_)));
  bytecode_jump(B(f), OP_JUMP_IF_UNDEFINED, base, &done);
  bytecode_move(B(f), (Register)(base + 1), iterator);
  bytecode_emit(B(f), OP_CALL, base, base, 0);
  bytecode_emit(B(f), OP_AWAIT, base, base, 0);
  bytecode_goto(B(f), &done);
  bytecode_region_end(f, &region, ignored);
  bytecode_bind(B(f), &done);
  release(f, mark);
}

void bytecode_guard_begin(FunctionState *f, Control *guard, Register iterator,
                          bool is_async) {
  bytecode_region_begin(f, guard, CONTROL_ITERATOR);
  guard->iterator = iterator;
  guard->is_async = is_async;
}

void bytecode_guard_end(FunctionState *f, Control *guard, bool closes) {
  Label done = LABEL_INIT;
  uint32_t closing = bytecode_here(B(f));
  if (closes && B(f)->is_reachable) {
    bytecode_iterator_close(f, guard->iterator, guard->is_async);
    add_hole(f, guard, closing);
  }
  bytecode_goto(B(f), &done);
  uint32_t mark = mark_of(f);
  Register exception = temp(f);
  if (bytecode_region_end(f, guard, exception)) {
    if (guard->is_async) {
      close_async_quietly(f, guard->iterator);
    } else {
      bytecode_emit(B(f), OP_ITERATOR_CLOSE_QUIETLY, guard->iterator, 0, 0);
    }
    bytecode_emit(B(f), OP_THROW, exception, 0, 0);
  }
  release(f, mark);
  bytecode_bind(B(f), &done);
}

// try -------------------------------------------------------------------------

static void catch_clause(FunctionState *f, AstTry *node, Register exception) {
  uint32_t mark = mark_of(f);
  Register outer;
  bytecode_complete(f, VALUE_UNDEFINED);
  bytecode_enter_scope(f, node->catch_scope, &outer);
  if (node->parameter) bytecode_assign_target(f, node->parameter, exception);
  bytecode_block(f, node->handler);
  bytecode_leave_scope(f, node->catch_scope, outer);
  release(f, mark);
}

static void try_catch(FunctionState *f, AstTry *node) {
  if (!node->handler) {
    bytecode_block(f, node->block);
    return;
  }
  uint32_t mark = mark_of(f);
  Register exception = temp(f);
  Label done = LABEL_INIT;
  Control region;
  bytecode_region_begin(f, &region, CONTROL_CATCH);
  bytecode_block(f, node->block);
  bytecode_goto(B(f), &done);
  if (bytecode_region_end(f, &region, exception)) {
    catch_clause(f, node, exception);
  }
  bytecode_bind(B(f), &done);
  release(f, mark);
}

void bytecode_finally_begin(FunctionState *f, Control *control,
                            Label *finalizer, Register completion,
                            Register value) {
  // Not every way to the finalizer writes it, and what verifies loaded code
  // does not know that only those that do lead to where it is read.
  bytecode_load_value(f, VALUE_UNDEFINED, value);
  bytecode_region_begin(f, control, CONTROL_FINALLY);
  control->finalizer = finalizer;
  control->completion = completion;
  control->value = value;
}

bool bytecode_finally_enter(FunctionState *f, Control *control) {
  Register completion = control->completion;
  bytecode_emit_imm(B(f), OP_LOAD_INT, completion, COMPLETION_NORMAL);
  bytecode_goto(B(f), control->finalizer);
  bool can_throw = bytecode_region_end(f, control, control->value);
  if (can_throw) {
    bytecode_emit_imm(B(f), OP_LOAD_INT, completion, COMPLETION_THROW);
  }
  bytecode_bind(B(f), control->finalizer);
  return can_throw;
}

void bytecode_finally_dispatch(FunctionState *f, Control *control,
                               bool can_throw) {
  Label done = LABEL_INIT;
  bytecode_jump_compare(B(f), OP_JUMP_IF_STRICT_EQUAL_INT, control->completion,
                        COMPLETION_NORMAL, &done);
  if (can_throw) {
    Label next = LABEL_INIT;
    if (control->exits) {
      bytecode_jump_compare(B(f), OP_JUMP_IF_STRICT_NOT_EQUAL_INT,
                            control->completion, COMPLETION_THROW, &next);
    }
    bytecode_emit(B(f), OP_THROW, control->value, 0, 0);
    bytecode_bind(B(f), &next);
  }
  for (FinallyExit *exit = control->exits; exit; exit = exit->next) {
    Label next = LABEL_INIT;
    if (exit->next) {
      bytecode_jump_compare(B(f), OP_JUMP_IF_STRICT_NOT_EQUAL_INT,
                            control->completion, (uint16_t)exit->number, &next);
    }
    if (exit->is_return) {
      bytecode_return(f, control->value);
    } else {
      bytecode_exit(f, exit->target, exit->is_continue);
    }
    bytecode_bind(B(f), &next);
  }
  bytecode_bind(B(f), &done);
}

void bytecode_try(FunctionState *f, AstTry *node) {
  bytecode_complete(f, VALUE_UNDEFINED);
  if (!node->finalizer) {
    try_catch(f, node);
    return;
  }
  uint32_t mark = mark_of(f);
  Register completion = temp(f), value = temp(f);
  Label finalizer = LABEL_INIT;
  Control control;
  bytecode_finally_begin(f, &control, &finalizer, completion, value);
  try_catch(f, node);
  bool can_throw = bytecode_finally_enter(f, &control);
  Register kept = NO_REGISTER;
  if (f->completion != NO_REGISTER) {
    kept = temp(f);
    bytecode_move(B(f), kept, f->completion);
    bytecode_complete(f, VALUE_UNDEFINED);
  }
  bytecode_block(f, node->finalizer);
  if (kept != NO_REGISTER) bytecode_move(B(f), f->completion, kept);
  bytecode_finally_dispatch(f, &control, can_throw);
  release(f, mark);
}
