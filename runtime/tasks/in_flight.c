// SPDX-License-Identifier: MIT
// Accounts are counters. Shared bytes know the accounts that count them: there
// are as many as isolates that have sent them and whose message is not read.
#include "runtime/tasks/in_flight.h"

#include <pthread.h>
#include <stdlib.h>

struct InFlight {
  _Atomic uint32_t references; // the owner's, and one for each addition
  _Atomic size_t bytes;
  size_t limit;
};

// That an account counts these bytes.
struct SharedInFlight {
  struct SharedInFlight *next; // of the same bytes
  InFlight *account;
  size_t times; // that they are on their way
  size_t bytes; // that are counted
};

// Guards the lists of all shared bytes, which are rarely sent.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

InFlight *rt_in_flight_new(size_t limit) {
  InFlight *account = calloc(1, sizeof *account);
  if (account == NULL) return NULL;
  account->references = 1;
  account->limit = limit;
  return account;
}

bool rt_in_flight_of(Runtime *rt, InFlight **out) {
  size_t limit = rt->options.max_heap_bytes;
  if (rt->in_flight == NULL && limit != 0) {
    rt->in_flight = rt_in_flight_new(limit);
    if (rt->in_flight == NULL) return false;
  }
  *out = rt->in_flight;
  return true;
}

void rt_in_flight_release(InFlight *account) {
  if (account != NULL && atomic_fetch_sub_explicit(&account->references, 1,
                                                   memory_order_acq_rel) == 1)
    free(account);
}

bool rt_in_flight_add(InFlight *account, size_t bytes) {
  size_t now = atomic_load_explicit(&account->bytes, memory_order_relaxed);
  do {
    if (bytes > account->limit || now > account->limit - bytes) return false;
  } while (!atomic_compare_exchange_weak_explicit(
      &account->bytes, &now, now + bytes, memory_order_relaxed,
      memory_order_relaxed));
  atomic_fetch_add_explicit(&account->references, 1, memory_order_relaxed);
  return true;
}

void rt_in_flight_remove(InFlight *account, size_t bytes) {
  atomic_fetch_sub_explicit(&account->bytes, bytes, memory_order_relaxed);
  rt_in_flight_release(account);
}

// Where the account's entry is, or would be.
static struct SharedInFlight **entry_of(InFlight *account, SharedBytes *s) {
  struct SharedInFlight **at = &s->in_flight;
  while (*at != NULL && (*at)->account != account)
    at = &(*at)->next;
  return at;
}

// The first time that they are on their way.
static struct SharedInFlight *make_entry(InFlight *account, size_t bytes) {
  struct SharedInFlight *entry = malloc(sizeof *entry);
  if (entry == NULL || !rt_in_flight_add(account, bytes)) {
    free(entry);
    return NULL;
  }
  *entry = (struct SharedInFlight){NULL, account, 0, bytes};
  return entry;
}

bool rt_in_flight_add_shared(InFlight *account, SharedBytes *s) {
  pthread_mutex_lock(&lock);
  struct SharedInFlight **at = entry_of(account, s);
  if (*at == NULL) *at = make_entry(account, atomic_load(&s->length));
  bool done = *at != NULL;
  if (done) (*at)->times++;
  pthread_mutex_unlock(&lock);
  return done;
}

void rt_in_flight_remove_shared(InFlight *account, SharedBytes *s) {
  pthread_mutex_lock(&lock);
  struct SharedInFlight **at = entry_of(account, s), *entry = *at;
  if (--entry->times == 0) {
    *at = entry->next;
    rt_in_flight_remove(account, entry->bytes);
    free(entry);
  }
  pthread_mutex_unlock(&lock);
}

void rt_in_flight_grown(SharedBytes *s) {
  pthread_mutex_lock(&lock);
  // Past the limit, too: they have grown, and no more is sent.
  size_t length = atomic_load(&s->length);
  for (struct SharedInFlight *e = s->in_flight; e != NULL; e = e->next) {
    atomic_fetch_add_explicit(&e->account->bytes, length - e->bytes,
                              memory_order_relaxed);
    e->bytes = length;
  }
  pthread_mutex_unlock(&lock);
}
