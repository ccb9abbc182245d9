#include "runtime/io/http_server.h"
void http_close(Runtime *rt) {}
void http_free(Runtime *rt) {}
