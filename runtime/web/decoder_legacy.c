// SPDX-License-Identifier: MIT
// The decoders of many bytes a character (Encoding 10 to 13), a byte at a time.
// What the standard calls restoring bytes is feeding them again.
#include "runtime/web/decoder.h"

static bool in_range(int byte, int low, int high) {
  return byte >= low && byte <= high;
}
static bool is_ascii(int byte) {
  return in_range(byte, 0, 0x7f);
}

// Appends the code point at a pointer; false: there is none.
static bool append_indexed(StringBuilder *out, EncodingIndex which,
                           uint32_t pointer, bool *out_of_memory) {
  uint32_t length;
  const uint32_t *index = rt_encoding_index(which, &length);
  if (index == NULL) {
    *out_of_memory = true;
    return true;
  }
  if (pointer >= length || index[pointer] == 0) return false;
  vm_builder_append_code_point(out, index[pointer]);
  return true;
}

// 10.2.1
static bool step_gb18030(Decoder *d, StringBuilder *out, int byte) {
  uint8_t first = d->first, second = d->second, third = d->third;
  bool out_of_memory = false;
  if (byte == DECODER_END) {
    if (first != 0) decoder_error(d, out);
    d->first = d->second = d->third = 0;
    return true;
  }
  if (third != 0) {
    d->first = d->second = d->third = 0;
    if (in_range(byte, 0x30, 0x39)) {
      uint8_t bytes[] = {first, second, third, (uint8_t)byte};
      uint32_t c = rt_gb18030_four_bytes(bytes);
      if (c == 0) {
        decoder_error(d, out);
      } else {
        vm_builder_append_code_point(out, c);
      }
      return true;
    }
    decoder_error(d, out);
    return step_gb18030(d, out, second) && step_gb18030(d, out, third) &&
           step_gb18030(d, out, byte);
  }
  if (second != 0) {
    if (in_range(byte, 0x81, 0xfe)) {
      d->third = (uint8_t)byte;
      return true;
    }
    d->first = d->second = 0;
    decoder_error(d, out);
    return step_gb18030(d, out, second) && step_gb18030(d, out, byte);
  }
  if (first != 0) {
    if (in_range(byte, 0x30, 0x39)) {
      d->second = (uint8_t)byte;
      return true;
    }
    d->first = 0;
    if (in_range(byte, 0x40, 0x7e) || in_range(byte, 0x80, 0xfe)) {
      uint32_t pointer =
          (uint32_t)((first - 0x81) * 190 + byte - (byte < 0x7f ? 0x40 : 0x41));
      if (append_indexed(out, INDEX_GB18030, pointer, &out_of_memory)) {
        return !out_of_memory;
      }
    }
    decoder_error(d, out);
    if (is_ascii(byte)) vm_builder_append_unit(out, (uint16_t)byte);
    return true;
  }
  if (is_ascii(byte)) {
    vm_builder_append_unit(out, (uint16_t)byte);
  } else if (byte == 0x80) {
    vm_builder_append_unit(out, 0x20ac);
  } else if (byte == 0xff) {
    decoder_error(d, out);
  } else {
    d->first = (uint8_t)byte;
  }
  return true;
}

// Pointers that stand for two code points.
static const uint16_t *big5_pair(uint32_t pointer) {
  static const uint16_t pairs[][2] = {
      {0xca, 0x304}, {0xca, 0x30c}, {0xea, 0x304}, {0xea, 0x30c}};
  switch (pointer) {
  case 1133:
    return pairs[0];
  case 1135:
    return pairs[1];
  case 1164:
    return pairs[2];
  case 1166:
    return pairs[3];
  default:
    return NULL;
  }
}

// 11.1.1
static bool step_big5(Decoder *d, StringBuilder *out, int byte) {
  uint8_t lead = d->first;
  bool out_of_memory = false;
  d->first = 0;
  if (byte == DECODER_END) {
    if (lead != 0) decoder_error(d, out);
  } else if (lead != 0) {
    if (in_range(byte, 0x40, 0x7e) || in_range(byte, 0xa1, 0xfe)) {
      uint32_t pointer =
          (uint32_t)((lead - 0x81) * 157 + byte - (byte < 0x7f ? 0x40 : 0x62));
      const uint16_t *pair = big5_pair(pointer);
      if (pair != NULL) {
        vm_builder_append_utf16(out, pair, 2);
        return true;
      }
      if (append_indexed(out, INDEX_BIG5, pointer, &out_of_memory)) {
        return !out_of_memory;
      }
    }
    decoder_error(d, out);
    if (is_ascii(byte)) vm_builder_append_unit(out, (uint16_t)byte);
  } else if (is_ascii(byte)) {
    vm_builder_append_unit(out, (uint16_t)byte);
  } else if (in_range(byte, 0x81, 0xfe)) {
    d->first = (uint8_t)byte;
  } else {
    decoder_error(d, out);
  }
  return true;
}

// 12.1.1
static bool step_euc_jp(Decoder *d, StringBuilder *out, int byte) {
  uint8_t lead = d->first;
  bool out_of_memory = false;
  d->first = 0;
  if (byte == DECODER_END) {
    if (lead != 0) decoder_error(d, out);
    d->is_jis0212 = false;
  } else if (lead == 0x8e && in_range(byte, 0xa1, 0xdf)) {
    vm_builder_append_unit(out, (uint16_t)(0xff61 - 0xa1 + byte));
  } else if (lead == 0x8f && in_range(byte, 0xa1, 0xfe)) {
    d->is_jis0212 = true;
    d->first = (uint8_t)byte;
  } else if (lead != 0) {
    EncodingIndex index = d->is_jis0212 ? INDEX_JIS0212 : INDEX_JIS0208;
    d->is_jis0212 = false;
    if (in_range(lead, 0xa1, 0xfe) && in_range(byte, 0xa1, 0xfe) &&
        append_indexed(out, index, (uint32_t)((lead - 0xa1) * 94 + byte - 0xa1),
                       &out_of_memory)) {
      return !out_of_memory;
    }
    decoder_error(d, out);
    if (is_ascii(byte)) vm_builder_append_unit(out, (uint16_t)byte);
  } else if (is_ascii(byte)) {
    vm_builder_append_unit(out, (uint16_t)byte);
  } else if (byte == 0x8e || byte == 0x8f || in_range(byte, 0xa1, 0xfe)) {
    d->first = (uint8_t)byte;
  } else {
    decoder_error(d, out);
  }
  return true;
}

// 12.2.1
enum {
  JP_ASCII,
  JP_ROMAN,
  JP_KATAKANA,
  JP_LEAD,
  JP_TRAIL,
  JP_ESCAPE_START,
  JP_ESCAPE
};

static bool step_iso_2022_jp(Decoder *d, StringBuilder *out, int byte) {
  bool out_of_memory = false;
  switch (d->state) {
  case JP_ASCII:
  case JP_ROMAN:
    if (byte == 0x1b) {
      d->state = JP_ESCAPE_START;
      return true;
    }
    if (byte == DECODER_END) return true;
    d->output = false;
    if (!is_ascii(byte) || byte == 0x0e || byte == 0x0f) {
      decoder_error(d, out);
    } else if (d->state == JP_ROMAN && byte == 0x5c) {
      vm_builder_append_unit(out, 0xa5);
    } else if (d->state == JP_ROMAN && byte == 0x7e) {
      vm_builder_append_unit(out, 0x203e);
    } else {
      vm_builder_append_unit(out, (uint16_t)byte);
    }
    return true;
  case JP_KATAKANA:
    if (byte == 0x1b) {
      d->state = JP_ESCAPE_START;
      return true;
    }
    if (byte == DECODER_END) return true;
    d->output = false;
    if (in_range(byte, 0x21, 0x5f)) {
      vm_builder_append_unit(out, (uint16_t)(0xff61 - 0x21 + byte));
    } else {
      decoder_error(d, out);
    }
    return true;
  case JP_LEAD:
    if (byte == 0x1b) {
      d->state = JP_ESCAPE_START;
      return true;
    }
    if (byte == DECODER_END) return true;
    d->output = false;
    if (in_range(byte, 0x21, 0x7e)) {
      d->first = (uint8_t)byte;
      d->state = JP_TRAIL;
    } else {
      decoder_error(d, out);
    }
    return true;
  case JP_TRAIL:
    if (byte == 0x1b) {
      d->state = JP_ESCAPE_START;
      decoder_error(d, out);
      return true;
    }
    d->state = JP_LEAD;
    if (in_range(byte, 0x21, 0x7e) &&
        append_indexed(out, INDEX_JIS0208,
                       (uint32_t)((d->first - 0x21) * 94 + byte - 0x21),
                       &out_of_memory)) {
      return !out_of_memory;
    }
    decoder_error(d, out);
    return true;
  case JP_ESCAPE_START:
    if (byte == 0x24 || byte == 0x28) {
      d->first = (uint8_t)byte;
      d->state = JP_ESCAPE;
      return true;
    }
    d->output = false;
    d->state = d->output_state;
    decoder_error(d, out);
    return step_iso_2022_jp(d, out, byte);
  default: {
    uint8_t lead = d->first;
    d->first = 0;
    int state = lead == 0x28 && byte == 0x42                     ? JP_ASCII
                : lead == 0x28 && byte == 0x4a                   ? JP_ROMAN
                : lead == 0x28 && byte == 0x49                   ? JP_KATAKANA
                : lead == 0x24 && (byte == 0x40 || byte == 0x42) ? JP_LEAD
                                                                 : -1;
    if (state >= 0) {
      bool had_output = d->output;
      d->state = d->output_state = (uint8_t)state;
      d->output = true;
      if (had_output) decoder_error(d, out);
      return true;
    }
    d->output = false;
    d->state = d->output_state;
    decoder_error(d, out);
    return step_iso_2022_jp(d, out, lead) && step_iso_2022_jp(d, out, byte);
  }
  }
}

// 12.3.1
static bool step_shift_jis(Decoder *d, StringBuilder *out, int byte) {
  uint8_t lead = d->first;
  bool out_of_memory = false;
  d->first = 0;
  if (byte == DECODER_END) {
    if (lead != 0) decoder_error(d, out);
  } else if (lead != 0) {
    if (in_range(byte, 0x40, 0x7e) || in_range(byte, 0x80, 0xfc)) {
      uint32_t pointer = (uint32_t)((lead - (lead < 0xa0 ? 0x81 : 0xc1)) * 188 +
                                    byte - (byte < 0x7f ? 0x40 : 0x41));
      if (pointer >= 8836 && pointer <= 10715) {
        vm_builder_append_unit(out, (uint16_t)(0xe000 - 8836 + pointer));
        return true;
      }
      if (append_indexed(out, INDEX_JIS0208, pointer, &out_of_memory)) {
        return !out_of_memory;
      }
    }
    decoder_error(d, out);
    if (is_ascii(byte)) vm_builder_append_unit(out, (uint16_t)byte);
  } else if (is_ascii(byte) || byte == 0x80) {
    vm_builder_append_unit(out, (uint16_t)byte);
  } else if (in_range(byte, 0xa1, 0xdf)) {
    vm_builder_append_unit(out, (uint16_t)(0xff61 - 0xa1 + byte));
  } else if (in_range(byte, 0x81, 0x9f) || in_range(byte, 0xe0, 0xfc)) {
    d->first = (uint8_t)byte;
  } else {
    decoder_error(d, out);
  }
  return true;
}

// 13.1.1
static bool step_euc_kr(Decoder *d, StringBuilder *out, int byte) {
  uint8_t lead = d->first;
  bool out_of_memory = false;
  d->first = 0;
  if (byte == DECODER_END) {
    if (lead != 0) decoder_error(d, out);
  } else if (lead != 0) {
    if (in_range(byte, 0x41, 0xfe) &&
        append_indexed(out, INDEX_EUC_KR,
                       (uint32_t)((lead - 0x81) * 190 + byte - 0x41),
                       &out_of_memory)) {
      return !out_of_memory;
    }
    decoder_error(d, out);
    if (is_ascii(byte)) vm_builder_append_unit(out, (uint16_t)byte);
  } else if (is_ascii(byte)) {
    vm_builder_append_unit(out, (uint16_t)byte);
  } else if (in_range(byte, 0x81, 0xfe)) {
    d->first = (uint8_t)byte;
  } else {
    decoder_error(d, out);
  }
  return true;
}

bool rt_decoder_step(Decoder *d, StringBuilder *out, int byte) {
  switch (d->encoding) {
  case ENCODING_GBK:
  case ENCODING_GB18030:
    return step_gb18030(d, out, byte);
  case ENCODING_BIG5:
    return step_big5(d, out, byte);
  case ENCODING_EUC_JP:
    return step_euc_jp(d, out, byte);
  case ENCODING_ISO_2022_JP:
    return step_iso_2022_jp(d, out, byte);
  case ENCODING_SHIFT_JIS:
    return step_shift_jis(d, out, byte);
  default:
    return step_euc_kr(d, out, byte);
  }
}
