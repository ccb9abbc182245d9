// SPDX-License-Identifier: MIT
/*
 * A game loop that steps scripts each frame, with a budget. Actors are
 * generators: straight code that yields once a frame, or `yield n` to sleep for
 * n frames. An actor that uses up its share of a frame is ended and the game
 * goes on. Timing is counted in steps of the script, not in time, so that the
 * same game runs alike on every machine; rill_set_deadline has milliseconds.
 *
 *   cc game_loop.c $(pkg-config --cflags --libs rill) && ./a.out
 */
#include <rill.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_ACTORS 16
#define FRAME_BUDGET 20000 /* loop turns and calls a frame, for all actors */

static const char game[] =
    "function* guard(self) {\n"
    "  for (;;) {\n"
    "    for (let i = 0; i < 2; i++) { self.x++; yield; }\n"
    "    say(`guard turns at ${self.x}`);\n"
    "    for (let i = 0; i < 2; i++) { self.x--; yield; }\n"
    "    yield 2;\n" // stands still for two frames
    "  }\n"
    "}\n"
    "function* bomb(self) {\n"
    "  try {\n"
    "    let left = 0.1;\n"
    "    while (left > 0) left -= yield;\n" // the frame's length
    "    say('bomb explodes');\n"
    "  } finally { say('bomb is gone'); }\n"
    "}\n"
    "function* broken(self) {\n"
    "  yield;\n"
    "  for (;;) { try { for (;;); } catch {} }\n" // cannot be caught
    "}\n"
    "actor('guard', guard({ x: 0 }));\n"
    "actor('bomb', bomb({}));\n"
    "actor('broken', broken({}));\n";

typedef struct Actor {
  char name[16];
  rill_kept *generator; // lives longer than the call that gave it to us
  int sleeps;
} Actor;

typedef struct Game {
  int frame, count;
  Actor actors[MAX_ACTORS];
} Game;

// actor(name, generator): from now on a part of the game.
static rill_value add_actor(rill_isolate *iso, void *data,
                            rill_value this_value, size_t count,
                            const rill_value *arguments) {
  Game *g = data;
  if (count < 2 || !rill_is_generator(iso, arguments[1]))
    return rill_throw_error(iso, "actor() needs a name and a generator");
  if (g->count == MAX_ACTORS) return rill_throw_error(iso, "too many actors");
  const char *name = rill_to_string(iso, arguments[0], NULL);
  if (name == NULL) return NULL; // it threw: so do we
  Actor a = {.generator = rill_keep(iso, arguments[1])};
  if (a.generator == NULL) return rill_throw_error(iso, "out of memory");
  snprintf(a.name, sizeof a.name, "%s", name);
  g->actors[g->count++] = a;
  return NULL; // undefined
}

static rill_value say(rill_isolate *iso, void *data, rill_value this_value,
                      size_t count, const rill_value *arguments) {
  const char *text = rill_to_string(iso, count > 0 ? arguments[0] : NULL, NULL);
  if (text == NULL) return NULL;
  printf("frame %d: %s\n", ((Game *)data)->frame, text);
  return NULL;
}

// One frame of one actor; false: it has left the game.
static bool step_actor(rill_isolate *iso, Actor *a, int64_t budget,
                       double seconds, int frame) {
  if (a->sleeps > 0) {
    a->sleeps--;
    return true;
  }
  rill_step step = RILL_STEP_INIT;
  rill_set_fuel(iso, budget);
  bool ok =
      rill_generator_step(iso, rill_kept_value(iso, a->generator),
                          RILL_RESUME_NEXT, rill_number(iso, seconds), &step);
  rill_set_fuel(iso, -1); // what the host calls itself is not limited
  if (!ok) {
    const rill_error *e = rill_get_error(iso);
    printf("frame %d: %s is removed: %s\n", frame, a->name,
           e->kind == RILL_ERROR_TERMINATED ? "over its budget" : e->message);
    return false;
  }
  if (step.done) return false;
  if (rill_type_of(iso, step.value) == RILL_NUMBER)
    a->sleeps = (int)rill_to_number(iso, step.value) - 1;
  return true;
}

static void run_frame(rill_isolate *iso, Game *g, double seconds) {
  int64_t share = g->count > 0 ? FRAME_BUDGET / g->count : 0;
  int left = 0;
  for (int i = 0; i < g->count; i++) {
    rill_scope scope; // every handle of this step is freed with it
    rill_scope_open(iso, &scope);
    if (step_actor(iso, &g->actors[i], share, seconds, g->frame)) {
      g->actors[left++] = g->actors[i];
    } else {
      rill_release(iso, g->actors[i].generator);
    }
    rill_scope_close(iso, &scope);
  }
  g->count = left;
  g->frame++;
}

int main(void) {
  rill_options options = RILL_OPTIONS_INIT;
  options.max_heap_bytes = 16 << 20;
  rill_isolate *iso = rill_isolate_new(&options);
  if (iso == NULL) return 1;
  Game g = {0};
  rill_define(iso, "actor", add_actor, &g);
  rill_define(iso, "say", say, &g);
  if (rill_eval(iso, game, RILL_TEXT_END, "game.js") == NULL) {
    fprintf(stderr, "%s\n", rill_get_error(iso)->stack);
    rill_isolate_free(iso);
    return 1;
  }
  // A real game draws and waits for the next frame here.
  while (g.frame < 12)
    run_frame(iso, &g, 1.0 / 60);
  printf("%d actor(s) left\n", g.count);
  for (int i = 0; i < g.count; i++)
    rill_release(iso, g.actors[i].generator);
  rill_isolate_free(iso);
}
