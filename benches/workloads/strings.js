// Strings: concatenation, slicing, search, templates, split and join.
function run() {
  let text = "";
  for (let i = 0; i < 20000; i++) text += String.fromCharCode(97 + i % 26);
  let count = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === 101) count++;
  const words = text.replace(/[aeiou]/g, " ").split(" ");
  const joined = words.map((w) => `<${w.toUpperCase()}>`).join(",");
  for (let i = 0; i < 5000; i++) count += joined.indexOf("<XYZ>", i) & 1;
  return count + joined.slice(10, -10).length;
}
if (typeof bench === "function") bench("strings", run);
else for (let i = 0; i < 40; i++) run();
