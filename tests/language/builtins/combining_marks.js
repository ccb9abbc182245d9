// Runs of combining marks of any length are put in canonical order, in time
// that is proportional to their length.
const classes = new Map([
  ["\u0301", 230], ["\u0308", 230], ["\u0323", 220], ["\u0345", 240],
  ["\u0f71", 129], ["\u0f72", 130], ["\u{1d165}", 216], ["\u093c", 7],
]);
const marks = [...classes.keys(), "\u0344", "\u0f73"];
const parts = { "\u0344": "\u0308\u0301", "\u0f73": "\u0f71\u0f72" };

function ordered(run) {
  return [...run.replace(/[\u0344\u0f73]/g, (mark) => parts[mark])]
    .sort((a, b) => classes.get(a) - classes.get(b)).join("");
}

let seed = 1;
function random(limit) {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor(seed / 65536) % limit;
}

const wrong = [];
for (const length of [3, 100, 127, 128, 129, 130, 255, 256, 1000]) {
  for (let round = 0; round < 20; round++) {
    let text = "", wanted = "";
    for (let k = random(4); k >= 0; k--) {
      const plain = ["x".repeat(random(300)) + "a", "\u0416", "\ud800", ""][random(4)];
      let run = "";
      while (run.length < length) run += marks[random(marks.length)];
      if (plain === "") {
        text += "-" + run;
        wanted += "-" + ordered(run);
      } else {
        text += plain + run + "b";
        wanted += plain + ordered(run) + "b";
      }
    }
    if (text.normalize("NFD") !== wanted) wrong.push(["NFD", length]);
    if (text.normalize("NFKD") !== wanted) wrong.push(["NFKD", length]);
    const composed = text.normalize();
    if (composed.normalize("NFD") !== wanted) wrong.push(["NFC", length]);
    if (composed !== wanted.normalize()) wrong.push(["NFC of NFD", length]);
  }
}
console.log(wrong);

const long = "a" + "\u0301\u0323".repeat(1 << 18);
console.log(long.normalize("NFD") === "a" + "\u0323".repeat(1 << 18) + "\u0301".repeat(1 << 18));
console.log(long.normalize().slice(0, 3) === "\u1ea1\u0323\u0323");
const other = "a" + "\u0323\u0301".repeat(1 << 18);
console.log(long.localeCompare(other), new Intl.Collator("de").compare(long, other + "b"));
