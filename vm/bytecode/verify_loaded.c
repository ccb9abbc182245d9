// SPDX-License-Identifier: MIT
// An abstract run of each function: the state of a register is what is known to
// be in it, where ways meet it is what holds for all of them, and each
// instruction is checked against the states before it. Functions are entered
// with the environment that those around them make them over, so they are
// looked at after those.
#include "vm/bytecode/verify_loaded.h"

#include <string.h>

#include "vm/bytecode/verify_states.h"

// Ways ------------------------------------------------------------------------

// False: out of memory, or of patience.
static bool spend(Check *k, uint64_t work) {
  k->work += work;
  return k->work <= k->most_work || wrong(k, "a function is too complex");
}

// One way more leads to `pc`, with what is known now.
static bool arrive(Check *k, uint32_t pc, uint32_t exception_register) {
  State *there = k->at[pc];
  bool changed = false;
  if (!spend(k, k->width)) return false;
  if (there == NULL) {
    there = k->at[pc] = malloc(k->width * sizeof *there);
    if (there == NULL) return out_of_memory(k);
    memcpy(there, k->now, k->width * sizeof *there);
    if (exception_register != UINT32_MAX) there[exception_register] = ANY;
    changed = true;
  } else {
    for (uint32_t r = 0; r < k->width; r++) {
      if (r == exception_register) continue;
      State both = meet(there[r], k->now[r]);
      changed |= both != there[r];
      there[r] = both;
    }
  }
  if (changed) k->leaders[pc] = 2;
  return true;
}

// What the handler of the current word does not know yet.
static bool tell_handler(Check *k, uint32_t except) {
  int32_t index = k->handlers[k->pc];
  if (index != k->handler) {
    k->handler = index;
    k->touched_count = UINT32_MAX;
  }
  if (index >= 0) {
    const ExceptionHandler *h = &k->t->handlers[index];
    State *there = k->at[h->handler];
    if (k->touched_count == UINT32_MAX || there == NULL) {
      if (!arrive(k, h->handler, h->exception_register)) return false;
    } else {
      for (uint32_t i = 0; i < k->touched_count; i++) {
        uint32_t r = k->touched[i];
        if (r == h->exception_register || r == except) continue;
        State both = meet(there[r], k->now[r]);
        if (both != there[r]) k->leaders[h->handler] = 2;
        there[r] = both;
      }
    }
  }
  k->touched_count = 0;
  return true;
}

// Of the instructions without effects, those that do not even allocate.
static bool may_throw(Instruction word) {
  if (bytecode_info[word.op].effects & ~EFFECT_ENDS) return true;
  switch ((Opcode)word.op) {
  case OP_LOAD_CONSTANT:
  case OP_LOAD_INT:
  case OP_LOAD_SPECIAL:
  case OP_LOAD_UNDEFINED:
  case OP_MOVE:
  case OP_LOAD_THIS:
  case OP_LOAD_NEW_TARGET:
  case OP_LOAD_CALLEE:
  case OP_LOAD_ENVIRONMENT:
  case OP_GET_SLOT:
  case OP_SET_SLOT:
  case OP_GET_UPVALUE:
  case OP_SET_UPVALUE:
  case OP_JUMP:
  case OP_ITERATOR_MARK_DONE:
  case OP_RETURN:
  case OP_RETURN_UNDEFINED:
    return false;
  default:
    return true;
  }
}

static bool jump(Check *k, int64_t target, bool is_backwards) {
  if (!is_backwards && target <= k->pc)
    return wrong(k, "backwards without counting");
  return arrive(k, (uint32_t)target, UINT32_MAX);
}

// All ways on but the next word.
static bool jumps(Check *k, Instruction word, uint64_t x, uint32_t next) {
  const InstructionInfo *info = &bytecode_info[word.op];
  bool backwards = info->effects & EFFECT_BACKEDGE;
  if (info->b == OPERAND_JMP32 && !jump(k, (int64_t)next + word.imm, backwards))
    return false;
  if (info->c == OPERAND_JMP16 &&
      !jump(k, (int64_t)next + (int16_t)word.c, backwards))
    return false;
  if (info->x == OPERAND_JMP32 &&
      !jump(k, (int64_t)next + (int64_t)x, info->effects & EFFECT_SUSPENDS))
    return false;
  if (word.op != OP_JUMP_TABLE) return true;
  const Record *record = &k->t->records[word.b];
  for (uint32_t i = 0; i < record->jump_table.count; i++) {
    int32_t offset = record->jump_table.offsets[i];
    if (offset != 0 && !jump(k, (int64_t)next + offset, false)) return false;
  }
  return true;
}

// From a leader to where control ends or another leader begins.
static bool run(Check *k, uint32_t from, State entry) {
  const Template *t = k->t;
  k->pc = from;
  k->handler = -1;
  k->touched_count = UINT32_MAX;
  memcpy(k->now, k->at[from], k->width * sizeof *k->now);
  for (;;) {
    Instruction word = t->code[k->pc];
    const InstructionInfo *info = &bytecode_info[word.op];
    uint32_t next = k->pc + bytecode_width((Opcode)word.op);
    uint64_t x = info->x == OPERAND_NONE ? 0 : t->code[k->pc + 1].word;
    if (!spend(k, 1) || !bytecode_verify_uses(k, word, x)) return false;
    bool throws = may_throw(word);
    if (throws && !tell_handler(k, UINT32_MAX)) return false;
    State before = info->a == OPERAND_DST ? k->now[word.a] : NOTHING;
    if (!bytecode_verify_writes(k, word, entry)) return false;
    // Some is written before it throws; the result is not.
    bool result = info->a == OPERAND_DST && info->c != OPERAND_SRC &&
                  !(info->effects & EFFECT_SUSPENDS);
    if (throws && k->touched_count > 1 &&
        !tell_handler(k, result ? word.a : UINT32_MAX))
      return false;
    if (word.op == OP_FOR_IN_STEP) { // at the end it writes nothing
      State after = k->now[word.a];
      k->now[word.a] = before;
      if (!jumps(k, word, x, next)) return false;
      k->now[word.a] = after;
    } else if (!jumps(k, word, x, next)) {
      return false;
    }
    if (info->effects & EFFECT_ENDS) return true;
    if (k->leaders[next]) return arrive(k, next, UINT32_MAX);
    k->pc = next;
  }
}

static void mark(Check *k, int64_t target) {
  k->leaders[target] = 1;
}

// Where ways may meet.
static void find_leaders(Check *k) {
  const Template *t = k->t;
  uint32_t leaders = 0;
  for (uint32_t pc = 0; pc < t->code_count;) {
    Instruction word = t->code[pc];
    const InstructionInfo *info = &bytecode_info[word.op];
    uint32_t next = pc + bytecode_width((Opcode)word.op);
    if (info->b == OPERAND_JMP32) mark(k, (int64_t)next + word.imm);
    if (info->c == OPERAND_JMP16) mark(k, (int64_t)next + (int16_t)word.c);
    if (info->x == OPERAND_JMP32)
      mark(k, (int64_t)next + (int64_t)t->code[pc + 1].word);
    if (word.op == OP_JUMP_TABLE) {
      const Record *record = &t->records[word.b];
      for (uint32_t i = 0; i < record->jump_table.count; i++)
        mark(k, (int64_t)next + record->jump_table.offsets[i]);
    }
    pc = next;
  }
  for (uint32_t i = 0; i < t->handler_count; i++)
    mark(k, t->handlers[i].handler);
  for (uint32_t pc = 0; pc < t->code_count; pc++)
    leaders += k->leaders[pc];
  // Each state changes a few times at most; honest code hardly at all.
  k->work = 0;
  k->most_work = (UINT64_C(1) << 22) + 64 * (uint64_t)t->code_count +
                 16 * (uint64_t)leaders * k->width;
  if (k->most_work > UINT64_C(1) << 28) k->most_work = UINT64_C(1) << 28;
}

static bool find_handlers(Check *k) {
  const Template *t = k->t;
  for (uint32_t pc = 0; pc < t->code_count; pc++)
    k->handlers[pc] = -1;
  for (uint32_t i = t->handler_count; i-- > 0;) {
    const ExceptionHandler *h = &t->handlers[i];
    k->pc = h->start;
    if (h->handler < h->end) return wrong(k, "a handler of itself");
    if (!spend(k, h->end - h->start)) return false;
    for (uint32_t pc = h->start; pc < h->end; pc++)
      k->handlers[pc] = (int32_t)i;
  }
  return true;
}

// Runs what has news until nothing has.
static bool settle(Check *k, State entry) {
  const Template *t = k->t;
  bool again;
  do {
    again = false;
    for (uint32_t pc = 0; pc < t->code_count; pc++) {
      if (k->leaders[pc] != 2) continue;
      k->leaders[pc] = 1;
      again = true;
      if (!run(k, pc, entry)) return false;
    }
    if (again && !spend(k, t->code_count)) return false;
  } while (again);
  return true;
}

// What LOAD_ENVIRONMENT gives.
static bool entry_state(Check *k, State *out) {
  *out = UNDEFINED;
  if (k->entry == 0) return true;
  if (!grow(k, &k->types, 0, &k->type_capacity, sizeof *k->types)) return false;
  k->types[k->type_count++] = (Type){false, k->entry};
  *out = FIRST_TYPE;
  return true;
}

static bool check_function(Check *k) {
  const Template *t = k->t;
  State entry;
  k->pc = 0;
  k->width = t->register_count + 1u;
  k->type_count = 0;
  k->leaders = calloc(t->code_count, 1);
  k->at = calloc(t->code_count, sizeof *k->at);
  k->sites = calloc(t->code_count, sizeof *k->sites);
  k->handlers = malloc(t->code_count * sizeof *k->handlers);
  k->cache_uses = calloc(t->cache_count + 1u, sizeof *k->cache_uses);
  k->now = malloc(k->width * sizeof *k->now);
  bool ok = (k->leaders && k->at && k->sites && k->handlers && k->cache_uses &&
             k->now) ||
            out_of_memory(k);
  ok = ok && entry_state(k, &entry);
  if (ok) {
    find_leaders(k);
    for (uint32_t r = 0; r < k->width; r++)
      k->now[r] = r < t->parameter_count ? ANY : NOTHING;
    k->now[t->register_count] = WAITING;
  }
  ok = ok && find_handlers(k) && arrive(k, 0, UINT32_MAX) && settle(k, entry);
  for (uint32_t pc = 0; k->at && pc < t->code_count; pc++)
    free(k->at[pc]);
  free(k->leaders);
  free(k->at);
  free(k->sites);
  free(k->handlers);
  free(k->cache_uses);
  free(k->now);
  return ok;
}

// Facts of the whole ----------------------------------------------------------

static bool wrong_facts(Check *k, uint32_t number, const char *what) {
  snprintf(k->problem, k->size, "function %u: %s", number, what);
  return false;
}

static bool check_module(Check *k, const Template *t) {
  const ModuleFacts *m = t->module;
  for (uint32_t i = 0; i < m->import_count; i++)
    if (m->imports[i].request >= m->request_count)
      return wrong_facts(k, 0, "an import of nothing");
  for (uint32_t i = 0; i < m->export_count; i++) {
    const TemplateExport *e = &m->exports[i];
    bool ok =
        e->kind == EXPORT_LOCAL
            ? e->export_name != NULL && e->slot < m->environment->slot_count
            : e->request < m->request_count &&
                  (e->kind == EXPORT_STAR || e->export_name != NULL);
    if (!ok) return wrong_facts(k, 0, "an export of nothing");
  }
  bool is_async = t->flags & TEMPLATE_ASYNC;
  return (is_async == m->has_top_level_await &&
          m->environment->kind == DESCRIPTION_MODULE) ||
         wrong_facts(k, 0, "a module of another kind");
}

static bool check_facts(Check *k, uint32_t number, const Template *t) {
  bool is_root = number == 0;
  bool is_program = t->kind == CODE_SCRIPT || t->kind == CODE_MODULE;
  // A CommonJS module is a function.
  if ((is_root ? !is_program && t->kind != CODE_NORMAL : is_program) ||
      t->kind == CODE_EVAL || (t->flags & TEMPLATE_SELF_HOSTED) ||
      (t->module != NULL) != (t->kind == CODE_MODULE))
    return wrong_facts(k, number, "of another kind");
  if (t->register_count > BYTECODE_MAX_REGISTERS ||
      t->source_start > t->source_end)
    return wrong_facts(k, number, "out of range");
  bool is_constructor =
      t->kind == CODE_CLASS_CONSTRUCTOR || t->kind == CODE_DERIVED_CONSTRUCTOR;
  bool suspends = t->flags & (TEMPLATE_GENERATOR | TEMPLATE_ASYNC);
  if (suspends && (is_constructor || t->kind == CODE_FIELD_INITIALIZER ||
                   (is_program && (t->flags & TEMPLATE_GENERATOR))))
    return wrong_facts(k, number, "of another kind");
  for (uint32_t i = 0; i < t->cache_count; i++) {
    const CacheDescriptor *c = &t->caches[i];
    if (c->kind != CACHE_LITERAL && c->kind != CACHE_PRIVATE &&
        c->key >= t->key_count)
      return wrong_facts(k, number, "no such key");
  }
  for (uint32_t i = 0; i < t->upvalue_name_count; i++)
    if (t->upvalue_names[i].key >= t->key_count)
      return wrong_facts(k, number, "no such key");
  return !t->module || check_module(k, t);
}

// Number 0 is none, number 1 the environment of a module.
static bool first_surroundings(Check *k) {
  if (!grow(k, &k->surroundings, 0, &k->surrounding_capacity,
            sizeof *k->surroundings))
    return false;
  k->surroundings[k->surrounding_count++] = (Surrounding){0};
  const ModuleFacts *m = k->templates[0]->module;
  k->entries[0] = 0;
  if (m == NULL) return true;
  k->surroundings[k->surrounding_count++] =
      (Surrounding){0, m->environment->slot_count, m->environment};
  k->entries[0] = 1;
  return true;
}

SerializeStatus bytecode_verify_loaded(Template *const *templates,
                                       uint32_t count, char *problem,
                                       size_t size) {
  Check k = {.templates = templates, .problem = problem, .size = size};
  k.entries = malloc(count * sizeof *k.entries);
  bool ok = k.entries != NULL || out_of_memory(&k);
  for (uint32_t i = 0; ok && i < count; i++) {
    k.entries[i] = UINT32_MAX;
    ok = check_facts(&k, i, templates[i]);
  }
  ok = ok && first_surroundings(&k);
  uint32_t nested = 1;
  for (uint32_t i = 0; ok && i < count; i++) {
    k.t = templates[i];
    k.number = i;
    k.entry = k.entries[i];
    k.first_nested = nested;
    // What nothing makes is never called.
    if (k.entry != UINT32_MAX) ok = check_function(&k);
    nested += k.t->function_count;
  }
  free(k.entries);
  free(k.surroundings);
  free(k.types);
  if (ok) return SERIALIZE_OK;
  return k.no_memory ? SERIALIZE_NO_MEMORY : SERIALIZE_FAILED;
}
