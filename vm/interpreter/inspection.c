// SPDX-License-Identifier: MIT
// Names and values of what a frame sees, from its environments. What is inside
// hides what is outside of it, also as long as it is not initialized.
#include "vm/interpreter/inspection.h"

#include "vm/interpreter/calls.h"
#include "vm/interpreter/run.h"

typedef struct Names {
  Isolate *iso;
  Object *shown;  // without prototype
  Object *hidden; // the same: names that have no value yet; NULL: none
} Names;

static bool add(Names *n, PropertyKey key, Value value) {
  Tri there = vm_has_own(n->iso, n->shown, key);
  if (there == 0 && n->hidden != NULL)
    there = vm_has_own(n->iso, n->hidden, key);
  if (there != 0) return there != TRI_THREW;
  Object *to = n->shown;
  if (value_is_empty(value)) {
    if (n->hidden == NULL) n->hidden = vm_object_new_with(n->iso, NULL);
    if (n->hidden == NULL) return false;
    to = n->hidden;
    value = VALUE_UNDEFINED;
  }
  return vm_create_data(n->iso, to, key, value) != TRI_THREW;
}

// Own data properties that have names.
static bool add_properties(Names *n, Object *from, bool enumerable) {
  KeyList keys;
  vm_key_list_init(&keys);
  bool done = vm_own_keys(n->iso, from, &keys);
  for (uint32_t i = 0; done && i < keys.count; i++) {
    PropertyKey key = keys.keys[i];
    PropertyDescriptor d;
    Tri there =
        key_is_symbol(key) ? 0 : vm_get_own_property(n->iso, from, key, &d);
    if (there == TRI_THREW) {
      done = false;
    } else if (there == 1 && !descriptor_is_accessor(&d) &&
               (!enumerable || (d.attributes & PROPERTY_ENUMERABLE) != 0)) {
      done = add(n, key, d.value);
    }
  }
  return done;
}

static bool add_globals(Names *n) {
  const Realm *realm = n->iso->realm;
  return add_properties(n, realm->lexicals, false) &&
         add_properties(n, realm->global, true);
}

bool vm_add_globals(Isolate *iso, Object *to) {
  Names names = {.iso = iso, .shown = to};
  return add_globals(&names);
}

// #private, %home, *default*, new.target: no variables.
static bool is_variable(const String *name) {
  if (key_from_atom(name) == KEY(new_target)) return false;
  if (string_length(name) == 0 || (name->cell.flags & STRING_WIDE)) return true;
  return name->latin1[0] != '#' && name->latin1[0] != '%' &&
         name->latin1[0] != '*';
}

static bool add_environment(Names *n, const Environment *e) {
  const ScopeDescription *d = e->description;
  if (d == NULL || d->kind == DESCRIPTION_WITH) return true;
  if (d->kind == DESCRIPTION_EVAL_VARS) {
    return value_is_empty(e->slots[0]) ||
           add_properties(n, value_as_object(e->slots[0]), false);
  }
  for (uint32_t i = 0; i < d->name_count; i++) {
    const ScopeSlot *slot = &d->names[i];
    if (is_variable(slot->name) &&
        !add(n, key_from_atom(slot->name), e->slots[slot->slot]))
      return false;
  }
  return true;
}

BreakFile *vm_break_file(const Inspection *inspection, const String *name) {
  BreakFile *file = inspection->files;
  while (file != NULL && file->name != name)
    file = file->next;
  return file;
}

void vm_inspect_compiled(const Inspection *inspection, CompileOptions *to) {
  // Without memory for a name nothing is compiled.
  const String *name =
      to->file_name != NULL ? vm_atom_from_c(to->file_name) : NULL;
  const BreakFile *file = name != NULL ? vm_break_file(inspection, name) : NULL;
  if (file == NULL) return;
  to->break_lines = file->lines;
  to->break_line_count = file->count;
}

bool vm_reach_line(Isolate *iso, Frame *frame, const Instruction *pc) {
  Inspection *inspection = iso->inspection;
  uint32_t line = (uint32_t)pc->imm, i = 0;
  const BreakFile *file =
      vm_break_file(inspection, frame->code->template->source->name);
  if (file == NULL || inspection->is_telling) return true;
  while (i < file->count && file->lines[i] != line)
    i++;
  if (i == file->count) return true;
  if (!vm_check_stack(iso)) return false;
  Names names = {.iso = iso, .shown = vm_object_new_with(iso, NULL)};
  if (names.shown == NULL) return false;
  Value innermost = frame->registers[pc->a];
  const Environment *e =
      value_is_cell(innermost) ? (Environment *)value_as_cell(innermost) : NULL;
  for (; e != NULL; e = e->parent)
    if (!add_environment(&names, e)) return false;
  if (!add_globals(&names)) return false;
  inspection->is_telling = true;
  bool done =
      inspection->reached(iso, file->askers[i], value_from_cell(names.shown));
  inspection->is_telling = false;
  return done;
}
