// SPDX-License-Identifier: MIT
#ifndef RILL_RUNTIME_IO_HTTP_SERVER_H
#define RILL_RUNTIME_IO_HTTP_SERVER_H

#include "runtime/io/net_handle.h"

void http_close(Runtime *);
void http_free(Runtime *);

#endif
