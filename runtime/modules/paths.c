// SPDX-License-Identifier: MIT
// Paths of files and file: URLs.
#include "runtime/modules/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "vm/objects/hex.h"

bool rt_is_file(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

bool rt_is_directory(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool rt_has_extension(const char *path, const char *extension) {
  size_t n = strlen(path), m = strlen(extension);
  return n >= m && strcmp(path + n - m, extension) == 0;
}

bool rt_is_typescript(const char *path) {
  return rt_has_extension(path, ".ts") || rt_has_extension(path, ".mts") ||
         rt_has_extension(path, ".cts");
}

bool rt_path_join(char *out, const char *directory, const char *path) {
  char text[PATH_MAX], *end = text; // `out` may be one of the others
  if (path[0] != '/') {
    if (strlen(directory) + 1 + strlen(path) >= PATH_MAX) return false;
    end = stpcpy(stpcpy(end, directory), "/");
  } else if (strlen(path) >= PATH_MAX) {
    return false;
  }
  strcpy(end, path);
  size_t used = 0;
  for (const char *p = text; *p != 0;) {
    while (*p == '/')
      p++;
    size_t n = strcspn(p, "/");
    if (n == 0) break;
    if (n == 2 && p[0] == '.' && p[1] == '.') {
      while (used > 0 && out[--used] != '/') {
      }
    } else if (!(n == 1 && p[0] == '.')) {
      out[used++] = '/';
      memcpy(out + used, p, n);
      used += n;
    }
    p += n;
  }
  if (used == 0) out[used++] = '/';
  out[used] = 0;
  return true;
}

void rt_directory_of(char *out, const char *path) {
  const char *slash = strrchr(path, '/');
  size_t length = slash == NULL || slash == path ? 1 : (size_t)(slash - path);
  memmove(out, slash == NULL ? "." : path, length);
  out[length] = 0;
}

bool rt_is_path_specifier(const char *specifier) {
  if (specifier[0] == '/') return true;
  size_t dots = strspn(specifier, ".");
  return (dots == 1 || dots == 2) &&
         (specifier[dots] == '/' || specifier[dots] == 0);
}

size_t rt_decode_percent(char *text) {
  char *out = text;
  for (const char *p = text; *p != 0;) {
    int high = *p == '%' ? hex_value((uint8_t)p[1]) : -1;
    int low = high < 0 ? -1 : hex_value((uint8_t)p[2]);
    *out++ = low < 0 ? *p : (char)(high * 16 + low);
    p += low < 0 ? 1 : 3;
  }
  *out = 0;
  return (size_t)(out - text);
}

bool rt_decode_path(char *path) {
  bool names_a_file =
      strcasestr(path, "%2f") == NULL && strstr(path, "%00") == NULL;
  rt_decode_percent(path);
  return names_a_file;
}

char *rt_file_url(const char *path) {
  char *url = malloc(strlen(path) * 3 + sizeof "file://");
  if (url == NULL) return NULL;
  char *out = url + sprintf(url, "file://");
  for (const unsigned char *p = (const unsigned char *)path; *p != 0; p++) {
    if (*p <= ' ' || *p >= 0x7f || strchr("\"#%<>?\\^`{|}", *p) != NULL) {
      out += sprintf(out, "%%%02X", *p);
    } else {
      *out++ = (char)*p;
    }
  }
  *out = 0;
  return url;
}
