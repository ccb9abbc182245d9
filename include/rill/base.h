/* SPDX-License-Identifier: MIT */
/*
 * What every public header needs: visibility, C linkage, status codes.
 */
#ifndef RILL_BASE_H
#define RILL_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
/* What librill exports. */
#define RILL_API __attribute__((visibility("default")))
#else
#define RILL_API
#endif

#ifdef __cplusplus
#define RILL_BEGIN_DECLARATIONS extern "C" {
#define RILL_END_DECLARATIONS }
#else
#define RILL_BEGIN_DECLARATIONS /* C linkage, in C++, from here on */
#define RILL_END_DECLARATIONS   /* the end of RILL_BEGIN_DECLARATIONS */
#endif

RILL_BEGIN_DECLARATIONS

/* A global object, its heap and its event loop (rill.h). */
typedef struct rill_isolate rill_isolate;
/* A handle of a value of an isolate; it belongs to the scope that it was made
 * in. */
typedef struct rill_handle *rill_value;
/* A value that is kept beyond its scope (rill_keep). */
typedef struct rill_kept rill_kept;

#define RILL_TEXT_END SIZE_MAX /* a length: up to the terminating 0 */

/* How an operation of the executor or of a synchronization primitive ended. */
typedef enum rill_status {
  RILL_OK,          /* done */
  RILL_WOULD_BLOCK, /* a try_ function: not now */
  RILL_CLOSED,      /* the other side is gone, or it was closed */
  RILL_LAGGED,      /* a broadcast receiver was overtaken */
  RILL_TIMED_OUT,   /* the time limit of the call has passed */
  RILL_CANCELLED,   /* the task was aborted */
  RILL_FAILED,      /* the task called rill_task_fail */
  RILL_SHUT_DOWN,   /* the executor takes no more */
  RILL_DEADLOCK,    /* a simulation in which nothing can go on */
  RILL_INVALID,     /* the API was misused: arguments, wrong thread */
  RILL_NO_MEMORY    /* or another resource: threads, descriptors */
} rill_status;
/* "OK", "WOULD_BLOCK", ... Any thread. The string is static. */
RILL_API const char *rill_status_name(rill_status);

RILL_END_DECLARATIONS
#endif
