// What a match that takes long needs to end at all. Allocations of this fail one
// by one (tests/meson.build): without that memory the match throws.
console.log(/(a+)+$/.test("a".repeat(60) + "b"));
