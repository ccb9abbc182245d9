// Long runs of combining marks compare in time, or not at all: also when an
// allocation fails (tests/faults).
const long = "a" + "\u0301\u0323".repeat(1 << 18);
const other = "a" + "\u0323\u0301".repeat(1 << 18);
try {
  console.log(long.localeCompare(other),
              new Intl.Collator("de").compare(long, other + "b"));
} catch (error) {
  if (!(error instanceof RangeError)) throw error; // no memory
}
