// SPDX-License-Identifier: MIT
// A plain echo server on libuv, to measure scripts against: echo PORT
#include <stdlib.h>
#include <string.h>

#include <uv.h>

static char buffer[64 * 1024];

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
  *out = uv_buf_init(buffer, sizeof buffer);
}

static void on_closed(uv_handle_t *handle) {
  free(handle);
}

static void on_written(uv_write_t *request, int status) {
  free(request);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *bytes) {
  if (count < 0) uv_close((uv_handle_t *)stream, on_closed);
  if (count <= 0) return;
  uv_write_t *request = malloc(sizeof *request + (size_t)count);
  if (request == NULL) abort();
  memcpy(request + 1, bytes->base, (size_t)count);
  uv_buf_t out = uv_buf_init((char *)(request + 1), (unsigned)count);
  uv_write(request, stream, &out, 1, on_written);
}

static void on_connection(uv_stream_t *listener, int status) {
  uv_tcp_t *peer = malloc(sizeof *peer);
  if (peer == NULL) abort();
  uv_tcp_init(listener->loop, peer);
  if (status != 0 || uv_accept(listener, (uv_stream_t *)peer) != 0) {
    uv_close((uv_handle_t *)peer, on_closed);
    return;
  }
  uv_tcp_nodelay(peer, 1);
  uv_read_start((uv_stream_t *)peer, on_allocate, on_read);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  uv_loop_t *loop = uv_default_loop();
  uv_tcp_t listener;
  struct sockaddr_in address;
  uv_tcp_init(loop, &listener);
  uv_ip4_addr("127.0.0.1", atoi(argv[1]), &address);
  if (uv_tcp_bind(&listener, (struct sockaddr *)&address, 0) != 0 ||
      uv_listen((uv_stream_t *)&listener, 511, on_connection) != 0)
    return 1;
  return uv_run(loop, UV_RUN_DEFAULT);
}
