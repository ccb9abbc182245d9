// SPDX-License-Identifier: MIT
// Load for an echo server: each connection sends a message, waits for it to
// come back, and so on. Prints messages per second and latencies.
//   load PORT CONNECTIONS SECONDS BYTES
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, MAX_SAMPLES = 20000000 };

typedef struct Peer {
  int descriptor, received;
  double sent;
} Peer;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int count = atoi(argv[2]), size = atoi(argv[4]);
  double seconds = atof(argv[3]);
  int poll = epoll_create1(0);
  Peer *peers = calloc((size_t)count, sizeof *peers);
  char *message = calloc(1, (size_t)size);
  float *samples = malloc(MAX_SAMPLES * sizeof *samples);
  static char bytes[64 * 1024];
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(argv[1]))};
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  for (int i = 0; i < count; i++) {
    int on = 1, s = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(s, (struct sockaddr *)&address, sizeof address) != 0)
      fail("connect");
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &peers[i]};
    epoll_ctl(poll, EPOLL_CTL_ADD, s, &event);
    peers[i].descriptor = s;
  }
  for (int i = 0; i < count; i++) {
    peers[i].sent = now();
    if (write(peers[i].descriptor, message, (size_t)size) != size)
      fail("write");
  }
  size_t done = 0;
  double start = now(), end = start + seconds;
  while (now() < end) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(poll, events, EVENTS, 100);
    for (int i = 0; i < ready; i++) {
      Peer *peer = events[i].data.ptr;
      ssize_t got = read(peer->descriptor, bytes, sizeof bytes);
      if (got <= 0) fail("read");
      peer->received += (int)got;
      if (peer->received < size) continue;
      peer->received -= size;
      double time = now();
      if (done < MAX_SAMPLES) samples[done] = (float)(time - peer->sent);
      done++;
      peer->sent = time;
      if (write(peer->descriptor, message, (size_t)size) != size) fail("write");
    }
  }
  double took = now() - start;
  size_t kept = done < MAX_SAMPLES ? done : MAX_SAMPLES;
  qsort(samples, kept, sizeof *samples, compare);
  printf("%.0f %.3f %.3f %zu\n", (double)done / took,
         (double)samples[kept / 2] * 1e3,
         (double)samples[kept * 99 / 100] * 1e3, done);
  return 0;
}
