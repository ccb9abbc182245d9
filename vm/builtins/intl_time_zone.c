// SPDX-License-Identifier: MIT
// Time zone identifiers (ECMA-402 6.5): IANA names, case-insensitive, and
// offsets such as +05:30.
#include <stdio.h>
#include <stdlib.h>

#include <unicode/ucal.h>
#include <unicode/uenum.h>

#include "vm/builtins/intl_date.h"

static bool is_letter(char c) {
  return (unsigned)((c | 0x20) - 'a') < 26;
}

static bool same_name(const char *a, const char *b) {
  for (; *a != 0 && *b != 0; a++, b++)
    if (*a != *b && !(is_letter(*a) && (*a ^ *b) == 0x20)) return false;
  return *a == *b;
}

// ICU's own names that are none of the IANA database.
static bool is_iana(const char *name) {
  static const char *const others[] = {
      "ACT", "AET", "AGT", "ART", "AST", "BET", "BST", "CAT", "CNT",
      "CST", "CTT", "EAT", "ECT", "IET", "IST", "JST", "MIT", "NET",
      "NST", "PLT", "PNT", "PRT", "PST", "SST", "VST"};
  if (strncmp(name, "SystemV/", 8) == 0 || strcmp(name, "Etc/Unknown") == 0)
    return false;
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    if (strcmp(others[i], name) == 0) return false;
  return true;
}

// The names of UTC that SystemTimeZoneIdentifier and supportedValuesOf write
// "UTC".
static void name_utc(char *zone) {
  static const char *const names[] = {"Etc/UTC",  "Etc/GMT",  "GMT",
                                      "Etc/UCT",  "UCT",      "Zulu",
                                      "Etc/Zulu", "Universal"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(names[i], zone) == 0) strcpy(zone, "UTC");
}

bool vm_intl_listed_zone(const char *locale, char *value) {
  name_utc(value);
  return is_iana(value);
}

// ±HH, ±HHMM or ±HH:MM
static bool offset_of(const char *text, char out[INTL_ZONE_SIZE]) {
  if (text[0] != '+' && text[0] != '-') return false;
  size_t length = strlen(text);
  bool has_colon = length == 6 && text[3] == ':';
  if (length != 3 && length != 5 && !has_colon) return false;
  int digits[4] = {0}, count = 0;
  for (size_t i = 1; i < length; i++) {
    if (i == 3 && has_colon) continue;
    if ((unsigned)(text[i] - '0') > 9) return false;
    digits[count++] = text[i] - '0';
  }
  int hours = digits[0] * 10 + digits[1], minutes = digits[2] * 10 + digits[3];
  if (hours > 23 || minutes > 59) return false;
  snprintf(out, INTL_ZONE_SIZE, "%c%02d:%02d",
           hours + minutes == 0 ? '+' : text[0], hours, minutes);
  return true;
}

bool vm_intl_zone(const char *text, char out[INTL_ZONE_SIZE]) {
  static _Thread_local char last[INTL_ZONE_SIZE];
  if (offset_of(text, out)) return true;
  if (last[0] != 0 && same_name(last, text)) {
    strcpy(out, last);
    return true;
  }
  UErrorCode status = U_ZERO_ERROR;
  UEnumeration *all = ucal_openTimeZones(&status);
  const char *name;
  bool found = false;
  while (!found && (name = uenum_next(all, NULL, &status)) != NULL)
    if (same_name(name, text) && is_iana(name) &&
        strlen(name) < INTL_ZONE_SIZE) {
      strcpy(out, name);
      strcpy(last, name);
      found = true;
    }
  uenum_close(all);
  return found;
}

const char *vm_intl_system_zone(void) {
  static _Thread_local char zone[INTL_ZONE_SIZE], environment[INTL_ZONE_SIZE];
  const char *tz = getenv("TZ");
  if (tz == NULL) tz = "";
  if (zone[0] != 0 && strncmp(tz, environment, sizeof environment - 1) == 0)
    return zone;
  snprintf(environment, sizeof environment, "%s", tz);
  if (tz[0] == ':') tz++;
  if (tz[0] != 0 && vm_intl_zone(tz, zone)) {
    name_utc(zone);
    return zone;
  }
  UChar name[INTL_ZONE_SIZE];
  UErrorCode status = U_ZERO_ERROR;
  int32_t length = ucal_getHostTimeZone(name, INTL_ZONE_SIZE, &status);
  char text[INTL_ZONE_SIZE] = "UTC";
  if (U_SUCCESS(status) && length < INTL_ZONE_SIZE) {
    for (int32_t i = 0; i < length; i++)
      text[i] = (char)name[i];
    text[length] = 0;
  }
  if (!vm_intl_zone(text, zone)) strcpy(zone, "UTC");
  name_utc(zone);
  return zone;
}

int32_t vm_intl_icu_zone(const char *zone, uint16_t out[INTL_ZONE_SIZE]) {
  char text[INTL_ZONE_SIZE + 4];
  int n = snprintf(text, sizeof text, "%s%s",
                   zone[0] == '+' || zone[0] == '-' ? "GMT" : "", zone);
  if (n >= INTL_ZONE_SIZE) n = INTL_ZONE_SIZE - 1;
  for (int i = 0; i < n; i++)
    out[i] = (uint8_t)text[i];
  return n;
}
