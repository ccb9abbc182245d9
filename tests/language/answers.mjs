// For the scan of failing allocations (tests/faults/test_allocations.py): what a
// function gives twice is the same, unless it says that memory was lacking.
const isMemory = (error) =>
  error?.message === "Out of memory" ||
  error?.message === "Array buffer allocation failed" || error?.code === "ENOMEM" ||
  (error?.cause !== undefined && isMemory(error.cause));

// Prints each answer, of functions that give JSON.
export async function answers(uses) {
  for (const [name, use] of Object.entries(uses)) {
    const found = [];
    for (let i = 0; i < 2; i++) {
      try {
        found.push(JSON.stringify(await use()));
      } catch (error) {
        if (!isMemory(error)) found.push(`${error}`);
      }
    }
    if (found.length === 2 && found[0] !== found[1]) {
      console.error(`${name} gave`, found);
      process.abort(); // so that the scan sees it
    }
    console.log(name, found[0]);
  }
}
