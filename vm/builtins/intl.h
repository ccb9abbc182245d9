// SPDX-License-Identifier: MIT
// What the files of Intl (ECMA-402) share: locales and options. The formats
// themselves are ICU's.
#ifndef RILL_VM_BUILTINS_INTL_H
#define RILL_VM_BUILTINS_INTL_H

#include <unicode/uenum.h>

#include "vm/objects/intl_object.h"
#include "vm/objects/isolate.h"

enum { INTL_TAG_SIZE = 160, INTL_TYPE_SIZE = 40 };

// CanonicalizeLocaleList (9.2.1): BCP 47 tags, without duplicates.
typedef struct IntlLocaleList {
  char (*tags)[INTL_TAG_SIZE]; // malloc'ed
  uint32_t count;
} IntlLocaleList;
// False: threw; nothing to free then.
bool vm_intl_locale_list(Isolate *, Value locales, IntlLocaleList *) VM_CHECKED;
void vm_intl_locale_list_free(IntlLocaleList *);

// A Unicode extension key that a constructor knows.
typedef struct IntlKey {
  char key[3];
  // From the options; "": none given. Lower case.
  char option[INTL_TYPE_SIZE];
  // Whether the locale has data for this value; the value may be replaced by
  // its canonical form.
  bool (*is_supported)(const char *locale, char *value);
  char value[INTL_TYPE_SIZE]; // resolved; "": the locale's default
} IntlKey;

typedef struct IntlLocale {
  char tag[INTL_TAG_SIZE];      // [[Locale]], for resolvedOptions
  char base[INTL_TAG_SIZE];     // [[DataLocale]]: without extensions
  char icu[INTL_TAG_SIZE + 64]; // what ICU is asked for, keywords included
} IntlLocale;
// ResolveLocale (9.2.6); `keys` gets its values. Frees the list.
void vm_intl_resolve_locale(IntlLocaleList *, IntlKey *keys, unsigned count,
                            IntlLocale *out);
// No locale and no options, in an environment that means en-US: what it gives
// is known without asking ICU.
bool vm_intl_is_plain_english(Value locales, Value options);
// IsStructurallyValidLanguageTag and CanonicalizeUnicodeLocaleId (6.2).
// False: not valid, or longer than INTL_TAG_SIZE.
bool vm_intl_canonical_tag(const char *tag, size_t length,
                           char out[INTL_TAG_SIZE]);
// The length of the part before the first extension.
size_t vm_intl_base_length(const char *tag);
// The value of a key in the tag's Unicode extension; one that is left out is
// "true". False: no such key.
bool vm_intl_extension_value(const char *tag, const char *key,
                             char out[INTL_TYPE_SIZE]);
// The tag of an Intl.Locale. NULL: the value is none.
const char *vm_intl_locale_tag(Value);
// type = 1*("-" 3-8 alphanumerals): a value of a Unicode extension key.
bool vm_intl_is_type(const char *text);

// Intl.X.supportedLocalesOf ( locales [ , options ] )
Value vm_intl_supported_locales_of(Isolate *, const NativeCall *);
// Intl.getCanonicalLocales ( locales )
Value vm_intl_get_canonical_locales(Isolate *, const NativeCall *);

// GetOptionsObject (9.2.10; *out NULL: undefined) or, with `coerce`,
// CoerceOptionsToObject.
bool vm_intl_options(Isolate *, Value options, bool coerce,
                     Object **out) VM_CHECKED;
// GetOption of a string out of `choices` (NULL at the end): its index, or
// `fallback` if it is undefined.
bool vm_intl_choice(Isolate *, Object *options, const char *name,
                    const char *const *choices, int fallback,
                    int *out) VM_CHECKED;
// Any string, in UTF-8; what does not fit is not valid: RangeError. TRI: given.
Tri vm_intl_text_option(Isolate *, Object *options, const char *name, char *out,
                        size_t size) VM_CHECKED;
// A type of a Unicode extension key ("calendar"), lower-cased; "" if undefined.
bool vm_intl_type_option(Isolate *, Object *options, const char *name,
                         char out[INTL_TYPE_SIZE]) VM_CHECKED;
// GetOption of a boolean; `fallback` if it is undefined.
bool vm_intl_boolean_option(Isolate *, Object *options, const char *name,
                            int fallback, int *out) VM_CHECKED;
// GetNumberOption, DefaultNumberOption.
bool vm_intl_number_option(Isolate *, Object *options, const char *name,
                           int minimum, int maximum, int fallback,
                           int *out) VM_CHECKED;
bool vm_intl_default_number(Isolate *, Value, const char *name, int minimum,
                            int maximum, int fallback, int *out) VM_CHECKED;
// Reads and checks localeMatcher, which changes nothing here.
bool vm_intl_locale_matcher(Isolate *, Object *options) VM_CHECKED;

// Results.
Value vm_intl_throw_icu(Isolate *, int status); // a RangeError
Value vm_intl_text(Isolate *, const uint16_t *units, int32_t length);
bool vm_intl_put_text(Isolate *, Object *, const char *name, const char *text);
void vm_intl_put(Isolate *, Object *, const char *name, Value);

// One part of formatToParts; those of formatRangeToParts all have a `source`.
typedef struct IntlPart {
  const char *type;
  int32_t start, end;
  const char *source;
} IntlPart;
// What an ICU enumeration gives and `accepts` (NULL: all) keeps, perhaps in
// another form: a sorted array without duplicates. Closes the enumeration.
Value vm_intl_sorted_values(Isolate *, UEnumeration *,
                            bool (*accepts)(const char *locale, char *value));
// Spans that ICU names, as parts: inner spans win over those around them, and
// what no span covers becomes "literal". `spans` is reordered.
Value vm_intl_parts(Isolate *, const uint16_t *units, int32_t length,
                    IntlPart *spans, uint32_t count, const char *unit);

// How the objects of a constructor are made.
typedef struct IntlClass {
  const char *name; // "Collator"
  IntlType type;
  int prototype; // intrinsic
  size_t data_bytes;
  size_t external_bytes; // what ICU allocates for one, roughly
  bool coerces_options;  // CoerceOptionsToObject, not GetOptionsObject
  bool needs_new;
  // Fills zeroed data from the options (NULL: undefined); frees the list.
  // False: threw; `close` frees what is there.
  bool (*read)(Isolate *, IntlLocaleList *, Object *options, void *data);
  void (*close)(void *data); // `data` itself included
} IntlClass;
// new_target undefined: of the class itself. NULL: threw.
IntlObject *vm_intl_construct(Isolate *, const IntlClass *, Value new_target,
                              Value locales, Value options) VM_CHECKED;
// The constructor as script calls it.
Value vm_intl_constructor(Isolate *, const NativeCall *, const IntlClass *);

// The object that a toLocale method or localeCompare last made for these
// locales, if they are a string or undefined and there are no options: loops
// ask for the same again. `kept`: where the realm keeps it. NULL: make one.
IntlObject *vm_intl_kept(Isolate *, Object **kept, Value locales,
                         Value options);
// Keeps it, under the same conditions.
void vm_intl_keep(Isolate *, Object **kept, IntlObject *, Value locales,
                  Value options);

// The receiver of a method. NULL: threw.
IntlObject *vm_intl_this(Isolate *, Value, IntlType,
                         const char *method) VM_CHECKED;
// The function that `format` or `compare` gives: made once, slot 0 the object.
Value vm_intl_bound(Isolate *, IntlObject *, NativeCode, uint16_t length);
// Units of a string for ICU; *owned is to be freed (NULL: none).
const uint16_t *vm_intl_units(Isolate *, String *, uint32_t *length,
                              uint16_t **owned) VM_CHECKED;

// The constructors.
void vm_init_intl_collator(Isolate *, Realm *, Object *intl);
void vm_init_intl_date_time_format(Isolate *, Realm *, Object *intl);
void vm_init_intl_display_names(Isolate *, Realm *, Object *intl);
void vm_init_intl_list_format(Isolate *, Realm *, Object *intl);
void vm_init_intl_locale(Isolate *, Realm *, Object *intl);
void vm_init_intl_number_format(Isolate *, Realm *, Object *intl);
void vm_init_intl_plural_rules(Isolate *, Realm *, Object *intl);
void vm_init_intl_relative_time_format(Isolate *, Realm *, Object *intl);
void vm_init_intl_segmenter(Isolate *, Realm *, Object *intl);
// A constructor that is a property of Intl, with supportedLocalesOf; its
// prototype becomes the intrinsic.
void vm_intl_define(Isolate *, Realm *, Object *intl, const char *name,
                    NativeCode, uint16_t length, int prototype_intrinsic,
                    const Builtin *methods, uint32_t count);

#endif
