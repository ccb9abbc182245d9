// SPDX-License-Identifier: MIT
// A model of the collector's protocol with all its interleavings: a heap of
// four cells, a mutator that does any few operations, and a collector that
// marks and sweeps beside it, a step at a time. What gc/ promises is checked in
// each state that can be reached: no cell that the program can reach is swept,
// nothing that is free is marked, and a cycle leaves no bit behind.
//
// A step here is what happens at once there: reading or writing a word, or what
// is done under the heap's lock. The final and the first stop are one step, for
// it makes no difference whether the mutator does them at a poll or the
// collector does while the mutator is in native state.
//
// Then the protocol is broken in each way that gc/ has a line of code against,
// and the model has to notice.
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs the three above first.
#include <cmocka.h>

enum {
  CELLS = 4,
  SLOTS = 2,
  REGISTERS = 2,
  NONE = 7,         // no cell
  FINISH_CELLS = 1, // marked in a final stop before it is put off
};

// What is wrong with the protocol.
typedef enum Fault {
  FAULT_NONE,
  FAULT_NO_BARRIER,
  FAULT_BARRIER_RECORDS_NEW_WORD,
  FAULT_BARRIER_FOR_WHITE_HOLDERS_ONLY,
  FAULT_NO_WEAK_READ_BARRIER,
  FAULT_NEW_CELLS_NOT_FRESH,
  FAULT_RUN_NOT_BLACKENED,
  FAULT_RUN_NOT_RETIRED,
  FAULT_ALLOC_BEFORE_FRESH,
  FAULT_LAST_BUFFER_NOT_TAKEN,
  FAULT_FULL_BUFFERS_NOT_TAKEN,
  FAULT_ROOTS_WITHOUT_STOP,
  FAULT_FINISH_LEAVES_WORK,
  FAULT_SWEEP_FORGETS_FRESH,
  FAULT_SWEEP_LEAVES_BITS,
  FAULTS,
} Fault;
static const char *const fault_names[FAULTS] = {
    "the protocol",
    "no write barrier",
    "the barrier records the new word",
    "the barrier only looks at unmarked holders",
    "a weak reference is read without a barrier",
    "what is allocated while marking is not fresh",
    "the run at hand is not made fresh in the first stop",
    "the run at hand is kept after the final stop",
    "alloc is set before fresh",
    "the buffer in use is not taken in the final stop",
    "full buffers are not taken in the final stop",
    "roots are scanned without a stop",
    "marking ends with work left",
    "sweeping forgets what is fresh",
    "sweeping leaves marks",
};

typedef enum Phase {
  IDLE,
  ROOTS, // only if they are scanned without a stop
  MARKING,
  SWEEPING,
  PHASES,
} Phase;

// A set of cells is a bit for each.
typedef struct State {
  uint8_t slots[CELLS][SLOTS];
  uint8_t registers[REGISTERS];
  uint8_t weak; // a weak reference to a cell
  // The three bits of each cell.
  uint8_t alloc, mark, fresh;
  // The mutator. A run has one cell; alloc is set, and it is not in use.
  uint8_t run;
  uint8_t becoming; // handed out as run: one of its bits is still to be set
  uint8_t buffer;   // one word
  uint8_t operations_left;
  // A store whose barrier was passed: holder, slot, word.
  uint8_t store_holder, store_slot, store_word;
  // The collector.
  uint8_t phase;
  uint8_t full_buffers, stack; // sets
  uint8_t traced, traced_slots;
  uint8_t strays_left; // looks at words that may be anything
  uint8_t roots_seen;
  uint8_t unswept;
} State;

static Fault fault;
static int operations = 3; // of the mutator
static const char *violation;

static uint8_t bit(uint8_t cell) {
  return (uint8_t)(1u << cell);
}
static bool is_in(uint8_t set, uint8_t cell) {
  return cell != NONE && ((set >> cell) & 1);
}
static bool marking(const State *s) {
  return s->phase == MARKING || s->phase == ROOTS;
}

static uint8_t reachable(const State *s) {
  uint8_t found = 0, before;
  for (int r = 0; r < REGISTERS; r++) {
    if (s->registers[r] != NONE) found |= bit(s->registers[r]);
  }
  if (s->store_holder != NONE) found |= bit(s->store_holder);
  if (s->store_holder != NONE && s->store_word != NONE)
    found |= bit(s->store_word);
  do {
    before = found;
    for (uint8_t c = 0; c < CELLS; c++) {
      for (int k = 0; is_in(found, c) && k < SLOTS; k++) {
        if (s->slots[c][k] != NONE) found |= bit(s->slots[c][k]);
      }
    }
  } while (found != before);
  return found;
}

// The set of states that were seen, and those still to be looked at.
static State *seen;
static size_t seen_count, seen_capacity;
static State *waiting;
static size_t waiting_count, waiting_capacity;

static uint64_t hash_of(const State *s) {
  const uint8_t *bytes = (const uint8_t *)s;
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < sizeof *s; i++)
    hash = (hash ^ bytes[i]) * 1099511628211u;
  return hash ^ hash >> 29;
}

// An empty entry has a phase that there is not.
static State *entry_of(const State *s) {
  size_t at = hash_of(s) & (seen_capacity - 1);
  while (seen[at].phase != PHASES && memcmp(&seen[at], s, sizeof *s) != 0)
    at = (at + 1) & (seen_capacity - 1);
  return &seen[at];
}

static void make_seen(size_t capacity) {
  State *old = seen;
  size_t old_capacity = seen_capacity;
  seen = malloc(capacity * sizeof *seen);
  assert_non_null(seen);
  seen_capacity = capacity;
  for (size_t i = 0; i < capacity; i++)
    seen[i].phase = PHASES;
  for (size_t i = 0; i < old_capacity; i++) {
    if (old[i].phase != PHASES) *entry_of(&old[i]) = old[i];
  }
  free(old);
}

static void reach(const State *s) {
  State *entry = entry_of(s);
  if (entry->phase != PHASES) return;
  *entry = *s;
  if (++seen_count * 2 > seen_capacity) make_seen(seen_capacity * 2);
  if (waiting_count == waiting_capacity) {
    waiting_capacity = waiting_capacity ? waiting_capacity * 2 : 1024;
    waiting = realloc(waiting, waiting_capacity * sizeof *waiting);
    assert_non_null(waiting);
  }
  waiting[waiting_count++] = *s;
}

static void violated(const char *what) {
  if (violation == NULL) violation = what;
}

// The mutator ---------------------------------------------------------------

static void record(State *s, uint8_t word) {
  if (!marking(s) || word == NONE || is_in(s->mark | s->fresh, word)) return;
  if (s->buffer != NONE) s->full_buffers |= bit(s->buffer);
  s->buffer = word;
}

static void loads(const State *s) {
  for (int to = 0; to < REGISTERS; to++) {
    for (int from = 0; from < REGISTERS; from++) {
      for (int k = 0; s->registers[from] != NONE && k < SLOTS; k++) {
        State next = *s;
        next.registers[to] = s->slots[s->registers[from]][k];
        reach(&next);
      }
    }
    State next = *s;
    next.registers[to] = s->registers[1 - to]; // a move
    reach(&next);
    next.registers[to] = NONE;
    reach(&next);
  }
}

static void weak_loads(const State *s) {
  // Once marking is over, what is unmarked is cleared in the same stop.
  for (int to = 0; s->weak != NONE && to < REGISTERS; to++) {
    State next = *s;
    next.registers[to] = s->weak;
    if (fault != FAULT_NO_WEAK_READ_BARRIER) record(&next, s->weak);
    reach(&next);
  }
}

// The barrier, then, as a step of its own, the store.
static void stores(const State *s) {
  for (int holder = 0; holder < REGISTERS; holder++) {
    uint8_t cell = s->registers[holder];
    if (cell == NONE) continue;
    for (uint8_t k = 0; k < SLOTS; k++) {
      for (int from = 0; from <= REGISTERS; from++) {
        State next = *s;
        next.store_holder = cell;
        next.store_slot = k;
        next.store_word = from < REGISTERS ? s->registers[from] : NONE;
        if (fault == FAULT_BARRIER_RECORDS_NEW_WORD) {
          record(&next, next.store_word);
        } else if (fault != FAULT_NO_BARRIER &&
                   !(fault == FAULT_BARRIER_FOR_WHITE_HOLDERS_ONLY &&
                     is_in(s->mark | s->fresh, cell))) {
          record(&next, s->slots[cell][k]);
        }
        reach(&next);
      }
    }
  }
}

static void finish_store(const State *s) {
  State next = *s;
  next.slots[s->store_holder][s->store_slot] = s->store_word;
  next.store_holder = next.store_word = NONE;
  next.store_slot = 0;
  reach(&next);
}

static void sweep_cell(State *s, uint8_t cell) {
  uint8_t survives = fault == FAULT_SWEEP_FORGETS_FRESH
                         ? s->mark
                         : (uint8_t)(s->mark | s->fresh);
  if (!is_in(survives, cell)) {
    if (is_in(reachable(s), cell)) violated("a reachable cell was swept");
    s->alloc &= (uint8_t)~bit(cell);
  } else {
    s->alloc |= bit(cell);
  }
  if (fault != FAULT_SWEEP_LEAVES_BITS) s->mark &= (uint8_t)~bit(cell);
  s->fresh &= (uint8_t)~bit(cell);
  s->unswept &= (uint8_t)~bit(cell);
}

// A free cell becomes the run; the mutator sweeps it if nobody has. Two bits
// are set, one after the other.
static void refill(const State *s) {
  for (uint8_t c = 0; c < CELLS; c++) {
    State next = *s;
    if (is_in(next.unswept, c)) sweep_cell(&next, c);
    if (is_in(next.alloc, c)) continue;
    if (marking(s) && fault != FAULT_NEW_CELLS_NOT_FRESH) {
      if (fault == FAULT_ALLOC_BEFORE_FRESH)
        next.alloc |= bit(c);
      else
        next.fresh |= bit(c);
    }
    next.becoming = c;
    reach(&next);
  }
}

static void finish_refill(const State *s) {
  State next = *s;
  next.alloc |= bit(s->becoming);
  if (marking(s) && fault != FAULT_NEW_CELLS_NOT_FRESH)
    next.fresh |= bit(s->becoming);
  next.run = s->becoming;
  next.becoming = NONE;
  reach(&next);
}

static void allocate(const State *s) {
  for (int to = 0; to < REGISTERS; to++) {
    State next = *s;
    if (is_in(reachable(s), s->run)) violated("a cell was given out twice");
    for (int k = 0; k < SLOTS; k++)
      next.slots[s->run][k] = NONE;
    next.registers[to] = s->run;
    next.run = NONE;
    reach(&next);
  }
}

static void mutate(const State *s) {
  if (s->store_holder != NONE) {
    finish_store(s);
    return;
  }
  if (s->becoming != NONE) {
    finish_refill(s);
    return;
  }
  if (s->operations_left == 0) return;
  State next = *s;
  next.operations_left--;
  loads(&next);
  weak_loads(&next);
  stores(&next);
  if (s->run == NONE)
    refill(&next);
  else
    allocate(&next);
}

// Stops
// -------------------------------------------------------------------------

// Not in the middle of a store or a refill: there are no polls in these.
static bool can_stop(const State *s) {
  return s->store_holder == NONE && s->becoming == NONE;
}

static void push(State *s, uint8_t cell) {
  if (cell != NONE && !is_in(s->mark | s->fresh, cell)) s->stack |= bit(cell);
}

static void stop_to_begin(const State *s) {
  State next = *s;
  if (s->run != NONE && fault != FAULT_RUN_NOT_BLACKENED)
    next.fresh |= bit(s->run);
  if (fault == FAULT_ROOTS_WITHOUT_STOP) {
    next.phase = ROOTS;
  } else {
    next.phase = MARKING;
    for (int r = 0; r < REGISTERS; r++)
      push(&next, s->registers[r]);
  }
  reach(&next);
}

static void scan_one_root(const State *s) {
  State next = *s;
  push(&next, s->registers[REGISTERS - 1 - s->roots_seen]);
  if (++next.roots_seen == REGISTERS) {
    next.roots_seen = 0;
    next.phase = MARKING;
  }
  reach(&next);
}

static void mark(State *s, uint8_t cell) {
  if (!is_in(s->alloc, cell)) violated("a free cell was marked");
  s->mark |= bit(cell);
}

static uint8_t lowest(uint8_t set) {
  return (uint8_t)__builtin_ctz(set);
}

// False: too much is left to mark.
static bool drain(State *s, int budget) {
  while (s->stack != 0) {
    uint8_t cell = lowest(s->stack);
    s->stack &= (uint8_t)~bit(cell);
    if (is_in(s->mark | s->fresh, cell)) continue;
    if (budget-- == 0) {
      s->stack |= bit(cell);
      return false;
    }
    mark(s, cell);
    for (int k = 0; k < SLOTS; k++)
      push(s, s->slots[cell][k]);
  }
  return true;
}

static void stop_to_finish(const State *s) {
  State next = *s;
  if (fault != FAULT_FULL_BUFFERS_NOT_TAKEN) {
    for (uint8_t c = 0; c < CELLS; c++) {
      if (is_in(s->full_buffers, c)) push(&next, c);
    }
  }
  next.full_buffers = 0;
  if (fault != FAULT_LAST_BUFFER_NOT_TAKEN) push(&next, s->buffer);
  next.buffer = NONE;
  if (!drain(&next, FINISH_CELLS)) {
    if (fault != FAULT_FINISH_LEAVES_WORK) {
      reach(&next); // to be asked again
      return;
    }
    next.stack = 0;
  }
  if (!is_in(next.mark | next.fresh, next.weak)) next.weak = NONE;
  if (s->run != NONE) {
    next.fresh &= (uint8_t)~bit(s->run);
    if (fault != FAULT_RUN_NOT_RETIRED) {
      next.alloc &= (uint8_t)~bit(s->run);
      next.run = NONE;
    }
  }
  next.phase = SWEEPING;
  next.unswept = (1u << CELLS) - 1;
  reach(&next);
}

// The collector
// ------------------------------------------------------------------

// Any one of the stack: the order must not matter.
static void begin_to_trace(const State *s) {
  for (uint8_t c = 0; c < CELLS; c++) {
    if (!is_in(s->stack, c)) continue;
    State next = *s;
    next.stack &= (uint8_t)~bit(c);
    if (!is_in(s->mark | s->fresh, c)) {
      mark(&next, c);
      next.traced = c;
      next.traced_slots = 0;
    }
    reach(&next);
  }
}

static void trace_slot(const State *s) {
  State next = *s;
  push(&next, s->slots[s->traced][s->traced_slots]);
  if (++next.traced_slots == SLOTS) {
    next.traced = NONE;
    next.traced_slots = 0;
  }
  reach(&next);
}

// A register file of a fiber is scanned conservatively, beside the mutator: any
// word may look like a cell.
static void look_up_strays(const State *s) {
  for (uint8_t c = 0; s->strays_left > 0 && c < CELLS; c++) {
    State next = *s;
    next.strays_left--;
    if (is_in(s->alloc, c)) {
      if (!is_in(s->mark | s->fresh, c) && (s->run == c || s->becoming == c)) {
        violated("a cell of the run was taken for one in use");
      }
      push(&next, c);
    }
    reach(&next);
  }
}

static void collect(const State *s) {
  switch (s->phase) {
  case IDLE:
    if (can_stop(s)) stop_to_begin(s);
    break;
  case ROOTS:
    scan_one_root(s);
    break;
  case MARKING:
    if (s->traced != NONE) {
      trace_slot(s);
      break;
    }
    look_up_strays(s);
    if (s->stack != 0) {
      begin_to_trace(s);
    } else if (s->full_buffers != 0) {
      State next = *s;
      for (uint8_t c = 0; c < CELLS; c++) {
        if (is_in(s->full_buffers, c)) push(&next, c);
      }
      next.full_buffers = 0;
      reach(&next);
    }
    // The stop was asked for when there was nothing left; until the mutator
    // answers it may have filled more buffers.
    if (s->stack == 0 && can_stop(s)) stop_to_finish(s);
    break;
  default:
    for (uint8_t c = 0; c < CELLS; c++) {
      if (!is_in(s->unswept, c)) continue;
      State next = *s;
      sweep_cell(&next, c);
      reach(&next);
    }
    if (s->unswept == 0) {
      if ((s->mark | s->fresh) != 0) violated("bits are left after a cycle");
      State next = *s;
      next.phase = IDLE;
      reach(&next);
    }
  }
}

static void check(const State *s) {
  if ((reachable(s) & ~s->alloc) != 0) violated("a reachable cell is free");
}

// All that can come of a first state; stops at what is wrong.
static void explore(const State *first) {
  reach(first);
  while (waiting_count > 0 && violation == NULL) {
    State s = waiting[--waiting_count];
    check(&s);
    mutate(&s);
    collect(&s);
  }
  waiting_count = 0;
}

static const uint8_t graphs[][CELLS][SLOTS] = {
    {{1, 2}, {NONE, NONE}, {NONE, NONE}}, // two leaves
    {{1, NONE}, {NONE, 2}, {NONE, NONE}}, // a list
    {{1, NONE}, {2, 0}, {1, NONE}},       // rings
};

static size_t explore_all(Fault with) {
  fault = with;
  violation = NULL;
  seen_count = 0;
  free(seen);
  seen = NULL;
  seen_capacity = 0;
  make_seen(1 << 16);
  for (size_t g = 0; g < sizeof graphs / sizeof *graphs; g++) {
    State s;
    memset(&s, NONE, sizeof s);
    memcpy(s.slots, graphs[g], sizeof s.slots);
    memset(s.slots[3], NONE, sizeof s.slots[3]);
    s.registers[0] = 0;
    s.weak = 2;
    s.alloc = 7;
    s.mark = s.fresh = 0;
    s.operations_left = (uint8_t)operations;
    s.store_slot = 0;
    s.phase = IDLE;
    s.full_buffers = s.stack = s.traced_slots = s.roots_seen = s.unswept = 0;
    s.strays_left = 1;
    explore(&s);
    if (violation != NULL) break;
  }
  return seen_count;
}

static void protocol_is_safe(void **state) {
  size_t states = explore_all(FAULT_NONE);
  printf("%zu states\n", states);
  if (violation != NULL) fail_msg("%s", violation);
  assert_true(states > 100000);
}

static void every_fault_is_found(void **state) {
  for (int f = 1; f < FAULTS; f++) {
    size_t states = explore_all((Fault)f);
    printf("%s: %s, after %zu states\n", fault_names[f],
           violation ? violation : "NOT FOUND", states);
    assert_non_null(violation);
  }
}

static int free_states(void **state) {
  free(seen);
  free(waiting);
  return 0;
}

// With a number: so many operations (4: six million states).
int main(int argc, char **argv) {
  if (argc > 1) operations = atoi(argv[1]);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(protocol_is_safe),
      cmocka_unit_test(every_fault_is_found),
  };
  return cmocka_run_group_tests(tests, NULL, free_states);
}
