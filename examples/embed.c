// The README's example: a host function, a script, its result.
#include <rill.h>
#include <stdio.h>

static rill_value greet(rill_isolate *iso, void *data, rill_value this_value,
                        size_t count, const rill_value *arguments) {
  printf("%s, %s\n", (const char *)data,
         rill_to_string(iso, count > 0 ? arguments[0] : NULL, NULL));
  return rill_number(iso, 41);
}

int main(void) {
  rill_isolate *iso = rill_isolate_new(NULL);
  rill_define(iso, "greet", greet, "Hello");
  rill_value sum = rill_eval(iso, "greet('world') + 1", RILL_TEXT_END, "demo");
  if (sum != NULL) printf("%g\n", rill_to_number(iso, sum));
  if (rill_eval(iso, "let x = null;\nx.y", RILL_TEXT_END, "demo.js") == NULL) {
    const rill_error *error = rill_get_error(iso);
    printf("%s:%u: %s: %s\n", error->file, error->line, error->name,
           error->message);
  }
  rill_isolate_free(iso); // frees all handles, too
}
