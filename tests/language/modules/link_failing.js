// A module with top-level await whose functions there is no memory for is not
// evaluated: the import fails (tests/faults/test_allocations.py).
let text = "";
for (let i = 0; i < 3000; i++) text += `function f${i}() {}`;
text += "export default 5; await 0;";
try {
  console.log((await import("data:text/javascript," + text)).default);
} catch (error) {
  console.log(error.name);
}
