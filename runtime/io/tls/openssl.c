// SPDX-License-Identifier: MIT
#include "runtime/io/tls/openssl.h"

#include <dlfcn.h>
#include <pthread.h>

OpenSsl openssl;

static bool is_loaded;
static void load(void) {
  void *library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return;
#define F(name)                                                                \
  openssl.name = (__typeof__(openssl.name))dlsym(library, #name);              \
  if (openssl.name == NULL) return;
  CRYPTO_FUNCTIONS(F)
  library = dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return;
  SSL_FUNCTIONS(F)
#undef F
  // Other threads may still be using it when the process ends.
  is_loaded = openssl.OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL) == 1;
}

bool tls_load(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return is_loaded;
}
