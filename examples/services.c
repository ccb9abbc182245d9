// SPDX-License-Identifier: MIT
/*
 * Services that call each other with await: `await stock.take("tea", 1)`. Each
 * is an isolate on a thread of its own; arguments, results and errors travel as
 * clones. A service handles many calls at once, since each that awaits lets the
 * others go on. C calls them too, through futures.
 *
 *   cc services.c $(pkg-config --cflags --libs rill) && ./a.out
 */
#include <pthread.h>
#include <rill.h>
#include <stdio.h>
#include <stdlib.h>

enum { PRICES, STOCK, SHOP, SERVICES };
static const char *const names[] = {"prices", "stock", "shop"};
static const char *const sources[] = {
    "({ of: (item) => ({ tea: 3, cake: 4 })[item] })",
    "const left = new Map([['tea', 5], ['cake', 1]]);\n"
    "({\n"
    "  take(item, n) {\n"
    "    if (left.get(item) < n)\n"
    "      throw new RangeError(`no ${n} ${item} left`);\n"
    "    left.set(item, left.get(item) - n);\n"
    "  },\n"
    "  left: () => left,\n"
    "})",
    "({ async order(...items) {\n"
    "  const one = async (item) => {\n"
    "    await stock.take(item, 1);\n"
    "    return prices.of(item);\n"
    "  };\n"
    "  const paid = await Promise.all(items.map(one));\n"
    "  return { items, total: paid.reduce((a, b) => a + b, 0) };\n"
    "} })"};

static rill_service *services[SERVICES];
static pthread_barrier_t all_there;

// Each service is a global of the isolate.
static bool connect(rill_isolate *iso) {
  for (int i = 0; i < SERVICES; i++) {
    rill_value service = rill_service_object(iso, services[i]);
    if (service == NULL || !rill_set(iso, rill_global(iso), names[i], service))
      return false;
  }
  return true;
}

// Runs a service until it is ended.
static void *run(void *data) {
  int index = *(const int *)data;
  rill_isolate *iso = rill_isolate_new(NULL);
  if (iso == NULL) exit(1);
  rill_value methods =
      rill_eval(iso, sources[index], RILL_TEXT_END, names[index]);
  if (methods != NULL) services[index] = rill_service_new(iso, methods);
  if (services[index] == NULL) {
    fprintf(stderr, "%s\n", rill_get_error(iso)->stack);
    exit(1);
  }
  pthread_barrier_wait(&all_there);
  if (!connect(iso) || !rill_run_loop(iso))
    fprintf(stderr, "%s\n", rill_get_error(iso)->stack);
  rill_isolate_free(iso);
  return NULL;
}

// A customer: an isolate like the others, though it offers nothing.
static void buy(rill_isolate *iso, const char *order) {
  rill_scope scope;
  rill_scope_open(iso, &scope);
  rill_value promise = rill_eval_async(iso, order, RILL_TEXT_END, "order");
  rill_value bill = promise == NULL ? NULL : rill_await(iso, promise);
  if (bill != NULL)
    printf("ordered: %s\n", rill_to_json(iso, bill, NULL));
  else
    printf("failed: %s: %s\n", rill_get_error(iso)->name,
           rill_get_error(iso)->message);
  rill_scope_close(iso, &scope);
}

// The same from C: a future, which any executor, or none, waits for.
static void take_stock(rill_isolate *iso) {
  rill_service_call call;
  if (rill_service_call_init(&call, services[STOCK], "left", NULL) != RILL_OK)
    return;
  rill_future_wait(&call.future, -1);
  rill_value left = rill_clone_read(iso, call.result);
  rill_clone_release(call.result);
  rill_value tea = rill_string(iso, "tea", RILL_TEXT_END);
  printf("tea left: %g\n", rill_to_number(iso, rill_map_get(iso, left, tea)));
}

int main(void) {
  pthread_t threads[SERVICES];
  int indices[SERVICES] = {PRICES, STOCK, SHOP};
  pthread_barrier_init(&all_there, NULL, SERVICES + 1);
  for (int i = 0; i < SERVICES; i++)
    if (pthread_create(&threads[i], NULL, run, &indices[i]) != 0) return 1;
  pthread_barrier_wait(&all_there);

  rill_isolate *customer = rill_isolate_new(NULL);
  if (customer == NULL || !connect(customer)) return 1;
  buy(customer, "await shop.order('tea', 'cake', 'tea')");
  buy(customer, "await shop.order('cake')");
  buy(customer, "await shop.order('tea')");
  take_stock(customer);

  for (int i = 0; i < SERVICES; i++)
    rill_service_end(services[i]); // its loop has nothing to wait for any more
  buy(customer, "await shop.order('tea')");
  for (int i = 0; i < SERVICES; i++) {
    pthread_join(threads[i], NULL);
    rill_service_release(services[i]);
  }
  rill_isolate_free(customer);
  pthread_barrier_destroy(&all_there);
}
