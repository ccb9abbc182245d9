// SPDX-License-Identifier: MIT
// Lifetime of templates, and where an instruction came from. A template is
// immutable once made; only the reference counts change, from any thread.
#include "vm/bytecode/template.h"

#include <stdlib.h>

#include "vm/syntax/syntax.h"

Template *vm_template_retain(Template *t) {
  atomic_fetch_add_explicit(&t->references, 1, memory_order_relaxed);
  return t;
}

// Drops a reference; true: it was the last one. Nobody else can make another of
// the last, so that one needs no atomic operation.
static bool is_last(_Atomic uint32_t *references) {
  return atomic_load_explicit(references, memory_order_acquire) == 1 ||
         atomic_fetch_sub_explicit(references, 1, memory_order_acq_rel) == 1;
}

static void scope_free(ScopeDescription *scope) {
  free(scope->names);
}

static void record_free(Record *record) {
  switch (record->kind) {
  case RECORD_KEY_LIST:
    free(record->key_list.keys);
    break;
  case RECORD_VALUE_LIST:
    free(record->value_list.values);
    break;
  case RECORD_TEMPLATE_STRINGS:
    free(record->template_strings.cooked);
    free(record->template_strings.raw);
    break;
  case RECORD_JUMP_TABLE:
    free(record->jump_table.offsets);
    break;
  case RECORD_SCOPE:
    scope_free(&record->scope);
    break;
  case RECORD_DECLARATIONS:
    free(record->declarations.names);
    break;
  case RECORD_REGEXP:
  case RECORD_EVAL_SITE:
    break;
  }
}

static void module_free(ModuleFacts *module) {
  if (!module) return;
  for (uint32_t i = 0; i < module->request_count; i++) {
    free(module->requests[i].attributes);
  }
  free(module->requests);
  free(module->imports);
  free(module->exports);
  if (module->environment) {
    free(module->environment->names);
    free((void *)module->environment);
  }
  free(module);
}

void vm_source_file_release(SourceFile *source) {
  if (!source || !is_last(&source->references)) return;
  if (!source->has_units) free(source->units);
  if (!source->has_lines) free(source->line_starts);
  if (source->bodies) syntax_bodies_release(source->bodies);
  free(source->bodies);
  free(source);
}

// Frees one template whose last reference is gone and drops its nested ones
// into `pending`, a list linked through their source fields' place: nesting
// may be deep, so release must not recurse.
void vm_template_release(Template *t) {
  Template *pending = NULL;
  while (t) {
    if (is_last(&t->references)) {
      if (t->baseline != NULL) {
        Template *baseline = t->baseline;
        if (t->records != baseline->records) {
          for (uint32_t i = 0; i < t->record_count; i++)
            if (t->records[i].kind == RECORD_JUMP_TABLE)
              free(t->records[i].jump_table.offsets);
          free(t->records);
        }
        free(t->code);
        free(t->handlers);
        free(t->positions);
        free(t);
        t = baseline; // at most one level: a baseline has none
        continue;
      }
      for (uint32_t i = 0; i < t->record_count && t->block != t; i++)
        record_free(&t->records[i]);
      for (uint32_t i = 0; i < t->function_count; i++) {
        Template *inner = t->functions[i];
        if (!inner) continue;
        if (atomic_load_explicit(&inner->references, memory_order_acquire) !=
            1) {
          vm_template_release(inner); // shared: at most one level deep
          continue;
        }
        // We hold the only reference, so nobody else reads the template.
        inner->next_released = pending;
        pending = inner;
      }
      if (t->lazy != NULL) {
        Template *compiled =
            atomic_load_explicit(&t->lazy->compiled, memory_order_acquire);
        if (compiled != NULL) vm_template_release(compiled); // one level deep
        if ((void *)t->lazy != t + 1) free(t->lazy);
      }
      vm_source_file_release(t->source);
      module_free(t->module);
      if (t->block == t) {
        free(t);
        t = pending;
        if (t) pending = t->next_released;
        continue;
      }
      if (t->block != NULL) {
        free(t->block);
      } else {
        free(t->code);
        free(t->constants);
        free(t->keys);
        free(t->caches);
        free(t->functions);
        free(t->records);
        free(t->handlers);
        free(t->positions);
        free(t->upvalue_names);
      }
      free(t->mapped_parameters);
      free(t);
    }
    t = pending;
    if (t) pending = t->next_released;
  }
}

CodePosition vm_template_position(const Template *t, uint32_t pc) {
  uint32_t low = 0, high = t->position_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (t->positions[middle].pc <= pc) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return (CodePosition){.pc = 0, .line = 1, .column = 1};
  return t->positions[low - 1];
}

CodePosition vm_source_position(const SourceFile *source, uint32_t offset) {
  uint32_t low = 0, high = source->line_count;
  while (high - low > 1) {
    uint32_t middle = (low + high) / 2;
    if (source->line_starts[middle] <= offset) {
      low = middle;
    } else {
      high = middle;
    }
  }
  // A CommonJS module itself begins before its first line.
  uint32_t start = source->line_count == 0 ? offset : source->line_starts[low];
  return (CodePosition){.line = low + 1,
                        .column = offset < start ? 1 : offset - start + 1};
}
