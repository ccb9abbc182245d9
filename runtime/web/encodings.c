// SPDX-License-Identifier: MIT
#include "runtime/web/encodings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucnv.h>
#include <unicode/utf16.h>

const char *const rt_encoding_names[ENCODING_COUNT] = {
#define ENCODING(name, text) text,
#include "runtime/web/encodings.def"
};

static const struct {
  const char *label;
  Encoding encoding;
} labels[] = {
#define LABEL(label, name) {label, ENCODING_##name},
#include "runtime/web/encodings.def"
};

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

Encoding rt_encoding_of_label(const char *label, size_t length) {
  while (length > 0 && is_space(label[0])) {
    label++;
    length--;
  }
  while (length > 0 && is_space(label[length - 1]))
    length--;
  if (memchr(label, 0, length) != NULL) return ENCODING_COUNT;
  size_t low = 0, high = sizeof labels / sizeof *labels;
  while (low < high) {
    size_t middle = (low + high) / 2;
    const char *known = labels[middle].label;
    int order = strncasecmp(label, known, length);
    if (order == 0) order = known[length] == 0 ? 0 : -1;
    if (order == 0) return labels[middle].encoding;
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return ENCODING_COUNT;
}

// Indexes -------------------------------------------------------------------

static uint32_t convert(UConverter *converter, const uint8_t *bytes,
                        int length) {
  UErrorCode error = U_ZERO_ERROR;
  UChar units[4], *to = units;
  const char *from = (const char *)bytes;
  ucnv_reset(converter);
  ucnv_toUnicode(converter, &to, units + 4, &from, (const char *)bytes + length,
                 NULL, true, &error);
  if (U_FAILURE(error)) return 0;
  if (to - units == 1) return units[0];
  return to - units == 2 && U16_IS_LEAD(units[0])
             ? (uint32_t)U16_GET_SUPPLEMENTARY(units[0], units[1])
             : 0;
}

static UConverter *open_converter(const char *name) {
  UErrorCode error = U_ZERO_ERROR;
  UConverter *converter = ucnv_open(name, &error);
  if (U_FAILURE(error)) return NULL;
  ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL,
                      &error);
  return converter;
}

static bool is_private(uint32_t c) {
  return c >= 0xe000 && c <= 0xf8ff;
}

// The bytes that stand for a pointer.
static int gb_bytes(uint32_t pointer, uint8_t out[3]) {
  uint32_t trail = pointer % 190;
  out[0] = (uint8_t)(pointer / 190 + 0x81);
  out[1] = (uint8_t)(trail + (trail < 0x3f ? 0x40 : 0x41));
  return 2;
}
static int big5_bytes(uint32_t pointer, uint8_t out[3]) {
  uint32_t trail = pointer % 157;
  out[0] = (uint8_t)(pointer / 157 + 0x81);
  out[1] = (uint8_t)(trail + (trail < 0x3f ? 0x40 : 0x62));
  return 2;
}
static int euc_kr_bytes(uint32_t pointer, uint8_t out[3]) {
  out[0] = (uint8_t)(pointer / 190 + 0x81);
  out[1] = (uint8_t)(pointer % 190 + 0x41);
  return 2;
}
static int shift_jis_bytes(uint32_t pointer, uint8_t out[3]) {
  uint32_t lead = pointer / 188, trail = pointer % 188;
  out[0] = (uint8_t)(lead + (lead < 0x1f ? 0x81 : 0xc1));
  out[1] = (uint8_t)(trail + (trail < 0x3f ? 0x40 : 0x41));
  return 2;
}
static int jis0212_bytes(uint32_t pointer, uint8_t out[3]) {
  out[0] = 0x8f;
  out[1] = (uint8_t)(pointer / 94 + 0xa1);
  out[2] = (uint8_t)(pointer % 94 + 0xa1);
  return 3;
}

static const struct {
  const char *converter;
  uint32_t length;
  int (*bytes)(uint32_t pointer, uint8_t out[3]);
} sources[INDEX_COUNT] = {
    [INDEX_GB18030] = {"gb18030", 23940, gb_bytes},
    [INDEX_BIG5] = {"Big5-HKSCS", 19782, big5_bytes},
    [INDEX_EUC_KR] = {"windows-949-2000", 23750, euc_kr_bytes},
    [INDEX_JIS0208] = {"ibm-943_P15A-2003", 11104, shift_jis_bytes},
    [INDEX_JIS0212] = {"euc-jp-2007", 8836, jis0212_bytes},
};

// Where the standard's index differs from ICU's converter, beside the private
// use area, which only index gb18030 has. 0: no code point.
typedef struct Correction {
  uint16_t pointer;
  uint32_t code_point;
} Correction;
static const Correction gb18030_corrections[] = {
    {6555, 0x3000},  {7182, 0xfe10},  {7183, 0xfe12},  {7184, 0xfe11},
    {7185, 0xfe13},  {7186, 0xfe14},  {7187, 0xfe15},  {7188, 0xfe16},
    {7201, 0xfe17},  {7202, 0xfe18},  {7208, 0xfe19},  {23775, 0x9fb4},
    {23783, 0x9fb5}, {23788, 0x9fb6}, {23789, 0x9fb7}, {23795, 0x9fb8},
    {23812, 0x9fb9}, {23829, 0x9fba}, {23845, 0x9fbb},
};
static const Correction jis0212_corrections[] = {
    {7708, 0}, {7709, 0}, {7710, 0}, {7711, 0}, {7712, 0}, {7713, 0}, {7714, 0},
    {7715, 0}, {7716, 0}, {7717, 0}, {7718, 0}, {7719, 0}, {7720, 0}, {7721, 0},
    {7722, 0}, {7723, 0}, {7724, 0}, {7725, 0}, {7726, 0}, {7727, 0}, {7730, 0},
};
static const Correction big5_corrections[] = {
    {1008, 0x9f97},  {1016, 0x9f96},  {1099, 0x31c0},  {1100, 0x31c1},
    {1101, 0x31c2},  {1102, 0x31c3},  {1103, 0x31c4},  {1105, 0x31c5},
    {1108, 0x31c6},  {1109, 0x31c7},  {1112, 0x31c8},  {1114, 0x31c9},
    {1115, 0x31ca},  {1116, 0x31cb},  {1117, 0x31cc},  {1119, 0x31cd},
    {1120, 0x31ce},  {1170, 0x23da},  {1171, 0x23db},  {1730, 0x9fa6},
    {1772, 0x9fa7},  {1779, 0x9fa8},  {1812, 0x9fa9},  {1814, 0x9faa},
    {1816, 0x9fab},  {1821, 0x9fac},  {1844, 0x9fad},  {1845, 0x9fae},
    {1847, 0x9faf},  {1866, 0x9fb2},  {1892, 0x9fb3},  {2082, 0x7bb8},
    {2088, 0x7c06},  {2103, 0x7cce},  {2114, 0x7dd2},  {2123, 0x7e1d},
    {2148, 0x8005},  {2151, 0x8028},  {2221, 0x83c1},  {2239, 0x84a8},
    {2244, 0x840f},  {2303, 0x89a6},  {2304, 0x89a9},  {2354, 0x8d77},
    {2400, 0x90fd},  {2413, 0x92b9},  {2477, 0x975c},  {2498, 0x97ff},
    {2605, 0x9f16},  {2673, 0x8503},  {2746, 0x5159},  {2747, 0x515b},
    {2748, 0x515d},  {2749, 0x515e},  {2771, 0x936e},  {2780, 0x7479},
    {2990, 0x6d67},  {3087, 0x799b},  {3259, 0x9097},  {3301, 0x975d},
    {3436, 0x701e},  {3451, 0x5b28},  {4136, 0x7201},  {4138, 0x77d7},
    {4141, 0x7e87},  {4182, 0x99d6},  {4206, 0x91d4},  {4220, 0x60de},
    {4230, 0x6fb6},  {4241, 0x8f36},  {4258, 0x4fbb},  {4273, 0x71df},
    {4279, 0x9104},  {4282, 0x9df0},  {4294, 0x83cf},  {4329, 0x5c10},
    {4330, 0x79e3},  {4349, 0x5a67},  {4419, 0x8f0b},  {4422, 0x7b51},
    {4494, 0x62d0},  {4624, 0x6062},  {4694, 0x75f9},  {4708, 0x6c4a},
    {4742, 0x9b2e},  {4748, 0x9f17},  {4815, 0x50ed},  {4828, 0x5f0c},
    {4902, 0x880f},  {4922, 0x62ce},  {4982, 0x7468},  {4992, 0x7162},
    {4997, 0x7250},  {5432, 0x2400},  {5433, 0x2401},  {5434, 0x2402},
    {5435, 0x2403},  {5436, 0x2404},  {5437, 0x2405},  {5438, 0x2406},
    {5439, 0x2407},  {5440, 0x2408},  {5441, 0x2409},  {5442, 0x240a},
    {5443, 0x240b},  {5444, 0x240c},  {5445, 0x240d},  {5446, 0x240e},
    {5447, 0x240f},  {5448, 0x2410},  {5449, 0x2411},  {5450, 0x2412},
    {5451, 0x2413},  {5452, 0x2414},  {5453, 0x2415},  {5454, 0x2416},
    {5455, 0x2417},  {5456, 0x2418},  {5457, 0x2419},  {5458, 0x241a},
    {5459, 0x241b},  {5460, 0x241c},  {5461, 0x241d},  {5462, 0x241e},
    {5463, 0x241f},  {5464, 0x2421},  {10942, 0x5ef4}, {10946, 0x65e0},
    {10948, 0x7676}, {10950, 0x96b6}, {10957, 0x3003}, {10958, 0x4edd},
    {11204, 0x31cf}, {11210, 0x9fb0}, {11212, 0x9fb1}, {19028, 0x5029},
    {19035, 0x507d}, {19088, 0x5305}, {19096, 0x5344}, {19112, 0x537f},
    {19162, 0x5605}, {19240, 0x5a77}, {19299, 0x5e75}, {19305, 0x5ed0},
    {19326, 0x5f58}, {19355, 0x60a4}, {19398, 0x6490}, {19439, 0x6674},
    {19454, 0x675e}, {19553, 0x6c9c}, {19554, 0x6e1d}, {19557, 0x6e2f},
    {19611, 0x716e}, {19643, 0x732a}, {19672, 0x745c}, {19697, 0x74e9},
    {19748, 0x7809},
};
#define CORRECTIONS(list)                                                      \
  { list, sizeof(list) / sizeof *(list) }
static const struct {
  const Correction *list;
  size_t count;
} corrections[INDEX_COUNT] = {
    [INDEX_GB18030] = CORRECTIONS(gb18030_corrections),
    [INDEX_BIG5] = CORRECTIONS(big5_corrections),
    [INDEX_JIS0212] = CORRECTIONS(jis0212_corrections),
};

static uint32_t *make_index(EncodingIndex which) {
  uint32_t length = sources[which].length;
  uint32_t *index = calloc(length, sizeof *index);
  UConverter *converter = open_converter(sources[which].converter);
  if (index == NULL || converter == NULL) {
    free(index);
    return NULL;
  }
  for (uint32_t i = 0; i < length; i++) {
    uint8_t bytes[3];
    int count = sources[which].bytes(i, bytes);
    uint32_t c = convert(converter, bytes, count);
    index[i] = is_private(c) && which != INDEX_GB18030 ? 0 : c;
  }
  ucnv_close(converter);
  for (size_t i = 0; i < corrections[which].count; i++) {
    const Correction *c = &corrections[which].list[i];
    index[c->pointer] = c->code_point;
  }
  return index;
}

// Keeps the table that is published first.
static void *publish(void **place, void *made) {
  void *known = NULL;
  if (made != NULL &&
      !__atomic_compare_exchange_n(place, &known, made, false, __ATOMIC_ACQ_REL,
                                   __ATOMIC_ACQUIRE)) {
    free(made);
    return known;
  }
  return made;
}

const uint32_t *rt_encoding_index(EncodingIndex which, uint32_t *length) {
  static void *indexes[INDEX_COUNT];
  *length = sources[which].length;
  void *index = __atomic_load_n(&indexes[which], __ATOMIC_ACQUIRE);
  return index != NULL ? index : publish(&indexes[which], make_index(which));
}

// One byte a character --------------------------------------------------

// ISO-8859-16 from 0xa0 on: ICU has no converter for it.
static const uint16_t iso_8859_16[96] = {
    0xa0,  0x104,  0x105, 0x141, 0x20ac, 0x201e, 0x160, 0xa7,  0x161, 0xa9,
    0x218, 0xab,   0x179, 0xad,  0x17a,  0x17b,  0xb0,  0xb1,  0x10c, 0x142,
    0x17d, 0x201d, 0xb6,  0xb7,  0x17e,  0x10d,  0x219, 0xbb,  0x152, 0x153,
    0x178, 0x17c,  0xc0,  0xc1,  0xc2,   0x102,  0xc4,  0x106, 0xc6,  0xc7,
    0xc8,  0xc9,   0xca,  0xcb,  0xcc,   0xcd,   0xce,  0xcf,  0x110, 0x143,
    0xd2,  0xd3,   0xd4,  0x150, 0xd6,   0x15a,  0x170, 0xd9,  0xda,  0xdb,
    0xdc,  0x118,  0x21a, 0xdf,  0xe0,   0xe1,   0xe2,  0x103, 0xe4,  0x107,
    0xe6,  0xe7,   0xe8,  0xe9,  0xea,   0xeb,   0xec,  0xed,  0xee,  0xef,
    0x111, 0x144,  0xf2,  0xf3,  0xf4,   0x151,  0xf6,  0x15b, 0x171, 0xf9,
    0xfa,  0xfb,   0xfc,  0x119, 0x21b,  0xff,
};

static uint16_t *make_single_byte_table(Encoding encoding) {
  uint16_t *table = malloc(128 * sizeof *table);
  if (table == NULL) return NULL;
  if (encoding == ENCODING_ISO_8859_16) {
    for (int i = 0; i < 32; i++)
      table[i] = (uint16_t)(0x80 + i);
    memcpy(table + 32, iso_8859_16, sizeof iso_8859_16);
    return table;
  }
  const char *name = encoding == ENCODING_ISO_8859_8_I
                         ? "iso-8859-8"
                         : rt_encoding_names[encoding];
  UConverter *converter = open_converter(name);
  if (converter == NULL) {
    free(table);
    return NULL;
  }
  for (int i = 0; i < 128; i++) {
    uint8_t byte = (uint8_t)(0x80 + i);
    uint32_t c = convert(converter, &byte, 1);
    bool is_apple = encoding == ENCODING_MACINTOSH; // 0xf0: its logo
    table[i] = c == 0 || (is_private(c) && !is_apple) ? 0xfffd : (uint16_t)c;
  }
  ucnv_close(converter);
  switch (encoding) {
  case ENCODING_KOI8_U:
    table[0xae - 0x80] = 0x45e;
    table[0xbe - 0x80] = 0x40e;
    break;
  case ENCODING_WINDOWS_1253:
    table[0xaa - 0x80] = 0xfffd;
    break;
  case ENCODING_WINDOWS_1255:
    table[0xca - 0x80] = 0x5ba;
    break;
  default:
    break;
  }
  return table;
}

const uint16_t *rt_single_byte_table(Encoding encoding) {
  static void *tables[ENCODING_COUNT];
  void *table = __atomic_load_n(&tables[encoding], __ATOMIC_ACQUIRE);
  return table != NULL
             ? table
             : publish(&tables[encoding], make_single_byte_table(encoding));
}

uint32_t rt_gb18030_four_bytes(const uint8_t bytes[4]) {
  // ICU has the ranges of GB 18030-2005, which differ at one place.
  static const uint8_t moved[4] = {0x81, 0x35, 0xf4, 0x37};
  if (memcmp(bytes, moved, 4) == 0) return 0xe7c7;
  UConverter *converter = open_converter("gb18030");
  if (converter == NULL) return 0;
  uint32_t c = convert(converter, bytes, 4);
  ucnv_close(converter);
  return c;
}
