// SPDX-License-Identifier: MIT
// Load for an echo or an HTTP server: each connection sends a message, waits
// for it to come back, or for the response, and so on. Prints messages per
// second and latencies. It costs less of a core than what it measures: all
// responses to one request have the same length.
//   load PORT CONNECTIONS SECONDS BYTES|PATH
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
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

static int open_connection(const struct sockaddr_in *address) {
  int on = 1, s = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(s, (const struct sockaddr *)address, sizeof *address) != 0)
    fail("connect");
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return s;
}

// What comes until nothing comes any more.
static int response_size(const struct sockaddr_in *address, const char *message,
                         int size) {
  static char bytes[64 * 1024];
  struct timeval patience = {.tv_usec = 300000};
  int s = open_connection(address), total = 0;
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (write(s, message, (size_t)size) != size) fail("write");
  ssize_t got;
  while ((got = read(s, bytes, sizeof bytes)) > 0) {
    if (total == 0 && memcmp(bytes, "HTTP/1.1 200", 12) != 0) fail("status");
    total += (int)got;
  }
  if (got == 0 || total == 0) fail("response");
  close(s);
  return total;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int count = atoi(argv[2]);
  bool is_http = argv[4][0] == '/';
  double seconds = atof(argv[3]);
  int poll = epoll_create1(0);
  Peer *peers = calloc((size_t)count, sizeof *peers);
  float *samples = malloc(MAX_SAMPLES * sizeof *samples);
  static char bytes[64 * 1024];
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(argv[1]))};
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  char *message = NULL;
  int size =
      is_http ? asprintf(&message, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                         argv[4])
              : atoi(argv[4]);
  if (!is_http) message = calloc(1, (size_t)size);
  int answer = is_http ? response_size(&address, message, size) : size;
  for (int i = 0; i < count; i++) {
    int s = open_connection(&address);
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
      if (peer->received < answer) continue;
      peer->received -= answer;
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
